//! Servers with certificates, and proxies: whom rhumb trusts, and how it gets there.
//!
//! `record_tls.sh` made the certificates; all servers are on loopback.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::support::{MemoryHost, cases, run_as};

/// Answers one request with a file of the recorded repository.
fn answer(stream: &mut (impl Read + Write)) -> std::io::Result<()> {
    let mut lines = BufReader::new(&mut *stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = request.split(' ').nth(1).unwrap_or_default();
    let body = std::fs::read(cases().join("dropin/served").join(path.trim_start_matches('/')))
        .unwrap_or_default();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)?;
    stream.flush()
}

fn listen(serve: impl Fn(TcpStream) -> std::io::Result<()> + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        // A client that goes away has its reasons.
        listener.incoming().flatten().for_each(|stream| drop(serve(stream)));
    });
    port
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(cases().join("dropin/tls").join(name)).expect("a file")
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(&file(&format!("{name}.crt"))).expect("a certificate")
}

/// A server with a certificate, that may ask for one; its port.
fn secure(name: &str, asks: bool) -> u16 {
    let key = PrivateKeyDer::from_pem_slice(&file(&format!("{name}.key"))).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = if asks {
        let mut roots = RootCertStore::empty();
        roots.add(certificate("authority")).expect("a root");
        let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
        builder.with_client_cert_verifier(clients.build().expect("a verifier"))
    } else {
        builder.with_no_client_auth()
    };
    let config = builder.with_single_cert(vec![certificate(name)], key).expect("a pair");
    let config = Arc::new(config);
    listen(move |stream| {
        let connection = ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        answer(&mut stream)?;
        stream.conn.send_close_notify();
        stream.flush()
    })
}

fn host() -> MemoryHost {
    let mut host = MemoryHost::new();
    host.put_folder("tests/cases/dropin/tls", "tls");
    host.put("text", b"no certificate");
    host.allow_network();
    host
}

/// The error of `show chart` with flags, or nothing.
fn show(host: &MemoryHost, address: &str, flags: &str) -> String {
    let args = ["show", "chart", "kid", "--version", "0.1.0", "--repo", address];
    let flags: Vec<&str> = flags.split_whitespace().collect();
    let output = run_as(host, "helm", &[&args[..], &flags].concat());
    assert_eq!(output.code == 0, output.out.starts_with(b"apiVersion: v2\n"), "{}", output.err);
    let known = format!(
        "Error: looks like \"{address}\" is not a valid chart repository or cannot be reached: Get \
         \"{address}/index.yaml\": "
    );
    output.err.trim_end().replace(&known, "")
}

const UNKNOWN: &str =
    "tls: failed to verify certificate: x509: certificate signed by unknown authority";

#[test]
fn servers_are_trusted_by_authority_or_by_name() {
    let host = host();
    let address = |port: u16| format!("https://127.0.0.1:{port}/repository");
    let server = address(secure("server", false));
    assert_eq!(show(&host, &server, "--ca-file tls/authority.crt"), "");
    assert_eq!(show(&host, &server, "--insecure-skip-tls-verify"), "");
    assert_eq!(show(&host, &server, "--ca-file tls/self.crt"), UNKNOWN);
    // Nobody signed it; it is trusted because it is named.
    let own = address(secure("self", false));
    assert_eq!(show(&host, &own, "--ca-file tls/self.crt"), "");
    assert_eq!(show(&host, &own, "--ca-file tls/authority.crt"), UNKNOWN);
    let elsewhere = address(secure("elsewhere", false));
    assert_eq!(
        show(&host, &elsewhere, "--ca-file tls/authority.crt"),
        "tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 \
         because it doesn't contain any IP SANs"
    );
    // Being named does not make it somebody else's.
    assert!(show(&host, &elsewhere, "--ca-file tls/elsewhere.crt").contains("IP SANs"));
}

#[test]
fn clients_show_their_certificates() {
    let host = host();
    let address = format!("https://127.0.0.1:{}/repository", secure("server", true));
    let show = |flags: &str| show(&host, &address, &format!("--ca-file tls/authority.crt {flags}"));
    assert_eq!(show("--cert-file tls/client.crt --key-file tls/client.key"), "");
    assert_eq!(show(""), "remote error: tls: certificate required");
    let missing = "Error: missing registry client: can't create TLS config for client: ";
    for (flags, why) in [
        (
            "--cert-file tls/client.crt --key-file tls/self.key",
            "unable to load cert from key pair: tls: private key does not match public key",
        ),
        (
            "--cert-file text --key-file tls/self.key",
            "unable to load cert from key pair: tls: failed to find any PEM data in certificate input",
        ),
        (
            "--cert-file nope --key-file tls/self.key",
            "unable to read cert file: \"nope\": open nope: no such file or directory",
        ),
        ("--ca-file nope", "can't read CA file: \"nope\": open nope: no such file or directory"),
        ("--ca-file text", "failed to append certificates from pem block"),
    ] {
        assert_eq!(show(flags), format!("{missing}{why}"));
    }
}

#[test]
fn requests_go_through_the_proxy_that_is_set() {
    // The proxy is everyone: it takes any host, and answers in its place.
    let proxy = listen(|stream| {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let asked = lines.next().transpose()?.unwrap_or_default();
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let mut stream = stream;
        if asked != "CONNECT charts.example.com:80 HTTP/1.1" {
            return stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        answer(&mut stream)
    });
    let mut host = host();
    host.set_env("HTTP_PROXY", &format!("127.0.0.1:{proxy}"));
    assert_eq!(show(&host, "http://charts.example.com/repository", ""), "");
    // What is on this machine needs no proxy.
    let near = listen(|mut stream| answer(&mut stream));
    assert_eq!(show(&host, &format!("http://127.0.0.1:{near}/repository"), ""), "");
    let refused = show(&host, "http://other.example.com/repository", "");
    assert!(refused.starts_with("proxyconnect tcp: "), "{refused}");
}
