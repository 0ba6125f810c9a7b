use openidconnect::http::Request;
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// What comes back from a server that answers with these bytes, at a path under its address.
async fn sent(answer: Vec<u8>) -> (Result<HttpResponse, WebError>, String) {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13]).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certified.cert.der().clone()], key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
        let mut head = vec![0; 4096];
        let length = stream.read(&mut head).await.unwrap();
        head.truncate(length);
        // It may have enough before the end.
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
        String::from_utf8(head).unwrap()
    });
    let web = Web::new(coda_pki::tls::web_config(certified.cert.pem().as_bytes()).unwrap());
    let request = Request::get(format!("https://{address}/a?b=c")).body(Vec::new()).unwrap();
    let response = web.call(request).await;
    (response, serving.await.unwrap())
}

#[tokio::test]
async fn a_request_names_the_host_and_a_redirection_is_an_answer_like_others() {
    let answer = b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 2\r\n\r\nhi".to_vec();
    let (response, head) = sent(answer).await;
    let response = response.unwrap();
    assert_eq!((response.status().as_u16(), response.body().as_slice()), (302, b"hi".as_slice()));
    assert!(head.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("\r\nhost: 127.0.0.1:"), "{head}");
}

#[tokio::test]
async fn no_more_is_read_than_could_be_meant() {
    let of = |length: usize| [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; length]].concat();
    assert_eq!(sent(of(LARGEST)).await.0.unwrap().body().len(), LARGEST);
    assert!(matches!(sent(of(LARGEST + 1)).await.0, Err(WebError::Body(_))));
}

#[tokio::test]
async fn nothing_is_asked_without_tls() {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let web = Web::new(coda_pki::tls::web_config(certified.cert.pem().as_bytes()).unwrap());
    for address in ["http://127.0.0.1:1/", "/path", "ftp://127.0.0.1/"] {
        let request = Request::get(address).body(Vec::new()).unwrap();
        assert!(matches!(web.call(request).await, Err(WebError::Address)), "{address}");
    }
}
