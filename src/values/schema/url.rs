//! Addresses of schemas: URLs, JSON pointers and what joins them.

use std::fmt::Write as _;

use crate::golang::quote::quote;
use crate::golang::url::Url;

/// Splits off what follows the first `#`.
pub(super) fn split(text: &str) -> (&str, &str) {
    text.split_once('#').unwrap_or((text, ""))
}

/// Splits off the fragment and decodes it.
pub(super) fn split_fragment(text: &str) -> Result<(&str, String), String> {
    let (url, fragment) = split(text);
    let fragment = unescape_percent(fragment)
        .map_err(|reason| format!("error in parsing {}: {reason}", quote(text.as_bytes())))?;
    Ok((url, fragment))
}

/// Decodes `%41`; the error is Go's sentence.
pub(super) fn unescape_percent(text: &str) -> Result<String, String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits = bytes.get(at + 1..at + 3).and_then(|pair| {
                let high = char::from(pair[0]).to_digit(16)?;
                let low = char::from(pair[1]).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()
            });
            let Some(byte) = digits else {
                let end = bytes.len().min(at + 3);
                return Err(format!("invalid URL escape {}", quote(&bytes[at..end])));
            };
            decoded.push(byte);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    Ok(String::from_utf8_lossy(&decoded).into_owned())
}

/// Percent-encodes a pointer, slashes excepted, as Go's `url.PathEscape` does.
pub(super) fn encode(fragment: &str) -> String {
    let mut out = String::with_capacity(fragment.len());
    for byte in fragment.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-_.~$&+=:@/".contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// One step of a JSON pointer, escaped.
pub(super) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// A step of a JSON pointer back to a key; none when a tilde stands alone.
pub(super) fn unescape(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        match (c, c == '~') {
            (_, true) => out.push(match chars.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            }),
            (c, false) => out.push(c),
        }
    }
    Some(out)
}

/// The parts of a URL that joining needs.
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

/// The path of a `file` address, decoded: what stands between its host and its query.
pub fn file_path(address: &str) -> Option<String> {
    let url = Url::parse(address.as_bytes()).ok().filter(|url| url.scheme == b"file")?;
    Some(String::from_utf8_lossy(&url.path).into_owned())
}

/// Checks a URL as Go does and gives its scheme, empty for a relative one. The error is Go's
/// sentence.
pub(super) fn check(text: &str) -> Result<String, String> {
    Url::parse(text.as_bytes()).map(|url| String::from_utf8_lossy(&url.scheme).into_owned())
}

fn parts(text: &str) -> Parts<'_> {
    let scheme_end = text.find(':').filter(|at| {
        let head = &text[..*at];
        head.starts_with(|c: char| c.is_ascii_alphabetic())
            && head.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    let (scheme, rest) = match scheme_end {
        Some(at) => (Some(&text[..at]), &text[at + 1..]),
        None => (None, text),
    };
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, Some(query)),
        None => (rest, None),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let at = rest.find('/').unwrap_or(rest.len());
            (Some(&rest[..at]), &rest[at..])
        }
        None => (None, rest),
    };
    Parts { scheme, authority, path, query }
}

/// Resolves a reference without fragment against a base, by RFC 3986.
pub(super) fn resolve(base: &str, reference: &str) -> String {
    let to = parts(reference);
    if to.scheme.is_some() {
        return reference.to_owned();
    }
    let from = parts(base);
    let scheme = from.scheme.unwrap_or("");
    let is_opaque = from.authority.is_none() && !from.path.starts_with('/');
    if is_opaque {
        return if reference.is_empty() {
            base.to_owned()
        } else {
            format!("{scheme}:{}", from.path)
        };
    }
    let authority = to.authority.or(from.authority);
    let (path, query) = if to.authority.is_some() || to.path.starts_with('/') {
        (without_dots(to.path), to.query)
    } else if to.path.is_empty() {
        (from.path.to_owned(), to.query.or(from.query))
    } else {
        let folder = from.path.rfind('/').map_or("/", |at| &from.path[..=at]);
        (without_dots(&format!("{folder}{}", to.path)), to.query)
    };
    let authority = authority.map(|authority| format!("//{authority}")).unwrap_or_default();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}:{authority}{path}{query}")
}

fn without_dots(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." && out.len() > 1 {
                    out.pop();
                }
                if is_last {
                    out.push("");
                }
            }
            part => out.push(part),
        }
    }
    out.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_references() {
        let base = "http://a/b/c/d?q";
        let cases = [
            ("g", "http://a/b/c/g"),
            ("./g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//h/x", "http://h/x"),
            ("?y", "http://a/b/c/d?y"),
            ("", "http://a/b/c/d?q"),
            ("../../../g", "http://a/g"),
            ("urn:x:y", "urn:x:y"),
        ];
        for (reference, want) in cases {
            assert_eq!(resolve(base, reference), want, "{reference}");
        }
        assert_eq!(resolve("file:///values.schema.json", "q"), "file:///q");
    }

    #[test]
    fn checks_as_go() {
        assert_eq!(check("%zz").unwrap_err(), "parse \"%zz\": invalid URL escape \"%zz\"");
        assert_eq!(check(":x").unwrap_err(), "parse \":x\": missing protocol scheme");
        assert_eq!(check("HTTP://a/b#c").as_deref(), Ok("http"));
        assert_eq!(check("a/b:c").as_deref(), Ok(""));
    }
}
