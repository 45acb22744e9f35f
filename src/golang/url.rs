//! Go's `net/url`: taking URLs apart and putting them together.

use std::net::Ipv6Addr;

use super::quote::quote;

/// A URL in parts; path and fragment are decoded, the query is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// The scheme, in lower case.
    pub scheme: Vec<u8>,
    /// What follows the scheme when that is not a path.
    pub opaque: Vec<u8>,
    /// User and password.
    pub user: Option<Userinfo>,
    /// Host and port.
    pub host: Vec<u8>,
    /// The path, decoded.
    pub path: Vec<u8>,
    /// The path as it was written, where encoding it anew would differ.
    pub raw_path: Vec<u8>,
    /// The query, without the question mark.
    pub raw_query: Vec<u8>,
    /// The fragment, decoded.
    pub fragment: Vec<u8>,
    /// The fragment as it was written, where encoding it anew would differ.
    pub raw_fragment: Vec<u8>,
    /// Whether there is a question mark without a query.
    pub force_query: bool,
    /// Whether the scheme is followed by a path without a host.
    pub omit_host: bool,
}

/// User and password of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Userinfo {
    /// The user's name, decoded.
    pub username: Vec<u8>,
    /// The password, decoded.
    pub password: Option<Vec<u8>>,
}

/// A part of a URL, which decides what must be escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

impl Url {
    /// `url.Parse`; the error is its sentence.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let wrap = |text: &[u8], error: String| format!("parse {}: {error}", quote(text));
        let (rest, fragment) = cut(text, b'#');
        let mut url = Self::parse_rest(rest).map_err(|error| wrap(rest, error))?;
        if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
            url.fragment = unescape(fragment, Part::Fragment).map_err(|error| wrap(text, error))?;
            if escape(&url.fragment, Part::Fragment) != fragment {
                url.raw_fragment = fragment.to_vec();
            }
        }
        Ok(url)
    }

    fn parse_rest(text: &[u8]) -> Result<Self, String> {
        if text.iter().any(|&byte| byte < b' ' || byte == 0x7F) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Url::default();
        if text == b"*" {
            url.path = b"*".to_vec();
            return Ok(url);
        }
        let (scheme, mut rest) = split_scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        if let Some(before) = rest.strip_suffix(b"?").filter(|before| !before.contains(&b'?')) {
            url.force_query = true;
            rest = before;
        } else {
            let (before, query) = cut(rest, b'?');
            rest = before;
            url.raw_query = query.unwrap_or_default().to_vec();
        }
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            // A colon here would make it look like a scheme.
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let has_scheme = !url.scheme.is_empty();
        if rest.starts_with(b"//") && (has_scheme || !rest.starts_with(b"///")) {
            let slash = rest[2..].iter().position(|&byte| byte == b'/');
            let (authority, path) = rest[2..].split_at(slash.unwrap_or(rest.len() - 2));
            (url.user, url.host) = parse_authority(&url.scheme, authority)?;
            rest = path;
        } else if has_scheme && rest.starts_with(b"/") {
            url.omit_host = true;
        }
        url.path = unescape(rest, Part::Path)?;
        if escape(&url.path, Part::Path) != rest {
            url.raw_path = rest.to_vec();
        }
        Ok(url)
    }

    /// The host without port and brackets.
    pub fn hostname(&self) -> &[u8] {
        let host = match self.host.iter().rposition(|&byte| byte == b':') {
            Some(colon) if is_port(&self.host[colon..]) => &self.host[..colon],
            _ => &self.host[..],
        };
        host.strip_prefix(b"[").and_then(|inner| inner.strip_suffix(b"]")).unwrap_or(host)
    }

    /// The URL as text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if !self.scheme.is_empty() {
            text.extend_from_slice(&self.scheme);
            text.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut text);
        } else {
            text.extend_from_slice(&self.opaque);
        }
        if self.force_query || !self.raw_query.is_empty() {
            text.push(b'?');
            text.extend_from_slice(&self.raw_query);
        }
        if !self.fragment.is_empty() {
            text.push(b'#');
            text.extend(encoded(&self.raw_fragment, &self.fragment, Part::Fragment));
        }
        text
    }

    fn write_hierarchy(&self, text: &mut Vec<u8>) {
        let hostless = self.omit_host && self.host.is_empty() && self.user.is_none();
        let has_any = !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some();
        if has_any && !hostless {
            if !self.host.is_empty() || !self.path.is_empty() || self.user.is_some() {
                text.extend_from_slice(b"//");
            }
            if let Some(user) = &self.user {
                text.extend(user.to_bytes());
                text.push(b'@');
            }
            text.extend(escape(&self.host, Part::Host));
        }
        let path = if self.raw_path.is_empty() && self.path == b"*" {
            b"*".to_vec()
        } else {
            encoded(&self.raw_path, &self.path, Part::Path)
        };
        let mut path = path.as_slice();
        if hostless && path.starts_with(b"//") {
            // Not to be taken for a host.
            text.extend_from_slice(b"%2F");
            path = &path[1..];
        }
        if path.first().is_some_and(|&byte| byte != b'/') && !self.host.is_empty() {
            text.push(b'/');
        }
        if text.is_empty() && cut(path, b'/').0.contains(&b':') {
            // Not to be taken for a scheme.
            text.extend_from_slice(b"./");
        }
        text.extend_from_slice(path);
    }
}

