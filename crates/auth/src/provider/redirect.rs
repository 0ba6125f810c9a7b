//! Where a provider may send a browser back to.

use openidconnect::RedirectUrl;

use super::ProviderError;

const WRONG: ProviderError =
    ProviderError::Setting("provider.redirect: write each as https://host/path, or http://127.0.0.1:* for coda init");

/// Programs on the person's own machine, by address: a name could be resolved to another (RFC 8252, 8.3).
const LOOPBACK: [&str; 2] = ["http://127.0.0.1:", "http://[::1]:"];

/// The addresses of a configuration.
#[derive(Debug, Clone)]
pub(super) struct Redirects(Vec<Redirect>);

#[derive(Debug, Clone)]
enum Redirect {
    /// This and no other, character by character (RFC 9700, 2.1).
    Exact(String),
    /// Any port of the person's own machine (RFC 8252, 7.3).
    Loopback { host: &'static str, path: String },
}

impl Redirects {
    pub(super) fn parse(texts: &[String]) -> Result<Self, ProviderError> {
        if texts.is_empty() {
            return Err(WRONG);
        }
        Ok(Self(texts.iter().map(|text| Redirect::parse(text)).collect::<Result<_, _>>()?))
    }

    pub(super) fn allow(&self, address: &str) -> bool {
        self.0.iter().any(|redirect| redirect.allows(address))
    }
}

impl Redirect {
    fn parse(text: &str) -> Result<Self, ProviderError> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('#') {
            return Err(WRONG);
        }
        for host in LOOPBACK {
            let Some(path) = text.strip_prefix(host).and_then(|rest| rest.strip_prefix('*')) else { continue };
            if (path.is_empty() || path.starts_with('/')) && !path.contains('*') {
                return Ok(Self::Loopback { host, path: path.to_owned() });
            }
            return Err(WRONG);
        }
        let url = RedirectUrl::new(text.to_owned()).map_err(|_| WRONG)?;
        let is_web = url.url().scheme() == "https" && !text.contains('*') && url.url().username().is_empty();
        if is_web { Ok(Self::Exact(text.to_owned())) } else { Err(WRONG) }
    }

    fn allows(&self, address: &str) -> bool {
        match self {
            Self::Exact(own) => address == own,
            Self::Loopback { host, path } => {
                let Some(rest) = address.strip_prefix(host) else { return false };
                let (port, rest) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
                let is_port = !port.starts_with('0') && port.parse::<u16>().is_ok();
                is_port && (rest == path || path.is_empty() && rest == "/")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirects(texts: &[&str]) -> Result<Redirects, ProviderError> {
        Redirects::parse(&texts.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn an_address_is_taken_as_it_is_and_of_ones_own_machine_on_any_port() {
        let own = redirects(&["https://dash.example/back", "http://127.0.0.1:*", "http://[::1]:*/coda"]).unwrap();
        for allowed in
            ["https://dash.example/back", "http://127.0.0.1:1", "http://127.0.0.1:65535/", "http://[::1]:8080/coda"]
        {
            assert!(own.allow(allowed), "{allowed}");
        }
        for other in [
            "",
            "https://dash.example/back/",
            "https://dash.example/back?x=1",
            "https://dash.example.evil.example/back",
            "http://dash.example/back",
            "http://127.0.0.1:0",
            "http://127.0.0.1:080",
            "http://127.0.0.1:65536",
            "http://127.0.0.1:",
            "http://127.0.0.1",
            "http://127.0.0.1:80/elsewhere",
            "http://127.0.0.1:80@evil.example",
            "http://127.0.0.1:80.evil.example/",
            "http://127.0.0.2:80",
            "http://localhost:80",
            "https://127.0.0.1:80",
            "http://[::1]:8080/",
            "http://[::1]:8080/coda#x",
        ] {
            assert!(!own.allow(other), "{other}");
        }
    }

    #[test]
    fn a_configuration_names_the_web_or_ones_own_machine() {
        for wrong in [
            &[][..],
            &[""],
            &["dash.example"],
            &["http://dash.example/back"],
            &["https://dash.example/*"],
            &["https://ana@dash.example/"],
            &["https://dash.example/#top"],
            &["http://127.0.0.1:*x"],
            &["http://127.0.0.1:*/*"],
            &["http://localhost:*"],
            &["http://127.0.0.1:8080"],
            &["https://dash.example/back", "coda:/back"],
        ] {
            assert!(redirects(wrong).is_err(), "{wrong:?}");
        }
    }
}
