//! Versions and constraints of the usual kind, read without regular expressions, whose
//! compilation would cost more than many a whole render.

use super::{Version, check_prerelease};

/// Longer numbers may not fit; the expressions' way has the words for that.
const MAX_DIGITS: usize = 18;

/// A version as written: `v1.2.3-pre`, later numbers may be missing, in constraints any number
/// may be a wildcard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain<'t> {
    /// All of it.
    pub(super) text: &'t str,
    /// Major, minor and patch; "" for one that is missing.
    pub(super) numbers: [&'t str; 3],
    /// What stands behind the hyphen.
    pub(super) pre: &'t str,
}

/// Whether a number is missing or a wildcard.
pub(super) fn is_open(number: &str) -> bool {
    matches!(number, "" | "x" | "X" | "*")
}

impl<'t> Plain<'t> {
    /// Reads a version; none when it is of another kind, which need not mean that it is wrong.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let unprefixed = text.strip_prefix('v').unwrap_or(text);
        let (numbers, pre) = match unprefixed.split_once('-') {
            Some((numbers, pre)) => {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
                let part = |part: &str| !part.is_empty() && part.bytes().all(plain);
                (numbers, Some(pre).filter(|pre| pre.split('.').all(part))?)
            }
            None => (unprefixed, ""),
        };
        let mut version = Plain { text, numbers: [""; 3], pre };
        for (at, number) in numbers.split('.').enumerate() {
            let is_number = !number.is_empty()
                && number.len() <= MAX_DIGITS
                && number.bytes().all(|byte| byte.is_ascii_digit());
            if number.is_empty() || !(is_number || is_open(number)) {
                return None;
            }
            *version.numbers.get_mut(at)? = number;
        }
        Some(version)
    }

    /// Whether a number is a wildcard.
    pub(super) fn is_open(&self) -> bool {
        self.numbers.iter().any(|number| matches!(*number, "x" | "X" | "*"))
    }

    /// The version, of which `original` is the text.
    ///
    /// Errors: a prerelease with leading zeros.
    pub(super) fn version(&self, original: &str) -> Result<Version, String> {
        if !self.pre.is_empty() {
            check_prerelease(self.pre)?;
        }
        let [major, minor, patch] = self.numbers.map(|number| number.parse().unwrap_or(0));
        Ok(Version {
            major,
            minor,
            patch,
            pre: self.pre.to_owned(),
            metadata: String::new(),
            original: original.to_owned(),
        })
    }
}

/// Operators and versions of the alternatives of a constraint; none when the text is of another
/// kind.
pub(super) fn constraints(text: &str) -> Option<Vec<Vec<(&str, Plain<'_>)>>> {
    // A range: `1.2 - 1.4`.
    if text.contains("- ") || text.contains(" -") {
        return None;
    }
    text.split("||").map(group).collect()
}

fn group(text: &str) -> Option<Vec<(&str, Plain<'_>)>> {
    let mut rest = text.trim_matches(' ');
    let mut conditions = Vec::new();
    loop {
        let (operator, after) = run(rest, |byte| b"=!<>~^".contains(&byte));
        let known = ["", "=", "!=", ">", "<", ">=", "=>", "<=", "=<", "~", "~>", "^"];
        if !known.contains(&operator) {
            return None;
        }
        let (version, after) = run(after.trim_start_matches(' '), |byte| {
            byte.is_ascii_alphanumeric() || b".-*".contains(&byte)
        });
        conditions.push((operator, Plain::read(version)?));
        if after.is_empty() {
            return Some(conditions);
        }
        let next = after.trim_start_matches(' ');
        rest = match next.strip_prefix(',') {
            // The comma must follow at once, blanks may follow it.
            Some(next) if after.starts_with(',') => next.trim_start_matches(' '),
            Some(_) => return None,
            None if after.starts_with(' ') => next,
            None => return None,
        };
    }
}

/// Splits a text behind its first bytes of a kind.
fn run(text: &str, fits: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|byte| !fits(byte)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::super::Constraints;
    use super::*;

    #[test]
    fn plain_versions_are_those_of_the_expressions() {
        for (text, plain) in [
            ("1.2.3", true),
            ("v1.2", true),
            ("1", true),
            ("01.2.3", true),
            ("1.2.3-beta.1", true),
            ("1.2.3-01", true),
            ("1.2.3-0-x.y", true),
            ("1-2", true),
            ("1.2.3-", false),
            ("1.2.3-a..b", false),
            ("1.2.3+b", false),
            ("1.2.3.4", false),
            ("1..3", false),
            ("", false),
            ("v", false),
            ("a", false),
            ("1.2.3 ", false),
            ("1.2.99999999999999999999", false),
        ] {
            let read = Plain::read(text);
            assert_eq!(read.is_some(), plain, "{text}");
            if let Some(read) = read {
                assert_eq!(read.version(text), Version::parse_any(text), "{text}");
            }
        }
    }

    #[test]
    fn plain_constraints_are_those_of_the_expressions() {
        for (text, plain) in [
            (">=1.19-0", true),
            (">= 1.19.0-0 < 2.0.0", true),
            (">= 1.2.3, < 2.0.0 || ~3", true),
            ("^1.2.x", true),
            ("*", true),
            ("1.*", true),
            ("=> v1", true),
            ("1.2 1.3", true),
            (" > 1.2 ", true),
            ("1.2.3-alpha", true),
            ("<1.2.3-01", true),
            ("1.2 - 1.4", false),
            ("> 1.2 , < 2", false),
            ("", false),
            (">>1", false),
            ("1.2.3+meta", false),
            ("1xx", false),
            ("a", false),
            (">1.2,", false),
        ] {
            let own = constraints(text).is_some();
            assert_eq!(own, plain, "{text}");
            let (one, other) = (Constraints::parse(text), Constraints::parse_any(text));
            assert_eq!(format!("{one:?}"), format!("{other:?}"), "{text}");
        }
    }
}
