//! `format`: shapes of texts, with the reasons that Helm's validator gives.

use crate::golang::quote::quote;
use crate::golang::regexp::Regexp;

use super::url;

/// A known format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    name: &'static str,
    check: fn(&str) -> Verdict,
}

type Verdict = Result<(), String>;

const FORMATS: &[Format] = &[
    Format { name: "json-pointer", check: json_pointer },
    Format { name: "relative-json-pointer", check: relative_json_pointer },
    Format { name: "uuid", check: uuid },
    Format { name: "duration", check: duration },
    Format { name: "period", check: period },
    Format { name: "ipv4", check: ipv4 },
    Format { name: "ipv6", check: ipv6 },
    Format { name: "hostname", check: hostname },
    Format { name: "email", check: email },
    Format { name: "date", check: date },
    Format { name: "time", check: time },
    Format { name: "date-time", check: date_time },
    Format { name: "uri", check: uri },
    Format { name: "iri", check: uri },
    Format { name: "uri-reference", check: uri_reference },
    Format { name: "iri-reference", check: uri_reference },
    Format { name: "uri-template", check: uri_template },
    Format { name: "semver", check: semver },
    Format { name: "regex", check: regex },
];

impl Format {
    /// The format of a name, if it is known; others say nothing.
    pub(super) fn named(name: &str) -> Option<Format> {
        FORMATS.iter().find(|format| format.name == name).copied()
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        self.name
    }

    /// Whether a text has this format, or why not.
    pub(super) fn check(self, text: &str) -> Verdict {
        (self.check)(text)
    }
}

fn no<T>(reason: impl Into<String>) -> Result<T, String> {
    Err(reason.into())
}

