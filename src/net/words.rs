//! Why there was no answer, in Go's words where they are known.

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError};

const UNKNOWN: &str = "x509: certificate signed by unknown authority";

const ALERTS: [(AlertDescription, &str); 7] = [
    (AlertDescription::BadCertificate, "bad certificate"),
    (AlertDescription::CertificateExpired, "expired certificate"),
    (AlertDescription::CertificateRequired, "certificate required"),
    (AlertDescription::CertificateUnknown, "unknown certificate"),
    (AlertDescription::HandshakeFailure, "handshake failure"),
    (AlertDescription::ProtocolVersion, "protocol version not supported"),
    (AlertDescription::UnknownCA, "unknown certificate authority"),
];

/// Why there was no answer, in Go's words where they are known.
pub(super) fn reason(error: &ureq::Error, url: &str) -> String {
    let place = || {
        let authority = url.split("://").nth(1).unwrap_or(url);
        let authority = authority.split(['/', '?', '#']).next().unwrap_or(authority);
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let has_port = authority.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok());
        let port = if url.starts_with("https") { ":443" } else { ":80" };
        format!("{authority}{}", if has_port { "" } else { port })
    };
    match error {
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            format!("dial tcp {}: connect: connection refused", place())
        }
        ureq::Error::Io(error) if inner(error).is_some() => {
            inner(error).map(distrust).unwrap_or_default()
        }
        ureq::Error::Io(error) => crate::diag::io::reason(error),
        ureq::Error::HostNotFound => {
            let place = place();
            let host = place.rsplit_once(':').map_or(&*place, |(host, _)| host);
            format!("dial tcp: lookup {host}: no such host")
        }
        ureq::Error::Rustls(error) => distrust(error),
        ureq::Error::ConnectProxyFailed(why) => format!("proxyconnect tcp: {why}"),
        other => other.to_string(),
    }
}

/// What TLS says, within an error of the connection.
fn inner(error: &std::io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// What is wrong with a server's certificate.
fn distrust(error: &rustls::Error) -> String {
    let why = match error {
        rustls::Error::InvalidCertificate(why) => why,
        rustls::Error::InvalidMessage(_) => {
            return "tls: first record does not look like a TLS handshake".into();
        }
        rustls::Error::AlertReceived(alert) => {
            let known = ALERTS.iter().find(|(known, _)| known == alert);
            let text = known.map_or_else(|| format!("{alert:?}"), |(_, text)| (*text).to_string());
            return format!("remote error: tls: {text}");
        }
        other => return format!("tls: {other}"),
    };
    let text = match why {
        CertificateError::UnknownIssuer => UNKNOWN.into(),
        // An authority's own certificate, and nobody answers for it.
        CertificateError::Other(other)
            if other.0.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity) =>
        {
            UNKNOWN.into()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let wanted = expected.to_str();
            let of = |kind: &str| -> Vec<&str> {
                let inner = |it: &'_ String| -> Option<(usize, usize)> {
                    let start = it.starts_with(kind).then(|| it.find('('))??;
                    Some((start + 1, it.rfind(')')?))
                };
                let names = presented.iter();
                names
                    .filter_map(|it| inner(it).map(|(from, to)| it[from..to].trim_matches('"')))
                    .collect()
            };
            let is_address = matches!(expected, ServerName::IpAddress(_));
            let names = of(if is_address { "IpAddress" } else { "DnsName" });
            match names.as_slice() {
                [] if is_address => format!(
                    "x509: cannot validate certificate for {wanted} because it doesn't contain any \
                     IP SANs"
                ),
                [] => format!(
                    "x509: certificate is not valid for any names, but wanted to match {wanted}"
                ),
                names => {
                    format!("x509: certificate is valid for {}, not {wanted}", names.join(", "))
                }
            }
        }
        CertificateError::Expired
        | CertificateError::NotValidYet
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYetContext { .. } => {
            format!("x509: certificate has expired or is not yet valid: {why}")
        }
        other => format!("x509: {other}"),
    };
    format!("tls: failed to verify certificate: {text}")
}
