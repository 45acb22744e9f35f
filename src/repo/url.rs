//! What repositories do with addresses: compare them, and find files beside an index.

use super::fault;
use crate::diag::Fault;
use crate::golang::filepath;
use crate::golang::url::Url;

/// Whether a text is the address of a chart in a registry.
pub fn is_oci(text: &str) -> bool {
    text.starts_with("oci://")
}

/// Refuses an address that no client of Helm's serves.
pub fn check_scheme(address: &str) -> Result<(), Fault> {
    let parsed = Url::parse(address.as_bytes())
        .map_err(|_| fault(format!("invalid chart URL format: {address}")))?;
    if matches!(parsed.scheme.as_slice(), b"http" | b"https" | b"oci") {
        return Ok(());
    }
    let scheme = String::from_utf8_lossy(&parsed.scheme);
    Err(fault(format!("could not find protocol handler for: {scheme}")))
}

/// Whether two addresses mean the same place: a trailing `/` and doubled ones do not count.
pub fn equal(a: &str, b: &str) -> bool {
    let clean = |text: &str| {
        Url::parse(text.as_bytes()).ok().map(|mut url| {
            let path = if url.path.is_empty() { b"/".to_vec() } else { url.path };
            url.path = filepath::clean(&path);
            url.raw_path.clear();
            url.to_bytes()
        })
    };
    match (clean(a), clean(b)) {
        (Some(a), Some(b)) => a == b,
        (None, _) => filepath::clean_text(a) == filepath::clean_text(b),
        _ => false,
    }
}

/// A file of a repository: an address that is none by itself is read from the repository's
/// folder, and keeps the query of its address.
///
/// Errors: addresses that cannot be parsed.
pub fn resolve(base: &str, reference: &str) -> Result<String, String> {
    let parse = |text: &str| {
        Url::parse(text.as_bytes()).map_err(|why| format!("failed to parse {text} as URL: {why}"))
    };
    if !parse(reference)?.scheme.is_empty() {
        return Ok(reference.to_string());
    }
    let mut url = parse(base)?;
    let (scheme, host) = (lossy(&url.scheme), lossy(&url.host));
    let query = lossy(&url.raw_query);
    if let Some(other) = reference.strip_prefix("//") {
        return Ok(format!("{scheme}://{other}"));
    }
    url.raw_query.clear();
    url.fragment.clear();
    url.raw_fragment.clear();
    let text = lossy(&url.to_bytes());
    // Behind the host, where there is one.
    let start = text.find("://").map_or(0, |at| at + 3);
    let root = if host.is_empty() { 0 } else { start };
    let root = text[root..].find('/').map_or(text.len(), |at| root + at);
    let (origin, path) = text.split_at(root);
    let reference = reference.split(['?', '#']).next().unwrap_or_default();
    let joined = match reference.strip_prefix('/') {
        Some(_) => reference.to_string(),
        None => format!("{}/{reference}", path.trim_end_matches('/')),
    };
    let mut resolved = format!("{origin}{}", without_dots(&joined));
    if !query.is_empty() {
        resolved.push('?');
        resolved.push_str(&query);
    }
    Ok(resolved)
}

/// A base address and the parts of a path below it; `//` and dots are cleaned.
pub fn join(base: &str, below: &str) -> String {
    let Ok(mut url) = Url::parse(base.as_bytes()) else { return filepath::join(base, below) };
    let joined = filepath::join(&lossy(&url.path), below);
    url.path = joined.into_bytes();
    url.raw_path.clear();
    lossy(&url.to_bytes())
}

/// Scheme and host (with port), by which it is decided who gets credentials.
pub fn origin(text: &str) -> Option<(String, String)> {
    let url = Url::parse(text.as_bytes()).ok()?;
    Some((lossy(&url.scheme), lossy(&url.host)))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_beside_the_index() {
        let cases = [
            ("http://h/charts", "index.yaml", "http://h/charts/index.yaml"),
            ("http://h/charts/", "a-1.tgz", "http://h/charts/a-1.tgz"),
            ("http://h:81", "sub/a-1.tgz", "http://h:81/sub/a-1.tgz"),
            ("http://h/charts?t=1", "index.yaml", "http://h/charts/index.yaml?t=1"),
            ("http://h/charts", "/a.tgz", "http://h/a.tgz"),
            ("http://h/charts", "../a.tgz", "http://h/a.tgz"),
            ("http://h/charts", "https://o/a.tgz", "https://o/a.tgz"),
        ];
        for (base, reference, want) in cases {
            assert_eq!(resolve(base, reference).as_deref(), Ok(want), "{base} {reference}");
        }
        assert!(equal("http://h/c/", "http://h/c"));
        assert!(equal("http://h", "http://h/"));
        assert!(!equal("http://h/c", "https://h/c"));
        assert_eq!(join("http://h/c", "d"), "http://h/c/d");
    }
}