impl Userinfo {
    /// The user and password as a URL shows them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = escape(&self.username, Part::User);
        if let Some(password) = &self.password {
            text.push(b':');
            text.extend(escape(password, Part::User));
        }
        text
    }
}

/// The way something was written, if that is a correct encoding of it, else its usual encoding.
fn encoded(raw: &[u8], decoded: &[u8], part: Part) -> Vec<u8> {
    let allowed = |byte: &u8| b"!$&'()*+,;=:@[]%".contains(byte) || !must_escape(*byte, part);
    let faithful = !raw.is_empty()
        && raw.iter().all(allowed)
        && unescape(raw, part).is_ok_and(|unescaped| unescaped == decoded);
    if faithful { raw.to_vec() } else { escape(decoded, part) }
}

fn cut(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&byte| byte == separator) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..index], &text[index + 1..])),
            _ => break,
        }
    }
    Ok((&[], text))
}

fn parse_authority(scheme: &[u8], authority: &[u8]) -> Result<(Option<Userinfo>, Vec<u8>), String> {
    let Some(at) = authority.iter().rposition(|&byte| byte == b'@') else {
        return Ok((None, parse_host(scheme, authority)?));
    };
    let host = parse_host(scheme, &authority[at + 1..])?;
    let user = &authority[..at];
    let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !user.iter().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (username, password) = cut(user, b':');
    let username = unescape(username, Part::User)?;
    let password = password.map(|password| unescape(password, Part::User)).transpose()?;
    Ok((Some(Userinfo { username, password }), host))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    let check_port = |port: &[u8]| {
        if is_port(port) { Ok(()) } else { Err(format!("invalid port {} after host", quote(port))) }
    };
    match host.iter().rposition(|&byte| byte == b'[') {
        Some(0) => {}
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {
            let first = host.iter().position(|&byte| byte == b':');
            // Database URLs list several hosts with ports; only web URLs are strict.
            let colon = if matches!(scheme, b"http" | b"https") {
                first
            } else {
                host.iter().rposition(|&byte| byte == b':')
            };
            if let Some(colon) = colon {
                check_port(&host[colon..])?;
            }
            return unescape(host, Part::Host);
        }
    }
    let Some(close) = host.iter().rposition(|&byte| byte == b']') else {
        return Err("missing ']' in host".to_owned());
    };
    check_port(&host[close + 1..])?;
    let port = unescape(&host[close + 1..], Part::Host)?;
    let name = &host[1..close];
    let zone = name.windows(3).position(|window| window == b"%25").unwrap_or(name.len());
    let mut address = unescape(&name[..zone], Part::Host)?;
    address.extend(unescape(&name[zone..], Part::Zone)?);
    check_address(&String::from_utf8_lossy(&address))?;
    Ok([b"[", address.as_slice(), b"]", &port].concat())
}

/// Between brackets there must be an IPv6 address, perhaps with a zone.
fn check_address(address: &str) -> Result<(), String> {
    let invalid = |problem: &str| {
        let address = quote(address.as_bytes());
        Err(format!("invalid host: ParseAddr({address}): {problem}"))
    };
    let (bare, zone) = match address.split_once('%') {
        Some((bare, zone)) => (bare, Some(zone)),
        None => (address, None),
    };
    if zone.is_none() && bare.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err("invalid IP-literal".to_owned());
    }
    if zone.is_some() && !bare.contains([':', '.']) {
        return invalid("missing IPv6 address");
    }
    if zone == Some("") {
        return invalid("zone must be a non-empty string");
    }
    if bare.parse::<Ipv6Addr>().is_ok() { Ok(()) } else { invalid("unable to parse IP") }
}

