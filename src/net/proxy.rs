//! Which proxy a request goes through, by the rules of Go's `httpproxy`.

use std::net::IpAddr;

/// The proxy for an address: `HTTPS_PROXY` or `HTTP_PROXY`, unless `NO_PROXY` names the host.
/// This machine itself is never asked through one.
///
/// Takes: the address, and what the environment holds.
pub fn proxy_for(url: &str, env: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let either = |upper: &str, lower: &str| {
        let set = |name: &str| env(name).filter(|text| !text.is_empty());
        set(upper).or_else(|| set(lower))
    };
    let proxy = match scheme {
        "https" => either("HTTPS_PROXY", "https_proxy"),
        "http" => either("HTTP_PROXY", "http_proxy"),
        _ => None,
    }?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let (host, port) = host_and_port(authority, if scheme == "https" { "443" } else { "80" });
    let is_excepted = is_local(&host)
        || either("NO_PROXY", "no_proxy")
            .is_some_and(|list| list.split(',').any(|entry| excepts(entry.trim(), &host, port)));
    let with_scheme = if proxy.contains("://") { proxy } else { format!("http://{proxy}") };
    (!is_excepted).then_some(with_scheme)
}

/// A host in lower case without brackets, and its port.
fn host_and_port<'a>(authority: &'a str, default: &'a str) -> (String, &'a str) {
    let (host, port) = match authority.rsplit_once(':') {
        // Colons within an address of version 6 divide no port, unless brackets enclose it.
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, port),
        _ => (authority, default),
    };
    (host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase(), port)
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether an entry of the list covers a host: `*`, an address, a range of addresses, a domain
/// with all below it, a domain's subdomains (`.domain`, `*.domain`), any with a port.
fn excepts(entry: &str, host: &str, port: &str) -> bool {
    let entry = entry.to_ascii_lowercase();
    if entry == "*" {
        return true;
    }
    let address = host.parse::<IpAddr>().ok();
    if let Some((network, bits)) = entry.split_once('/') {
        let network = network.parse::<IpAddr>().ok();
        let bits = bits.parse::<u32>().ok();
        return network.zip(bits).zip(address).is_some_and(|((n, b), a)| is_within(n, b, a));
    }
    let (entry, wanted) = host_and_port(&entry, port);
    if entry.is_empty() || wanted != port {
        return false;
    }
    if let Ok(listed) = entry.parse::<IpAddr>() {
        return address == Some(listed);
    }
    let entry = entry.strip_prefix('*').unwrap_or(&entry);
    match entry.strip_prefix('.') {
        Some(_) => host.ends_with(entry),
        None => host == entry || host.strip_suffix(entry).is_some_and(|it| it.ends_with('.')),
    }
}

fn is_within(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    let same = |a: u128, b: u128, width: u32| {
        let dropped = width.saturating_sub(bits);
        bits <= width && a.checked_shr(dropped) == b.checked_shr(dropped)
    };
    match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_by_scheme_and_exceptions() {
        let env = |name: &str| match name {
            "HTTPS_PROXY" => Some("http://secure:3128".to_string()),
            "http_proxy" => Some("plain:3128".to_string()),
            "NO_PROXY" => Some("example.com, .sub.org,10.0.0.0/8,1.2.3.4,h:81,*.w.net".to_string()),
            _ => None,
        };
        let of = |url: &str| proxy_for(url, env);
        assert_eq!(of("https://a.b/c").as_deref(), Some("http://secure:3128"));
        assert_eq!(of("http://me:x@a.b:80/c").as_deref(), Some("http://plain:3128"));
        for excepted in [
            "https://example.com",
            "https://a.example.com:8443/x",
            "http://x.sub.org",
            "http://10.9.9.9",
            "http://1.2.3.4:8080",
            "http://h:81",
            "http://localhost:5000",
            "http://127.0.0.1:5000/",
            "http://[::1]:5000/",
            "https://a.w.net",
            "ftp://a.b",
        ] {
            assert_eq!(of(excepted), None, "{excepted}");
        }
        for proxied in ["http://sub.org", "http://h:82", "http://11.0.0.1", "http://notexample.com"]
        {
            assert!(of(proxied).is_some(), "{proxied}");
        }
        let all = |name: &str| Some(if name == "NO_PROXY" { "*" } else { "p:1" }.to_string());
        assert_eq!(proxy_for("http://a.b", all), None);
    }
}
