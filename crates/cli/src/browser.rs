//! `coda init --browser`: a log-in at the provider of one's institution, in the browser on this machine.
//!
//! The provider sends the browser back to a port of this machine, on which the program waits (RFC 8252, 7.3). Any page and any program
//! here can call there too, so that nothing counts that comes without the state of this log-in.

use std::{collections::BTreeMap, net::Ipv4Addr, time::Duration};

use anyhow::{Context as _, bail, ensure};
use coda_client::{AtProvider, Callback, Front, Session};
use coda_model::{
    UserId,
    plain::{is_plain, plain},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};

/// The hub waits no longer.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long one connection may take to say what it wants. A browser opens some that say nothing.
const TURN: Duration = Duration::from_secs(10);
/// More bytes than the head of any request has.
const LARGEST: usize = 16 * 1024;
const CONNECTIONS: usize = 32;
/// Longest words of a provider on the terminal, in characters.
const WORDS: usize = 200;

/// What somebody who connects has to say.
#[derive(Debug)]
enum Visit {
    /// The browser is back.
    Back(Callback),
    /// The provider let nobody in; its word for that.
    Refused(String),
    /// Something else: the browser's wish for an icon, or a stranger.
    Other,
}

pub(crate) async fn log_in(front: &Front, user: &UserId) -> anyhow::Result<Session> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.context("no port of this machine can be opened for the browser to come back to")?;
    let redirect = format!("http://{}/", listener.local_addr()?);
    let AtProvider { url, state } = front.begin_with_provider(user.as_str(), &redirect).await?;
    ensure!(
        url.starts_with("https://") && is_plain(&url),
        "the hub answered with an address that no browser should open"
    );
    eprintln!("open this address in a browser on this machine, and log in there:\n\n{url}\n");
    let returned = timeout(PATIENCE, wait(&listener, &state)).await;
    let callback = returned.context("the browser did not come back within ten minutes; run coda init again")??;
    Ok(front.finish_with_provider(callback).await?)
}

/// Waits for the browser that comes back with this state.
async fn wait(listener: &TcpListener, state: &str) -> anyhow::Result<Callback> {
    let mut visits = JoinSet::new();
    loop {
        let visit = tokio::select! {
            accepted = listener.accept(), if visits.len() < CONNECTIONS => {
                if let Ok((stream, _)) = accepted {
                    let state = state.to_owned();
                    visits.spawn(async move { timeout(TURN, receive(stream, &state)).await });
                }
                continue;
            }
            Some(visit) = visits.join_next() => visit,
        };
        // One that was too slow, broke off or wanted something else is none.
        match visit {
            Ok(Ok(Ok(Visit::Back(callback)))) => return Ok(callback),
            Ok(Ok(Ok(Visit::Refused(why)))) => bail!("your institution's provider has not let you in: {why}"),
            _ => {}
        }
    }
}

async fn receive(mut stream: TcpStream, state: &str) -> std::io::Result<Visit> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LARGEST {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let visit = Visit::of(&String::from_utf8_lossy(&head), state);
    let (status, text) = match &visit {
        Visit::Back(_) => ("200 OK", "You may close this window; coda goes on in the terminal.\n"),
        Visit::Refused(_) => ("200 OK", "You were not logged in; the terminal says why.\n"),
        Visit::Other => ("404 Not Found", "There is nothing here.\n"),
    };
    let length = text.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{text}"
    );
    // Whether the browser shows it or not.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    Ok(visit)
}

impl Visit {
    /// Reads the first line of a request: `GET /?code=…&state=…&iss=… HTTP/1.1` (RFC 6749, 4.1.2).
    fn of(head: &str, state: &str) -> Self {
        let mut words = head.lines().next().unwrap_or_default().split(' ');
        let (Some("GET"), Some(target)) = (words.next(), words.next()) else { return Self::Other };
        let Some(mut values) = target.strip_prefix("/?").and_then(values) else { return Self::Other };
        if values.remove("state").as_deref() != Some(state) {
            return Self::Other;
        }
        let (code, iss) = (values.remove("code"), values.remove("iss").unwrap_or_default());
        match (code, values.remove("error")) {
            (Some(code), None) => Self::Back(Callback { state: state.to_owned(), code, iss }),
            (None, Some(error)) => {
                let more = values.remove("error_description").map(|more| format!(" ({more})")).unwrap_or_default();
                Self::Refused(plain(&format!("{error}{more}"), WORDS))
            }
            _ => Self::Other,
        }
    }
}

/// The values of a query; none when a name stands there twice, which leaves it open which value counts.
fn values(query: &str) -> Option<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if values.insert(decoded(name)?, decoded(value)?).is_some() {
            return None;
        }
    }
    Some(values)
}

/// A value of a form (WHATWG URL, application/x-www-form-urlencoded).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "0123abcd";

    fn visit(target: &str) -> String {
        match Visit::of(&format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), STATE) {
            Visit::Back(Callback { state, code, iss }) => format!("{state} {code} {iss}"),
            Visit::Refused(why) => format!("refused: {why}"),
            Visit::Other => "other".to_owned(),
        }
    }

    #[test]
    fn what_comes_with_the_state_is_read_and_nothing_else() {
        let back = "/?code=a%2Bb+c&state=0123abcd&iss=https%3A%2F%2Fidp.example";
        assert_eq!(visit(back), "0123abcd a+b c https://idp.example");
        assert_eq!(visit("/?state=0123abcd&code=x"), "0123abcd x ");
        let refused = "/?error=access_denied&error_description=No%1b%5B2J&state=0123abcd";
        assert_eq!(visit(refused), "refused: access_denied (No[2J)");
        for other in [
            "/favicon.ico",
            "/",
            "/?code=x",
            "/?code=x&state=",
            "/?code=x&state=0123abce",
            "/?code=x&state=0123abcd&state=0123abcd",
            "/?code=x&code=y&state=0123abcd",
            "/?state=0123abcd",
            "/?error=x&code=y&state=0123abcd",
            "/?error=x&state=other",
            "/?code=%ff&state=0123abcd",
            "/?code=%4&state=0123abcd",
            "/elsewhere?code=x&state=0123abcd",
        ] {
            assert_eq!(visit(other), "other", "{other}");
        }
        assert!(matches!(Visit::of("POST /?code=x&state=0123abcd HTTP/1.1\r\n\r\n", STATE), Visit::Other));
        assert!(matches!(Visit::of("", STATE), Visit::Other));
    }

    #[tokio::test]
    async fn the_browser_is_heard_among_others_that_say_nothing_or_something_else() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let waiting = tokio::spawn(async move { wait(&listener, STATE).await });
        let say = async |text: &str| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let _silent = TcpStream::connect(address).await.unwrap();
        drop(TcpStream::connect(address).await.unwrap());
        assert!(say("GET /favicon.ico HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
        assert!(say("GET /?code=x&state=guessed HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 404"));
        let answer = say("GET /?code=mine&state=0123abcd HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("no-store"));
        assert_eq!(waiting.await.unwrap().unwrap().code, "mine");
    }

    #[tokio::test]
    async fn a_provider_that_refuses_is_quoted() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        stream.write_all(b"GET /?error=access_denied&state=0123abcd HTTP/1.1\r\n\r\n").await.unwrap();
        let error = wait(&listener, STATE).await.unwrap_err().to_string();
        assert_eq!(error, "your institution's provider has not let you in: access_denied");
    }
}