/// Nothing, or a colon and digits.
fn is_port(port: &[u8]) -> bool {
    match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn must_escape(byte: u8, part: Part) -> bool {
    match byte {
        _ if byte.is_ascii_alphanumeric() => false,
        b'-' | b'_' | b'.' | b'~' => false,
        _ if matches!(part, Part::Host | Part::Zone) => !b"!$&'()*+,;=:[]<>\"".contains(&byte),
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match part {
            Part::Path => byte == b'?',
            Part::User => b"@/?:".contains(&byte),
            _ => false,
        },
        b'!' | b'(' | b')' | b'*' => part != Part::Fragment,
        _ => true,
    }
}

fn escape(text: &[u8], part: Part) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = Vec::with_capacity(text.len());
    for &byte in text {
        if must_escape(byte, part) {
            let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
            escaped.extend([b'%', DIGITS[high], DIGITS[low]]);
        } else {
            escaped.push(byte);
        }
    }
    escaped
}

fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16).map(|digit| digit as u8);
    let bad = |escape: &[u8]| Err(format!("invalid URL escape {}", quote(escape)));
    let mut unescaped = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if byte == b'%' {
            let end = text.len().min(at + 3);
            let (Some(high), Some(low)) = (digit(text.get(at + 1)), digit(text.get(at + 2))) else {
                return bad(&text[at..end]);
            };
            let value = high << 4 | low;
            // A host may hide only bytes beyond ASCII, a zone only what hosts may contain.
            let hidden = match part {
                Part::Host => high < 8 && value != b'%',
                Part::Zone => value != b'%' && value != b' ' && must_escape(value, Part::Host),
                _ => false,
            };
            if hidden {
                return bad(&text[at..end]);
            }
            unescaped.push(value);
            at += 3;
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && must_escape(byte, part) {
            return Err(format!("invalid character {} in host name", quote(&[byte])));
        }
        unescaped.push(byte);
        at += 1;
    }
    Ok(unescaped)
}
#[cfg(test)]
mod tests {
    use super::*;

    fn lossy(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn urls_survive_the_round_trip() {
        // URL, host, path, as it is written again
        let cases = [
            (
                "HTTP://u:p%40w@Host:80/a%2Fb?q#f",
                "Host:80",
                "/a/b",
                "http://u:p%40w@Host:80/a%2Fb?q#f",
            ),
            ("mailto:a@b.c", "", "", "mailto:a@b.c"),
            ("//h/p q", "h", "/p q", "//h/p%20q"),
            ("http://日本.jp/é", "日本.jp", "/é", "http://%E6%97%A5%E6%9C%AC.jp/%C3%A9"),
            ("http://[::1%25en0]:80?", "[::1%en0]:80", "", "http://[::1%25en0]:80?"),
            ("file:////x", "", "//x", "file:////x"),
            ("*", "", "*", "*"),
            ("./a:b", "", "./a:b", "./a:b"),
        ];
        for (text, host, path, written) in cases {
            let url = Url::parse(text.as_bytes()).unwrap();
            assert_eq!(lossy(&url.host), host, "{text}");
            assert_eq!(lossy(&url.path), path, "{text}");
            assert_eq!(lossy(&url.to_bytes()), written);
        }
    }

    #[test]
    fn bad_urls_get_go_s_errors() {
        let cases = [
            ("http://h:p", "invalid port \":p\" after host"),
            ("http://h/%zz", "invalid URL escape \"%zz\""),
            ("http://a b/", "invalid character \" \" in host name"),
            ("ht tp://x", "first path segment in URL cannot contain colon"),
            (":x", "missing protocol scheme"),
            ("http://[::1", "missing ']' in host"),
            ("http://[1.2.3.4]", "invalid IP-literal"),
            ("http://u[@h", "net/url: invalid userinfo"),
        ];
        for (text, error) in cases {
            let expected = format!("parse {text:?}: {error}");
            assert_eq!(Url::parse(text.as_bytes()).unwrap_err(), expected);
        }
    }
}
