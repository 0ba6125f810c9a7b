//! OCSP over HTTP (RFC 6960, appendix A), as a function.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use time::OffsetDateTime;

use super::request::LARGEST_REQUEST;
use super::{Refusal, Responder, respond};

/// The media type of every answer.
pub const CONTENT_TYPE: &str = "application/ocsp-response";

/// The longest path of a GET, in characters. The standard wants GET for requests that are under 255 bytes of base64 only.
pub const LARGEST_PATH: usize = 4 * 1024;

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What to answer to an HTTP request. The body is always an OCSP response, of the media type [`CONTENT_TYPE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code (RFC 9110, 15): 200, or 400, 405, 413 or 414 where there is no request to answer.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Answers `POST` with the request as body, to any path, and `GET` with the request as path: a slash, then the base64 of the
/// request, percent-encoded (RFC 6960, A.1).
pub fn http(method: &str, path: &str, body: &[u8], responder: &Responder, now: OffsetDateTime) -> Answer {
    let refused = |status| Answer { status, body: Refusal::Malformed.der() };
    let answered = |request: &[u8]| Answer { status: 200, body: respond(request, responder, now) };
    match method {
        "POST" if body.len() > LARGEST_REQUEST => refused(413),
        "POST" => answered(body),
        "GET" if path.len() > LARGEST_PATH => refused(414),
        "GET" => of_path(path).map_or_else(|| refused(400), |request| answered(&request)),
        _ => refused(405),
    }
}

fn of_path(path: &str) -> Option<Vec<u8>> {
    let text = percent_decoded(path.strip_prefix('/')?)?;
    if text.is_empty() { None } else { BASE64.decode(text).ok() }
}

/// Percent-encoding undone (RFC 3986, 2.1).
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (hex(bytes.next()?)?, hex(bytes.next()?)?);
            decoded.push(high << 4 | low);
        } else {
            decoded.push(byte);
        }
    }
    Some(decoded)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}
