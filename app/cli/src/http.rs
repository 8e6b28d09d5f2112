//! One GET of a small document from a relay.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::socket::Dialer;

/// A document as those asked for here is far smaller.
const BODY_BYTES_MAX: usize = 64 << 10;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GetError {
    /// The relay answered, and has no such thing.
    #[error("it does not know it")]
    Absent,
    /// It answers again after a while.
    #[error("it was asked too often")]
    TooOften,
    #[error("{0}")]
    Failed(String),
}

/// Gets the document at `url`.
pub(crate) async fn get(dialer: &Dialer, url: &str) -> Result<Vec<u8>, GetError> {
    let uri: hyper::Uri = url.parse().map_err(failed)?;
    let host = uri.host().unwrap_or_default().to_owned();
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    // An IPv6 address stands in brackets in an address of the web, and without them elsewhere.
    let bare = host.trim_matches(['[', ']']).to_owned();
    let stream = TcpStream::connect((bare.as_str(), port))
        .await
        .map_err(failed)?;
    if is_tls {
        let name = ServerName::try_from(bare).map_err(failed)?;
        let connector = TlsConnector::from(dialer.tls());
        let stream = connector.connect(name, stream).await.map_err(failed)?;
        Box::pin(exchange(stream, &uri)).await
    } else {
        Box::pin(exchange(stream, &uri)).await
    }
}

async fn exchange<S>(stream: S, uri: &hyper::Uri) -> Result<Vec<u8>, GetError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    let served = tokio::spawn(connection);
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(HOST, authority)
        .body(Empty::<Bytes>::new())
        .map_err(failed)?;
    let response = sender.send_request(request).await.map_err(failed)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), BODY_BYTES_MAX);
    let body = body.collect().await;
    served.abort();
    match status.as_u16() {
        200 => Ok(body.map_err(failed)?.to_bytes().to_vec()),
        404 => Err(GetError::Absent),
        429 => Err(GetError::TooOften),
        _ => Err(GetError::Failed(status.to_string())),
    }
}

fn failed(error: impl ToString) -> GetError {
    GetError::Failed(error.to_string())
}
