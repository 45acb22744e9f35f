//! Requests over HTTP and HTTPS: what is asked, what came back, and the client that does it.
//!
//! Only [`crate::host`] may call [`send`]; everything else asks a host, so that tests and hosts
//! without a network can answer. Blind to charts and repositories.

mod proxy;
mod tls;
mod words;

use std::io::Read as _;
use std::time::Duration;

use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector as _, TcpConnector};

pub use proxy::proxy_for;
pub(crate) use tls::check;

/// The most that an answer may hold: an index of a large repository has some 30 MiB.
pub const MAX_ANSWER: u64 = 256 * 1024 * 1024;

/// What is done with an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Fetch it.
    #[default]
    Get,
    /// Ask whether it is there.
    Head,
    /// Begin something below it.
    Post,
    /// Store something there.
    Put,
}

impl Method {
    /// As it stands in a request.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
        }
    }

    /// As Go begins what it says of a failure: `Get "https://…"`.
    fn sentence(self, url: &str) -> String {
        let name = self.name();
        format!("{}{} {url}", &name[..1], name[1..].to_lowercase())
    }
}

/// What to ask of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// What is stored.
    pub body: Vec<u8>,
    /// Address of the proxy to go through.
    pub proxy: Option<String>,
    /// Address, `http` or `https`.
    pub url: String,
    /// Names and values of headers.
    pub headers: Vec<(String, String)>,
    /// How TLS is to be done.
    pub tls: Tls,
    /// Seconds until the whole exchange must be done; 0 for no limit.
    pub timeout: u64,
}

/// How TLS is to be done; texts are PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Certificates to trust instead of the system's.
    pub roots: Option<Vec<u8>>,
    /// The client's certificates and its key.
    pub client: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether to trust anyone.
    pub insecure: bool,
}

/// What a server answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Names (in lower case) and values of headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The status as Go prints it: `404 Not Found`.
    pub fn status_text(&self) -> String {
        let code = ureq::http::StatusCode::from_u16(self.status).ok();
        let reason = code.and_then(|code| code.canonical_reason()).unwrap_or_default();
        format!("{} {reason}", self.status).trim_end().to_string()
    }
}

/// Sends a request. Redirects are followed; credentials stay with the first host.
///
/// Errors: an address that is none, a server that cannot be reached or trusted, an answer that
/// is too large. Any status is an answer.
pub(crate) fn send(request: &Request) -> Result<Response, String> {
    let failed = |why: String| {
        let url = crate::golang::quote::quote(without_password(&request.url).as_bytes());
        format!("{}: {why}", request.method.sentence(&url))
    };
    let agent = agent(request).map_err(&failed)?;
    let mut builder =
        ureq::http::Request::builder().method(request.method.name()).uri(&request.url);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let told = |error: ureq::Error| failed(words::reason(&error, &request.url));
    let answer = match request.method {
        Method::Get | Method::Head => {
            let request = builder.body(()).map_err(|error| failed(error.to_string()))?;
            agent.run(request).map_err(told)?
        }
        Method::Post | Method::Put => {
            let request =
                builder.body(request.body.as_slice()).map_err(|error| failed(error.to_string()))?;
            agent.run(request).map_err(told)?
        }
    };
    let (parts, body) = answer.into_parts();
    let mut bytes = Vec::new();
    body.into_reader()
        .take(MAX_ANSWER + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > MAX_ANSWER {
        return Err(failed(format!("the answer is larger than {MAX_ANSWER} bytes")));
    }
    let headers = parts.headers.iter().map(|(name, value)| {
        (name.as_str().to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Ok(Response { status: parts.status.as_u16(), headers: headers.collect(), body: bytes })
}

fn agent(request: &Request) -> Result<ureq::Agent, String> {
    let timeout = (request.timeout > 0).then(|| Duration::from_secs(request.timeout));
    let proxy = request.proxy.as_deref().map(ureq::Proxy::new).transpose();
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(timeout)
        .timeout_connect(Some(Duration::from_secs(30)))
        .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
        .proxy(proxy.map_err(|error| format!("proxy: {error}"))?)
        .user_agent(concat!("rhumb/", env!("CARGO_PKG_VERSION")));
    let wanted = &request.tls;
    match &wanted.roots {
        Some(roots) if !wanted.insecure => {
            let connector = ().chain(ConnectProxyConnector::default());
            let connector = connector.chain(TcpConnector::default());
            let connector = connector.chain(tls::TlsConnector::new(roots, wanted)?);
            let resolver = ureq::unversioned::resolver::DefaultResolver::default();
            Ok(ureq::Agent::with_parts(config.build(), connector, resolver))
        }
        _ => Ok(config.tls_config(system_tls(wanted)?).build().new_agent()),
    }
}

/// An address for messages.
fn without_password(url: &str) -> String {
    let hidden = || {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (user, host) = rest[..end].rsplit_once('@')?;
        let (user, _) = user.split_once(':')?;
        Some(format!("{scheme}://{user}:***@{host}{}", &rest[end..]))
    };
    hidden().unwrap_or_else(|| url.to_string())
}

/// TLS that trusts the system's roots, or anyone.
fn system_tls(wanted: &Tls) -> Result<TlsConfig, String> {
    let client = match &wanted.client {
        None => None,
        Some((chain, key)) => {
            let key = PrivateKey::from_pem(key).map_err(|error| format!("client key: {error}"))?;
            Some(ClientCert::new_with_certs(&certificates(chain)?, key))
        }
    };
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .client_cert(client)
        .disable_verification(wanted.insecure)
        .build())
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, String> {
    let mut found = Vec::new();
    for item in ureq::tls::parse_pem(pem) {
        if let ureq::tls::PemItem::Certificate(certificate) =
            item.map_err(|error| format!("certificates: {error}"))?
        {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err("failed to append certificates".into()) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn passwords_stay_out_of_messages() {
        let hidden = super::without_password;
        assert_eq!(hidden("https://me:secret@h/x@y"), "https://me:***@h/x@y");
        assert_eq!(hidden("https://h/a:b@c"), "https://h/a:b@c");
        let error = super::send(&super::Request {
            url: "http://127.0.0.1:1/index.yaml".into(),
            ..super::Request::default()
        });
        assert_eq!(
            error.expect_err("nobody listens"),
            "Get \"http://127.0.0.1:1/index.yaml\": dial tcp 127.0.0.1:1: connect: connection refused"
        );
    }
}
