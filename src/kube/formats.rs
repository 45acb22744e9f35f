//! The syntax of single values: quantities, names, labels, schedules, addresses.
//!
//! Predicates take text and say whether it is well formed; functions that take a place report.

use std::net::IpAddr;

use super::cursor::{At, shown, whole};
use super::finding::{Finding, Level};
use crate::doc::quantity::is_quantity;
use crate::golang::time::duration::Duration;

/// Reports a value that does not have the form of `rule`.
pub fn bad(at: At<'_>, rule: &'static str, why: &str) {
    at.report(bad_format(at, rule, why));
}

/// The finding of a value that does not have the form of `rule`.
pub fn bad_format(at: At<'_>, rule: &'static str, why: &str) -> Finding {
    Finding::new("bad-format", format!("{}: {why}", shown(at.doc))).rule(rule)
}

/// Checks a quantity such as `500m` or `1Gi`.
pub fn quantity(at: At<'_>) {
    let Some(text) = at.doc.as_str() else { return };
    if at.check.level < Level::Full || is_quantity(text) {
        return;
    }
    let finding = bad_format(at, "quantity", "is no quantity (such as 500m, 2, 1.5Gi)");
    at.report(match quantity_meant(text) {
        Some(meant) => finding.suggest(meant),
        None => finding,
    });
}

fn quantity_meant(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return None;
    }
    let unit = unit.trim().to_ascii_lowercase();
    let mut letters = unit.chars();
    let letter = letters.next()?;
    let upper = letter.to_ascii_uppercase();
    match (letter, letters.as_str()) {
        ('k', "" | "b") => Some(format!("{number}k or {number}Ki")),
        ('m' | 'g' | 't' | 'p' | 'e', "" | "b") => {
            Some(format!("{number}{upper} or {number}{upper}i"))
        }
        ('k' | 'm' | 'g' | 't' | 'p' | 'e', "i" | "ib") => Some(format!("{number}{upper}i")),
        _ => None,
    }
}

/// Checks base64 text as Go reads it.
pub fn base64(at: At<'_>) {
    let Some(text) = at.doc.as_str() else { return };
    if at.check.level < Level::Full {
        return;
    }
    if let Err(offset) = crate::golang::base64::decode(text.as_bytes()) {
        // The value may be a secret: it is not shown.
        let message = format!("not base64: illegal data at byte {offset}");
        let finding = Finding::new("bad-format", message).rule("base64");
        at.report(finding.hint("use stringData or b64enc"));
    }
}

/// Checks a time as RFC 3339 has it.
pub fn time(at: At<'_>) {
    let Some(text) = at.doc.as_str() else { return };
    if at.check.level >= Level::Full && text.parse::<jiff::Timestamp>().is_err() {
        bad(at, "date-time", "is no time such as 2026-01-31T12:00:00Z");
    }
}

/// Checks a Go duration.
pub fn duration(at: At<'_>) {
    let Some(text) = at.doc.as_str() else { return };
    if at.check.level >= Level::Full && Duration::parse(text.as_bytes()).is_err() {
        bad(at, "duration", "is no duration such as 1h30m");
    }
}

fn label_with(text: &str, middle: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.iter().all(|&byte| plain(byte) || middle(byte))
        && bytes.first().is_some_and(|&byte| plain(byte))
        && bytes.last().is_some_and(|&byte| plain(byte))
}

/// A DNS label of RFC 1123: lower case, digits, `-`; 63 at most.
pub fn is_dns_label(text: &str) -> bool {
    text.len() <= 63 && label_with(text, |byte| byte == b'-')
}

/// A DNS label of RFC 1035: also starts with a letter.
pub fn is_dns1035_label(text: &str) -> bool {
    is_dns_label(text) && text.as_bytes()[0].is_ascii_lowercase()
}

/// A DNS subdomain: labels joined by dots; 253 at most.
pub fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(|part| label_with(part, |byte| byte == b'-'))
}

/// A DNS subdomain that may start with `*.`.
pub fn is_wildcard_subdomain(text: &str) -> bool {
    text.strip_prefix("*.").is_some_and(is_subdomain)
}

/// A domain that names are searched in: a subdomain, in which labels may have `_` and which may
/// end with a dot, or a dot alone.
pub fn is_search_domain(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    text == "."
        || (name.len() <= 253
            && name.split('.').all(|part| {
                let inner = part.strip_prefix('_').unwrap_or(part);
                label_with(inner, |byte| matches!(byte, b'-' | b'_'))
            }))
}

/// The name of an HTTP header.
pub fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// What may stand in an object's URL: anything but `/`, `%`, `.` and `..`.
pub fn is_path_segment(text: &str) -> bool {
    !text.is_empty() && text != "." && text != ".." && !text.contains(['/', '%'])
}

