//! The web client as static files, compressed beforehand, with caching and security headers.
//!
//! Names under `/assets/` carry a hash of their content and may be kept for a year; everything else is asked for again
//! with its tag. A path that is no file is the application's own and gets `index.html`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use bytes::Bytes;

const SECURITY: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http: https: ws: wss:; worker-src 'self'; \
         img-src 'self' data: blob:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("x-frame-options", "DENY"),
];

/// The directory of the web client.
#[derive(Clone, Debug)]
pub struct Web {
    dir: PathBuf,
    read: Arc<Read>,
}

/// The files as they were read last and when each had been changed: whoever takes long over one shares it with others.
#[derive(Debug, Default)]
struct Read(Mutex<BTreeMap<PathBuf, (u128, Bytes)>>);

impl Read {
    fn file(&self, path: &Path, modified: u128) -> io::Result<Bytes> {
        let files = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, bytes)) = files().get(path)
            && *at == modified
        {
            return Ok(bytes.clone());
        }
        let bytes = Bytes::from(fs::read(path)?);
        files().insert(path.to_path_buf(), (modified, bytes.clone()));
        Ok(bytes)
    }
}

impl Web {
    pub fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            read: Arc::default(),
        }
    }

    /// Answers a request for a path of the client.
    pub async fn respond(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Body> {
        let is_head = method == Method::HEAD;
        if method != Method::GET && !is_head {
            return plain(StatusCode::METHOD_NOT_ALLOWED);
        }
        let Some(wanted) = wanted(uri.path()) else {
            return plain(StatusCode::NOT_FOUND);
        };
        let (web, accepted) = (self.clone(), Accepted::of(headers));
        let found = tokio::task::spawn_blocking(move || web.find(&wanted, accepted)).await;
        match found {
            Ok(Ok(Some(file))) => file.response(is_head, headers),
            Ok(Ok(None)) => plain(StatusCode::NOT_FOUND),
            Ok(Err(error)) => {
                tracing::warn!(%error, "cannot read a file of the web client");
                plain(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

/// Encodings the browser takes.
#[derive(Clone, Copy, Debug, Default)]
struct Accepted {
    br: bool,
    gzip: bool,
}

impl Accepted {
    fn of(headers: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        let values = headers.get_all(header::ACCEPT_ENCODING).into_iter();
        for part in values
            .filter_map(|it| it.to_str().ok())
            .flat_map(|it| it.split(','))
        {
            let (name, weight) = part.split_once(';').unwrap_or((part, ""));
            let weight: String = weight.split_whitespace().collect();
            let is_refused = weight
                .strip_prefix("q=")
                .is_some_and(|it| it.parse::<f32>() == Ok(0.0));
            match name.trim() {
                "br" => accepted.br = !is_refused,
                "gzip" => accepted.gzip = !is_refused,
                _ => {}
            }
        }
        accepted
    }
}

struct Found {
    bytes: Bytes,
    kind: &'static str,
    encoding: Option<&'static str>,
    tag: String,
    is_hashed: bool,
}

/// The file a path asks for, below the directory; `None` for a path that leads elsewhere.
fn wanted(path: &str) -> Option<PathBuf> {
    let path = path.trim_start_matches('/');
    if path.contains(['%', '\\', '\0']) {
        return None;
    }
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    let is_below = path.components().all(|part| match part {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
            false
        }
    });
    is_below.then(|| path.to_path_buf())
}

impl Web {
    fn find(&self, wanted: &Path, accepted: Accepted) -> io::Result<Option<Found>> {
        let is_hashed = wanted.starts_with("assets");
        if let Some(found) = self.read(wanted, accepted, is_hashed)? {
            return Ok(Some(found));
        }
        // A missing asset is missing; any other path without a file name's ending is a page of the application.
        if is_hashed || wanted.extension().is_some() {
            return Ok(None);
        }
        self.read(Path::new("index.html"), accepted, false)
    }

    fn read(
        &self,
        wanted: &Path,
        accepted: Accepted,
        is_hashed: bool,
    ) -> io::Result<Option<Found>> {
        let plain = self.dir.join(wanted);
        if !plain.is_file() {
            return Ok(None);
        }
        let encodings = [
            (accepted.br, Some("br"), ".br"),
            (accepted.gzip, Some("gzip"), ".gz"),
            (true, None, ""),
        ];
        for (_, encoding, ending) in encodings.into_iter().filter(|it| it.0) {
            let mut path = plain.clone().into_os_string();
            path.push(ending);
            let path = PathBuf::from(path);
            // An older compressed file beside a newer plain one is left over.
            if !path.is_file() || modified(&path)? < modified(&plain)? {
                continue;
            }
            let changed = modified(&path)?;
            let bytes = self.read.file(&path, changed)?;
            let tag = format!("\"{changed:x}-{:x}{ending}\"", bytes.len());
            return Ok(Some(Found {
                bytes,
                kind: kind(wanted),
                encoding,
                tag,
                is_hashed,
            }));
        }
        Ok(None)
    }
}

fn modified(path: &Path) -> io::Result<u128> {
    let modified = fs::metadata(path)?.modified()?;
    let since = modified.duration_since(UNIX_EPOCH);
    Ok(since.map_or(0, |since| since.as_nanos()))
}

impl Found {
    fn response(self, is_head: bool, headers: &HeaderMap) -> Response<Body> {
        let asked = headers
            .get(header::IF_NONE_MATCH)
            .and_then(|it| it.to_str().ok());
        let is_known = asked.is_some_and(|asked| {
            let mut tags = asked
                .split(',')
                .map(|tag| tag.trim().trim_start_matches("W/"));
            tags.any(|tag| tag == self.tag)
        });
        let mut response = plain(if is_known {
            StatusCode::NOT_MODIFIED
        } else {
            StatusCode::OK
        });
        let cache = match self.is_hashed {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        };
        let answer = response.headers_mut();
        answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            answer.insert(header::ETAG, tag);
        }
        if is_known {
            return response;
        }
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        answer.insert(header::CONTENT_LENGTH, self.bytes.len().into());
        if let Some(encoding) = self.encoding {
            answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if !is_head {
            *response.body_mut() = Body::from(self.bytes);
        }
        response
    }
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    for (name, value) in SECURITY {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

fn kind(path: &Path) -> &'static str {
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending.unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "ftl" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_of_the_directory_are_not_found() {
        for path in [
            "/../relay.key",
            "/a/../../relay.key",
            "/%2e%2e/relay.key",
            "/.env",
            "//etc/../x",
        ] {
            assert_eq!(wanted(path), None, "{path}");
        }
        assert_eq!(wanted("/"), Some("index.html".into()));
        assert_eq!(wanted("/plan/7"), Some("plan/7".into()));
    }

    #[test]
    fn an_encoding_of_weight_zero_is_not_accepted() {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_static("gzip;q=0.5, br; q=0");
        headers.insert(header::ACCEPT_ENCODING, value);
        let accepted = Accepted::of(&headers);
        assert!(accepted.gzip && !accepted.br);
    }
}
