//! A mail server on loopback that keeps what it is given (SMTP, RFC 5321): where the demo and the tests read their codes. It speaks
//! no TLS, asks nobody who they are, and delivers nothing.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The longest line and the largest message, in bytes.
const LINE: u64 = 4_096;
const MESSAGE: usize = 1 << 20;

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// To whom, as the envelope says.
    pub to: Vec<String>,
    /// Header and text, as they came.
    pub text: String,
}

/// The server. It stops when it is dropped.
#[derive(Debug)]
pub struct Postbox {
    address: SocketAddr,
    messages: watch::Receiver<Vec<Message>>,
    task: tokio::task::JoinHandle<()>,
}

impl Postbox {
    /// Starts on a port of the system's choice.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let (keep, messages) = watch::channel(Vec::new());
        let keep = Arc::new(keep);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let keep = keep.clone();
                // A client that breaks off has sent nothing.
                tokio::spawn(async move { talk(stream, &keep).await.ok() });
            }
        });
        Ok(Self { address, messages, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything that came so far.
    pub fn messages(&self) -> Vec<Message> {
        self.messages.borrow().clone()
    }

    /// The messages to somebody, once there are so many of them; those that there are where they do not come within half a minute.
    pub async fn to(&self, user: &str, number: usize) -> Vec<Message> {
        let own = |messages: &[Message]| -> Vec<Message> {
            messages.iter().filter(|message| message.to.iter().any(|to| to == user)).cloned().collect()
        };
        let mut messages = self.messages.clone();
        // The sender lives as long as the server.
        let found = messages.wait_for(|messages| own(messages).len() >= number);
        let in_time = tokio::time::timeout(Duration::from_secs(30), found).await;
        drop(in_time);
        own(&self.messages())
    }

    /// The one-time code of the latest message to somebody that has one; `None` where there is no such message.
    pub fn code(&self, user: &str) -> Option<String> {
        let messages = self.messages();
        let mut own = messages.iter().rev().filter(|message| message.to.iter().any(|to| to == user));
        own.find_map(|message| {
            let before = message.text.split_once(" is your code for Coda")?.0;
            Some(before.lines().next_back()?.to_owned())
        })
    }
}

impl Drop for Postbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(stream: TcpStream, keep: &watch::Sender<Vec<Message>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 postbox\r\n").await?;
    let mut to = Vec::new();
    loop {
        let Some(line) = line(&mut stream).await? else { return Ok(()) };
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let answer: &[u8] = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => b"250-postbox\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "HELO" | "MAIL" | "NOOP" => b"250 ok\r\n",
            "RSET" => {
                to.clear();
                b"250 ok\r\n"
            }
            "RCPT" => {
                to.extend(rest.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(to, _)| to.to_owned()));
                b"250 ok\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let Some(text) = data(&mut stream).await? else { return Ok(()) };
                let message = Message { to: std::mem::take(&mut to), text };
                keep.send_modify(|messages| messages.push(message));
                b"250 ok\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"502 not here\r\n",
        };
        stream.write_all(answer).await?;
    }
}

/// The text up to a line with a single dot; a dot that was doubled is one again (RFC 5321, 4.5.2).
async fn data(stream: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut text = String::new();
    while text.len() <= MESSAGE {
        match line(stream).await? {
            None => return Ok(None),
            Some(line) if line == "." => return Ok(Some(text)),
            Some(line) => {
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push('\n');
            }
        }
    }
    Ok(None)
}

async fn line(stream: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = stream.take(LINE).read_until(b'\n', &mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    Ok((read > 0 && bytes.ends_with(b"\n")).then(|| text.trim_end_matches(['\r', '\n']).to_owned()))
}