fn is_name_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    text.len() <= 63
        && bytes.iter().all(|byte| plain(byte) || matches!(byte, b'-' | b'_' | b'.'))
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
}

/// A label key: `name` or `domain/name`.
pub fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        None => is_name_part(text),
        Some((domain, name)) => is_subdomain(domain) && is_name_part(name),
    }
}

/// A label value: empty, or like the name part of a key.
pub fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_name_part(text)
}

/// A key of a `ConfigMap` or Secret.
pub fn is_config_key(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && text != "."
        && !text.starts_with("..")
}

/// A port name: at most 15 of lower case, digits, `-`, with a letter, without `--` or an outer
/// `-`; says what is wrong.
pub fn port_name_problem(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    if text.is_empty() {
        Some("must not be empty")
    } else if text.len() > 15 {
        Some("must be no more than 15 characters")
    } else if !bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-') {
        Some("must contain only lower case letters, digits and '-'")
    } else if !bytes.iter().any(u8::is_ascii_lowercase) {
        Some("must contain at least one letter")
    } else if text.contains("--") {
        Some("must not contain consecutive hyphens")
    } else if text.starts_with('-') || text.ends_with('-') {
        Some("must not begin or end with a hyphen")
    } else {
        None
    }
}

/// A kernel parameter: parts of letters, digits, `-` and `_`, joined by dots or slashes.
pub fn is_sysctl(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let part = |part: &str| {
        part.bytes().all(|byte| plain(byte) || matches!(byte, b'-' | b'_'))
            && part.bytes().next().is_some_and(plain)
            && part.bytes().last().is_some_and(plain)
    };
    text.len() <= 253 && text.split(['.', '/']).all(part)
}

/// A number followed by `%`.
pub fn percent(text: &str) -> Option<u64> {
    let digits = text.strip_suffix('%')?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// An IP address as the server takes it.
pub fn is_ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// An address range such as `10.0.0.0/8`.
pub fn cidr(text: &str) -> Option<(IpAddr, u32)> {
    let (ip, bits) = text.split_once('/')?;
    let ip: IpAddr = ip.parse().ok()?;
    if bits.is_empty() || !bits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let bits: u32 = bits.parse().ok()?;
    (bits <= if ip.is_ipv4() { 32 } else { 128 }).then_some((ip, bits))
}

/// Whether an address range has bits set that are not of its prefix: `10.0.0.1/8`.
pub fn cidr_has_host_bits((ip, bits): (IpAddr, u32)) -> bool {
    let (value, width) = match ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)), 32),
        IpAddr::V6(ip) => (u128::from(ip), 128),
    };
    let host = width - bits;
    host > 0 && value & (u128::MAX >> (128 - host)) != 0
}

/// Why the world cannot reach an address: it is no one's, this machine's, or this wire's.
pub fn special_ip(text: &str) -> Option<&'static str> {
    let ip: IpAddr = text.parse().ok()?;
    let (local, multicast) = match ip {
        IpAddr::V4(ip) => (ip.is_link_local(), ip.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(ip) => (ip.segments()[0] & 0xffc0 == 0xfe80, ip.segments()[0] == 0xff02),
    };
    if ip.is_unspecified() {
        Some("may not be unspecified")
    } else if ip.is_loopback() {
        Some("may not be a loopback address")
    } else if local || multicast {
        Some("may not be a link-local address")
    } else {
        None
    }
}

/// Whether the range `inner` lies in `outer` and is smaller.
pub fn cidr_contains(outer: (IpAddr, u32), inner: (IpAddr, u32)) -> bool {
    let bits = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)) << 96, 32),
        IpAddr::V6(ip) => (u128::from(ip), 128),
    };
    let ((a, width), (b, other)) = (bits(outer.0), bits(inner.0));
    let same = outer.1 == 0 || (a ^ b) >> (128 - outer.1) == 0;
    width == other && inner.1 > outer.1 && same
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// What is wrong with a cron schedule, as the controller's parser has it.
pub fn cron_problem(text: &str) -> Option<String> {
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        return Some("cannot use TZ or CRON_TZ in the schedule, use timeZone instead".into());
    }
    let named = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    if let Some(every) = text.strip_prefix("@every ") {
        let wrong = Duration::parse(every.as_bytes()).is_err();
        return wrong.then(|| format!("{every:?} is no duration"));
    }
    if text.starts_with('@') {
        return (!named.contains(&text)).then(|| format!("{text:?} is no known descriptor"));
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 5 {
        return Some(format!("expected exactly 5 fields, found {}", fields.len()));
    }
    let ranges: [(&str, u32, u32, &[&str], u32); 5] = [
        ("minute", 0, 59, &[], 0),
        ("hour", 0, 23, &[], 0),
        ("day of month", 1, 31, &[], 0),
        ("month", 1, 12, &MONTHS, 1),
        ("day of week", 0, 6, &DAYS, 0),
    ];
    for (field, (what, min, max, names, base)) in fields.iter().zip(ranges) {
        if field.split(',').any(|part| !cron_part(part, min, max, names, base)) {
            return Some(format!("{field:?} is no {what} ({min} to {max})"));
        }
    }
    None
}