/// A character as Go's `%q` shows it.
fn shown(c: char) -> String {
    match c {
        '\'' => "'\\''".into(),
        '"' => "'\"'".into(),
        c => {
            let quoted = quote(c.to_string().as_bytes());
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}

/// `strconv.Atoi`.
fn number(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    text.parse().map_err(|_| {
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let reason = if is_number { "value out of range" } else { "invalid syntax" };
        format!("strconv.Atoi: parsing {}: {reason}", quote(text.as_bytes()))
    })
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn regex(text: &str) -> Verdict {
    Regexp::compile(text.as_bytes()).map(|_| ())
}

fn json_pointer(text: &str) -> Verdict {
    if text.is_empty() {
        return Ok(());
    }
    if !text.starts_with('/') {
        return no("not starting with /");
    }
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '~' && !matches!(chars.next(), Some('0' | '1')) {
            return no("~ must be followed by 0 or 1");
        }
    }
    Ok(())
}

fn relative_json_pointer(text: &str) -> Verdict {
    let digits = leading_digits(text);
    if digits == 0 {
        return no("must start with non-negative integer");
    }
    if digits > 1 && text.starts_with('0') {
        return no("starts with zero");
    }
    match &text[digits..] {
        "#" => Ok(()),
        rest => json_pointer(rest),
    }
}

fn uuid(text: &str) -> Verdict {
    let sizes = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != sizes.len() {
        return no("must have 5 elements");
    }
    for (at, (group, size)) in groups.iter().zip(sizes).enumerate() {
        if group.len() != size {
            return no(format!("element {} must be {size} characters long", at + 1));
        }
        if let Some(c) = group.chars().find(|c| !c.is_ascii_hexdigit()) {
            return no(format!("non-hex character {}", shown(c)));
        }
    }
    Ok(())
}

fn duration(text: &str) -> Verdict {
    let Some(body) = text.strip_prefix('P') else { return no("must start with P") };
    if body.is_empty() {
        return no("nothing after P");
    }
    if let Some(weeks) = body.strip_suffix('W') {
        return match weeks {
            "" => no("no number in week"),
            _ if leading_digits(weeks) < weeks.len() => no("invalid week"),
            _ => Ok(()),
        };
    }
    let all = ["YMD", "HMS"];
    for (at, part) in body.split('T').enumerate() {
        if at != 0 && part.is_empty() {
            return no("no time elements");
        }
        let Some(mut units) = all.get(at).copied() else { return no("more than one T") };
        let mut part = part;
        while !part.is_empty() {
            let digits = leading_digits(part);
            if digits == 0 {
                return no("missing number");
            }
            part = &part[digits..];
            let Some(unit) = part.chars().next() else { return no("missing unit") };
            let Some(place) = units.find(unit) else {
                return if all[at].contains(unit) {
                    no(format!("unit {} out of order", shown(unit)))
                } else {
                    no(format!("invalid unit {}", shown(unit)))
                };
            };
            units = &units[place + 1..];
            part = &part[unit.len_utf8()..];
        }
    }
    Ok(())
}

fn ipv4(text: &str) -> Verdict {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return no("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return no("leading zeros");
        }
        if !(0..=255).contains(&number(group)?) {
            return no("decimal must be between 0 and 255");
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Verdict {
    if !text.contains(':') {
        return no("missing colon");
    }
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    if let Err((reason, at)) = parse_ipv6(address) {
        let whole = quote(text.as_bytes());
        let at =
            if at.is_empty() { String::new() } else { format!(" (at {})", quote(at.as_bytes())) };
        return no(format!("ParseAddr({whole}): {reason}{at}"));
    }
    match zone {
        None => Ok(()),
        Some("") => {
            let whole = quote(text.as_bytes());
            no(format!("ParseAddr({whole}): zone must be a non-empty string"))
        }
        Some(_) => no("zone id is not a part of ipv6 address"),
    }
}

/// Go's `netip.ParseAddr` for version 6: the reason and the rest where it stopped.
fn parse_ipv6(text: &str) -> Result<(), (&'static str, &str)> {
    let mut rest = text;
    let mut groups = 0;
    let mut ellipsis = false;
    if let Some(after) = rest.strip_prefix("::") {
        ellipsis = true;
        rest = after;
        if rest.is_empty() {
            return Ok(());
        }
    }
    while groups < 8 {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits > 4 {
            return Err(("IPv6 field has value >=2^16", rest));
        }
        if digits == 0 {
            return Err(("each colon-separated field must have at least one digit", rest));
        }
        if rest[digits..].starts_with('.') {
            if !ellipsis && groups != 6 {
                return Err((
                    "embedded IPv4 address must replace the final 2 fields of the address",
                    rest,
                ));
            }
            if groups > 6 {
                return Err((
                    "too many hex fields to fit an embedded IPv4 at the end of the address",
                    rest,
                ));
            }
            if ipv4(rest).is_err() {
                return Err(("unexpected character", rest));
            }
            groups += 2;
            rest = "";
            break;
        }
        groups += 1;
        rest = &rest[digits..];
        if rest.is_empty() {
            break;
        }
        let Some(after) = rest.strip_prefix(':') else {
            return Err(("unexpected character, want colon", rest));
        };
        if after.is_empty() {
            return Err(("colon must be followed by more characters", rest));
        }
        rest = after;
        if let Some(after) = rest.strip_prefix(':') {
            if ellipsis {
                return Err(("multiple :: in address", rest));
            }
            ellipsis = true;
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return Err(("trailing garbage after address", rest));
    }
    if groups < 8 && !ellipsis {
        return Err(("address string too short", ""));
    }
    if groups == 8 && ellipsis {
        return Err(("the :: must expand to at least one field of zeros", ""));
    }
    Ok(())
}

fn hostname(text: &str) -> Verdict {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return no("more than 253 characters long");
    }
    for label in text.split('.') {
        if label.is_empty() || label.len() > 63 {
            return no("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return no("label starts with hyphen");
        }
        if label.ends_with('-') {
            return no("label ends with hyphen");
        }
        if let Some(c) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return no(format!("invalid character {}", shown(c)));
        }
    }
    Ok(())
}

fn email(text: &str) -> Verdict {
    if text.len() > 254 {
        return no("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else { return no("missing @") };
    if local.len() > 64 {
        return no("local part more than 64 characters long");
    }
    if local.len() > 1 && local.starts_with('"') {
        let inner = local.get(1..local.len() - 1).unwrap_or("");
        if inner.contains(['\\', '"']) {
            return no("backslash and quote are not allowed within quoted local part");
        }
    } else {
        if local.starts_with('.') {
            return no("starts with dot");
        }
        if local.ends_with('.') {
            return no("ends with dot");
        }
        if local.contains("..") {
            return no("consecutive dots");
        }
        let legal = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
        if let Some(c) = local.chars().find(|c| !legal(*c)) {
            return no(format!("invalid character {}", shown(c)));
        }
    }
    if let Some(address) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match address.strip_prefix("IPv6:") {
            Some(address) => ipv6(address).map_err(|why| format!("invalid ipv6 address: {why}")),
            None => ipv4(address).map_err(|why| format!("invalid ipv4 address: {why}")),
        };
    }
    hostname(domain).map_err(|why| format!("invalid domain: {why}"))
}

fn date(text: &str) -> Verdict {
    let whole = quote(text.as_bytes());
    let mut rest = text;
    let mut numbers = Vec::new();
    for element in ["2006", "-", "01", "-", "02"] {
        let fits = rest.get(..element.len()).is_some_and(|head| {
            if element == "-" { head == "-" } else { leading_digits(head) == element.len() }
        });
        if !fits {
            let rest = quote(rest.as_bytes());
            return no(format!(
                "parsing time {whole} as \"2006-01-02\": cannot parse {rest} as {}",
                quote(element.as_bytes())
            ));
        }
        let (head, tail) = rest.split_at(element.len());
        if element == "01" && !matches!(head.parse(), Ok(1..=12)) {
            return no(format!("parsing time {whole}: month out of range"));
        }
        if element != "-" {
            numbers.push(head.parse::<u32>().unwrap_or(0));
        }
        rest = tail;
    }
    if !rest.is_empty() {
        return no(format!("parsing time {whole}: extra text: {}", quote(rest.as_bytes())));
    }
    let (year, month, day) = (numbers[0], numbers[1], numbers[2]);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day < 1 || day > days {
        return no(format!("parsing time {whole}: day out of range"));
    }
    Ok(())
}

fn time(text: &str) -> Verdict {
    let bytes = text.as_bytes();
    if bytes.len() < 9 {
        return no("less than 9 characters long");
    }
    if bytes[2] != b':' || bytes[5] != b':' {
        return no("missing colon in correct place");
    }
    let mut clock = Vec::new();
    for part in text.get(..8).unwrap_or("").splitn(3, ':') {
        match number(part) {
            Err(_) => return no("invalid hour/min/sec"),
            Ok(value) if value < 0 => return no("non-positive hour/min/sec"),
            Ok(value) => clock.push(value),
        }
    }
    let [mut hour, mut minute, second] = clock[..] else { return no("missing hour/min/sec") };
    if hour > 23 || minute > 59 || second > 60 {
        return no("hour/min/sec out of range");
    }
    let mut rest = &text[8..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = leading_digits(fraction);
        if digits == 0 {
            return no("no digits in second fraction");
        }
        rest = &fraction[digits..];
    }
    if rest != "z" && rest != "Z" {
        if rest.len() != 6 {
            return no("offset must be 6 characters long");
        }
        let sign = match rest.as_bytes()[0] {
            b'+' => -1,
            b'-' => 1,
            _ => return no("offset must begin with plus/minus"),
        };
        if rest.as_bytes()[3] != b':' {
            return no("missing colon in offset in correct place");
        }
        let mut zone = Vec::new();
        for part in rest[1..].splitn(2, ':') {
            match number(part) {
                Err(_) => return no("invalid hour/min in offset"),
                Ok(value) if value < 0 => return no("non-positive hour/min in offset"),
                Ok(value) => zone.push(value),
            }
        }
        if zone[0] > 23 || zone[1] > 59 {
            return no("hour/min in offset out of range");
        }
        let mut minutes = hour * 60 + minute + sign * (zone[0] * 60 + zone[1]);
        if minutes < 0 {
            minutes += 24 * 60;
        }
        (hour, minute) = (minutes / 60, minutes % 60);
    }
    if second >= 60 && (hour != 23 || minute != 59) {
        return no("invalid leap second");
    }
    Ok(())
}

fn date_time(text: &str) -> Verdict {
    if text.len() < 20 {
        return no("less than 20 characters long");
    }
    if !matches!(text.as_bytes()[10], b't' | b'T') {
        return no("11th character must be t or T");
    }
    date(text.get(..10).unwrap_or(text)).map_err(|why| format!("invalid date element: {why}"))?;
    time(text.get(11..).unwrap_or("")).map_err(|why| format!("invalid time element: {why}"))
}

fn period(text: &str) -> Verdict {
    let Some((start, end)) = text.split_once('/') else { return no("missing slash") };
    let is_duration = |part: &str| part.starts_with('P');
    if is_duration(start) {
        duration(start).map_err(|why| format!("invalid start duration: {why}"))?;
        return date_time(end).map_err(|why| format!("invalid end date-time: {why}"));
    }
    date_time(start).map_err(|why| format!("invalid start date-time: {why}"))?;
    if is_duration(end) {
        duration(end).map_err(|why| format!("invalid end duration: {why}"))
    } else {
        date_time(end).map_err(|why| format!("invalid end date-time: {why}"))
    }
}

/// Parses a URL and checks a host that looks like an IPv6 address; gives the scheme.
fn parse_url(text: &str) -> Result<String, String> {
    let scheme = url::check(text)?;
    let Some((_, rest)) = text.split_once("//") else { return Ok(scheme) };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = host.rsplit('@').next().unwrap_or(host);
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
        if inner.contains(':') {
            ipv6(inner).map_err(|why| format!("invalid ipv6 address: {why}"))?;
        }
    } else if host.matches(':').count() > 1 {
        return no("ipv6 address not enclosed in brackets");
    }
    Ok(scheme)
}

fn uri(text: &str) -> Verdict {
    if parse_url(text)?.is_empty() { no("relative url") } else { Ok(()) }
}

fn uri_reference(text: &str) -> Verdict {
    if text.contains('\\') {
        return no("contains \\");
    }
    parse_url(text).map(|_| ())
}

fn uri_template(text: &str) -> Verdict {
    parse_url(text)?;
    let path = text.split(['?', '#']).next().unwrap_or(text);
    for token in path.split('/') {
        let token =
            url::unescape_percent(token).map_err(|why| format!("percent decode failed: {why}"))?;
        let mut is_open = false;
        for c in token.chars().filter(|c| matches!(c, '{' | '}')) {
            if (c == '{') == is_open {
                return no("nested curly braces");
            }
            is_open = !is_open;
        }
        if is_open {
            return no("no matching closing brace");
        }
    }
    Ok(())
}

fn semver(text: &str) -> Verdict {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let (text, build) = match text.split_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    if let Some(build) = build {
        if build.is_empty() {
            return no("build is empty");
        }
        for part in build.split('.') {
            if part.is_empty() {
                return no("build identifier is empty");
            }
            if let Some(c) = part.chars().find(|c| !legal(*c)) {
                return no(format!("invalid character {} in build identifier", shown(c)));
            }
        }
    }
    let (core, pre) = match text.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (text, None),
    };
    for part in pre.into_iter().flat_map(|pre| pre.split('.')) {
        if part.is_empty() {
            return no("pre-release identifier is empty");
        }
        if let Some(c) = part.chars().find(|c| !legal(*c)) {
            return no(format!("invalid character {} in pre-release identifier", shown(c)));
        }
        if leading_digits(part) == part.len() && part.len() > 1 && part.starts_with('0') {
            return no("pre-release numeric identifier starts with zero");
        }
    }
    let numbers: Vec<&str> = core.split('.').collect();
    if numbers.len() != 3 {
        return no("versionCore must have 3 numbers separated by dot");
    }
    for (name, number) in ["major", "minor", "patch"].iter().zip(numbers) {
        if number.is_empty() {
            return no(format!("{name} is empty"));
        }
        if number.len() > 1 && number.starts_with('0') {
            return no(format!("{name} starts with zero"));
        }
        if leading_digits(number) < number.len() {
            return no(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}