fn cron_part(part: &str, min: u32, max: u32, names: &[&str], base: u32) -> bool {
    let number = |text: &str| -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        if let Some(index) = names.iter().position(|name| *name == lower) {
            return Some(index as u32 + base);
        }
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        text.parse().ok()
    };
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (part, None),
    };
    if step.is_some_and(|step| number(step).is_none_or(|step| step == 0)) {
        return false;
    }
    if matches!(range, "*" | "?") {
        return true;
    }
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    match (number(low), number(high)) {
        (Some(low), Some(high)) => low >= min && high <= max && low <= high,
        _ => false,
    }
}

/// Whether a place reports nothing about a port given as a number or a name.
pub fn port(at: At<'_>) {
    if let Some(number) = whole(at.doc) {
        in_range(at, number, 1, 65535);
    } else if let Some(name) = at.doc.as_str()
        && let Some(why) = port_name_problem(name)
    {
        bad(at, "iana-svc-name", why);
    }
}

/// Reports a number outside of `min..=max`; gives back whether it is inside.
pub fn in_range(at: At<'_>, number: i64, min: i64, max: i64) -> bool {
    let inside = (min..=max).contains(&number);
    if !inside {
        let message = if max == i64::MAX {
            format!("{number} must be at least {min}")
        } else {
            format!("{number} must be between {min} and {max}")
        };
        let finding = Finding::new("out-of-range", message).rule("number-range").fact("min", min);
        at.report(if max == i64::MAX { finding } else { finding.fact("max", max) });
    }
    inside
}

/// Reports the whole number of member `key` when it is outside of `min..=max`.
pub fn member_in_range<'d>(at: At<'d>, key: &'d str, min: i64, max: i64) {
    if let Some((number, at)) = at.int(key) {
        in_range(at, number, min, max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(is_dns_label("a-1") && !is_dns_label("-a") && !is_dns_label("a.b"));
        assert!(is_dns1035_label("a1") && !is_dns1035_label("1a") && !is_dns1035_label(""));
        assert!(is_subdomain("a.b-c") && !is_subdomain("a..b") && !is_subdomain("A"));
        assert!(is_qualified_name("a.io/B_c") && !is_qualified_name("a/b/c"));
        assert!(!is_qualified_name("/a") && !is_qualified_name("a/"));
        assert!(is_label_value("") && is_label_value("1.2.3") && !is_label_value("1+2"));
        assert!(is_config_key("a_b.C-1") && !is_config_key("a/b") && !is_config_key("..a"));
        for (name, good) in [("http", true), ("a--b", false), ("80", false), ("-a", false)] {
            assert_eq!(port_name_problem(name).is_none(), good, "{name}");
        }
    }

    #[test]
    fn schedules() {
        for good in ["*/5 * * * *", "0 0 1 jan SUN", "1-5,7 ? * * 1-5/2", "@daily", "@every 1h"] {
            assert_eq!(cron_problem(good), None, "{good}");
        }
        for bad in [
            "every 5 minutes",
            "60 * * * *",
            "* * * * * *",
            "* * 0 * *",
            "* * * * 7",
            "*/0 * * * *",
            "TZ=UTC * * * * *",
            "@often",
            "",
        ] {
            assert!(cron_problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn addresses_and_amounts() {
        assert!(cidr("10.0.0.0/8").is_some() && cidr("10.0.0.0").is_none());
        assert!(cidr("10.0.0.0/33").is_none() && cidr("::/0").is_some());
        let range = |text| cidr(text).unwrap();
        assert!(cidr_contains(range("10.0.0.0/8"), range("10.1.0.0/16")));
        assert!(!cidr_contains(range("10.0.0.0/8"), range("11.1.0.0/16")));
        assert_eq!(percent("25%"), Some(25));
        assert_eq!(percent("25"), None);
        assert_eq!(quantity_meant("512MB").as_deref(), Some("512M or 512Mi"));
        assert_eq!(quantity_meant("1 Gi").as_deref(), Some("1Gi"));
        assert_eq!(quantity_meant("ten"), None);
        assert_eq!(quantity_meant("1Ö"), None);
    }
}
