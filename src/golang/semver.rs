//! Semantic versions and constraints as Masterminds' `semver` v3 reads and compares them.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

use super::quote::quote;

mod plain;

use plain::{Plain, is_open};

/// A semantic version; reading is lenient: `v1`, `1.2` and leading zeros are fine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// What stands behind the hyphen, without it.
    pub pre: String,
    /// What stands behind the plus sign, without it.
    pub metadata: String,
    /// The text it was read from.
    pub original: String,
}

const INVALID: &str = "invalid semantic version";

/// A version of constraints: any number may be a wildcard.
const WILD: &str = r"v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?(-([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?(\+([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?";

/// Operators in the order in which they are tried.
const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

/// Go's `\s`.
const SPACE: &str = r"[\t\n\f\r ]";

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a correct expression")
}

static LOOSE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$",
    )
});
static ONE: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!("^{SPACE}*({OPERATORS}){SPACE}*({WILD}){SPACE}*$")));
static FIND: LazyLock<Regex> = LazyLock::new(|| regex(&format!("({OPERATORS}){SPACE}*({WILD})")));
static RANGE: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!("{SPACE}*({WILD}){SPACE}+-{SPACE}+({WILD}){SPACE}*")));
static GROUP: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        "^({SPACE}*({OPERATORS}){SPACE}*({WILD}){SPACE}*)((?:{SPACE}+|,{SPACE}*)({OPERATORS}){SPACE}*({WILD}){SPACE}*)*$"
    ))
});

impl Version {
    /// `semver.NewVersion`; the error is its sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(plain) = Plain::read(text).filter(|plain| !plain.is_open()) {
            return plain.version(text);
        }
        Self::parse_any(text)
    }

    fn parse_any(text: &str) -> Result<Self, String> {
        let parts = LOOSE.captures(text).ok_or(INVALID)?;
        let part = |index| parts.get(index).map_or("", |part: regex::Match<'_>| part.as_str());
        let number = |index| match part(index) {
            "" => Ok(0),
            digits => parse_uint(digits)
                .map_err(|error| format!("error parsing version segment: {error}")),
        };
        let version = Version {
            major: number(1)?,
            minor: number(2)?,
            patch: number(3)?,
            pre: part(4).to_owned(),
            metadata: part(5).to_owned(),
            original: text.to_owned(),
        };
        if !version.pre.is_empty() {
            check_prerelease(&version.pre)?;
        }
        Ok(version)
    }

    /// `semver.StrictNewVersion`: three numbers without leading zeros and without `v`.
    pub fn parse_strict(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("version string empty".to_owned());
        }
        let parts: Vec<&str> = text.splitn(3, '.').collect();
        let [major, minor, rest] = parts[..] else { return Err(INVALID.to_owned()) };
        let (rest, metadata) = match rest.split_once('+') {
            Some((rest, metadata)) => {
                check_metadata(metadata)?;
                (rest, metadata)
            }
            None => (rest, ""),
        };
        let (patch, pre) = match rest.split_once('-') {
            Some((patch, pre)) => {
                check_prerelease(pre)?;
                (patch, pre)
            }
            None => (rest, ""),
        };
        for part in [major, minor, patch] {
            if !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err("invalid characters in version".to_owned());
            }
            if part.len() > 1 && part.starts_with('0') {
                return Err("version segment starts with 0".to_owned());
            }
        }
        Ok(Version {
            major: parse_uint(major)?,
            minor: parse_uint(minor)?,
            patch: parse_uint(patch)?,
            pre: pre.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        })
    }

    /// `Compare`: by number, then by prerelease; metadata does not count.
    pub fn compare(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prerelease(&self.pre, &other.pre),
            })
    }

    /// The next major version, without prerelease and metadata; none past the largest number.
    pub fn inc_major(&self) -> Option<Self> {
        let major = self.major.checked_add(1)?;
        Some(self.with(major, 0, 0, "", ""))
    }

    /// The next minor version, without prerelease and metadata; none past the largest number.
    pub fn inc_minor(&self) -> Option<Self> {
        let minor = self.minor.checked_add(1)?;
        Some(self.with(self.major, minor, 0, "", ""))
    }

    /// The next patch version, or the release of a prerelease; none past the largest number.
    pub fn inc_patch(&self) -> Option<Self> {
        let patch = if self.pre.is_empty() { self.patch.checked_add(1)? } else { self.patch };
        Some(self.with(self.major, self.minor, patch, "", ""))
    }

    /// The version with another prerelease.
    pub fn set_prerelease(&self, pre: &str) -> Result<Self, String> {
        if !pre.is_empty() {
            check_prerelease(pre)?;
        }
        Ok(self.with(self.major, self.minor, self.patch, pre, &self.metadata))
    }

    /// The version with other metadata.
    pub fn set_metadata(&self, metadata: &str) -> Result<Self, String> {
        if !metadata.is_empty() {
            check_metadata(metadata)?;
        }
        Ok(self.with(self.major, self.minor, self.patch, &self.pre, metadata))
    }

    fn with(&self, major: u64, minor: u64, patch: u64, pre: &str, metadata: &str) -> Self {
        let mut version = Version {
            major,
            minor,
            patch,
            pre: pre.to_owned(),
            metadata: metadata.to_owned(),
            original: String::new(),
        };
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        version.original = format!("{prefix}{version}");
        version
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// `strconv.ParseUint` of digits.
fn parse_uint(digits: &str) -> Result<u64, String> {
    digits.parse().map_err(|_| {
        let problem = if digits.is_empty() { "invalid syntax" } else { "value out of range" };
        format!("strconv.ParseUint: parsing {}: {problem}", quote(digits.as_bytes()))
    })
}

fn is_identifier(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric())
}

fn check_prerelease(pre: &str) -> Result<(), String> {
    for part in pre.split('.') {
        if !is_identifier(part) {
            return Err("invalid prerelease string".to_owned());
        }
        let numeric = part.bytes().all(|byte| byte.is_ascii_digit());
        if numeric && part.len() > 1 && part.starts_with('0') {
            return Err("version segment starts with 0".to_owned());
        }
    }
    Ok(())
}

fn check_metadata(metadata: &str) -> Result<(), String> {
    if metadata.split('.').all(is_identifier) {
        Ok(())
    } else {
        Err("invalid metadata string".to_owned())
    }
}

fn compare_prerelease(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => compare_part(left, right),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Numbers come before text; numbers that are equal but written differently, or too large, do
/// not occur in what was checked before or count as text.
fn compare_part(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    // Go's ParseUint takes no sign, Rust's would take a plus, which a part cannot contain.
    match (left.parse::<u64>(), right.parse::<u64>()) {
        (Ok(left), Ok(right)) if left > right => Ordering::Greater,
        (Ok(_), _) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => left.cmp(right),
    }
}

/// Alternatives (`||`) of conditions that must all hold.
#[derive(Clone, Debug)]
pub struct Constraints(Vec<Vec<Constraint>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

/// How much of a condition's version was written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    Nothing,
    Major,
    Minor,
    All,
}

#[derive(Clone, Debug)]
struct Constraint {
    operator: Operator,
    version: Version,
    given: Given,
}

impl Constraints {
    /// `semver.NewConstraint`; the error is its sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(plain) = plain::constraints(text) {
            let groups = plain.into_iter().map(|group| {
                group.into_iter().map(|(operator, version)| Constraint::new(operator, &version))
            });
            let alternatives: Result<_, _> = groups.map(Iterator::collect).collect();
            return alternatives.map(Constraints);
        }
        Self::parse_any(text)
    }

    fn parse_any(text: &str) -> Result<Self, String> {
        let text = rewrite_ranges(text);
        let mut alternatives = Vec::new();
        for group in text.split("||") {
            if !GROUP.is_match(group) {
                return Err(improper(group));
            }
            let conditions = FIND.find_iter(group).map(|found| Constraint::parse(found.as_str()));
            alternatives.push(conditions.collect::<Result<_, _>>()?);
        }
        Ok(Constraints(alternatives))
    }

    /// Whether a version satisfies an alternative. A prerelease does only where one of the
    /// alternative's conditions names a prerelease itself.
    pub fn check(&self, version: &Version) -> bool {
        self.0.iter().any(|conditions| {
            let prereleases = conditions.iter().any(|condition| !condition.version.pre.is_empty());
            (version.pre.is_empty() || prereleases)
                && conditions.iter().all(|condition| condition.check(version))
        })
    }
}

fn improper(text: &str) -> String {
    format!("improper constraint: {}", quote(text.as_bytes()))
}

/// Writes `1.2 - 1.4` as `>= 1.2, <= 1.4 `.
fn rewrite_ranges(text: &str) -> String {
    let mut rewritten = text.to_owned();
    for range in RANGE.captures_iter(text) {
        let range_text = range.get_match().as_str();
        let bounds = format!(">= {}, <= {} ", &range[1], &range[11]);
        rewritten = rewritten.replacen(range_text, &bounds, 1);
    }
    rewritten
}

fn dotless(part: &str) -> &str {
    part.strip_prefix('.').unwrap_or(part)
}

impl Constraint {
    fn parse(text: &str) -> Result<Self, String> {
        let parts = ONE.captures(text).ok_or_else(|| improper(text))?;
        let part = |index| parts.get(index).map_or("", |part: regex::Match<'_>| part.as_str());
        let version = Plain {
            text: part(2),
            numbers: [part(3), dotless(part(4)), dotless(part(5))],
            pre: part(6).strip_prefix('-').unwrap_or(""),
        };
        Self::new(part(1), &version)
    }

    /// A condition of an operator and a version, any number of which may be open.
    fn new(operator: &str, written: &Plain<'_>) -> Result<Self, String> {
        let operator = match operator {
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterEqual,
            "<=" | "=<" => Operator::LessEqual,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => Operator::Equal,
        };
        let [major, minor, patch] = written.numbers;
        let pre = if written.pre.is_empty() { String::new() } else { format!("-{}", written.pre) };
        let (given, version) = if is_open(major) {
            (Given::Nothing, format!("0.0.0{pre}"))
        } else if is_open(minor) {
            (Given::Major, format!("{major}.0.0{pre}"))
        } else if is_open(patch) {
            (Given::Minor, format!("{major}.{minor}.0{pre}"))
        } else {
            (Given::All, written.text.to_owned())
        };
        let version = Version::parse(&version).map_err(|_| "constraint parser error")?;
        Ok(Constraint { operator, version, given })
    }

    fn check(&self, version: &Version) -> bool {
        let wanted = &self.version;
        let order = version.compare(wanted);
        match self.operator {
            Operator::Equal if self.given == Given::All => order.is_eq(),
            Operator::Equal | Operator::Tilde => self.check_tilde(version),
            Operator::NotEqual => self.check_not_equal(version),
            Operator::Greater => match self.given {
                Given::All | Given::Nothing => order.is_gt(),
                Given::Major => version.major > wanted.major,
                Given::Minor => (version.major, version.minor) > (wanted.major, wanted.minor),
            },
            Operator::Less => order.is_lt(),
            Operator::GreaterEqual => order.is_ge(),
            Operator::LessEqual => match self.given {
                Given::All => order.is_le(),
                Given::Major => version.major <= wanted.major,
                Given::Nothing | Given::Minor => {
                    (version.major, version.minor) <= (wanted.major, wanted.minor)
                }
            },
            Operator::Caret => self.check_caret(version),
        }
    }

    /// `!=`: with wildcards, outside of what they span.
    fn check_not_equal(&self, version: &Version) -> bool {
        let wanted = &self.version;
        match self.given {
            Given::Major => version.major != wanted.major,
            Given::Minor => {
                (version.major, version.minor) != (wanted.major, wanted.minor)
                    || compare_prerelease(&version.pre, &wanted.pre).is_ne()
            }
            Given::Nothing | Given::All => version.compare(wanted).is_ne(),
        }
    }

    /// `~`: the same minor version, or major when only that is given, and not below.
    fn check_tilde(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.compare(wanted).is_lt() {
            return false;
        }
        let zero = wanted.major == 0 && wanted.minor == 0 && wanted.patch == 0;
        if zero && matches!(self.given, Given::All | Given::Nothing) {
            return true;
        }
        version.major == wanted.major
            && (version.minor == wanted.minor || self.given == Given::Major)
    }

    /// `^`: no change in the first number that is not zero, and not below.
    fn check_caret(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.compare(wanted).is_lt() {
            return false;
        }
        if wanted.major > 0 || self.given == Given::Major {
            return version.major == wanted.major;
        }
        if version.major > 0 {
            return false;
        }
        if wanted.minor > 0 || self.given == Given::Minor {
            return version.minor == wanted.minor;
        }
        version.minor == 0 && version.patch == wanted.patch
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_as_masterminds_checks_them() {
        let cases = [
            (">=1.19-0", "1.19.0-rc.1", true),
            (">=1.19", "1.20.0-rc.1", false),
            (">=1.19 <1.30", "1.29.9+build", true),
            (">1.2", "1.2.9", false),
            ("<=1.2", "1.2.9", true),
            ("~0.0.1", "0.0.9", true),
            ("~1.2.x || ^3", "3.9.0", true),
            ("^0.2.3", "0.3.0", false),
            ("^*", "1.2.3", false),
            ("*", "1.2.3", true),
            ("!=1.2", "1.2.3", false),
            ("1.2 - 1.4", "1.4.7", true),
            ("1.0.0-2.0.0", "1.0.0-2.0.0", true),
            ("=>v1, =<2", "v1.5", true),
            ("1.0.0-beta.2", "1.0.0-beta.11", false),
            ("<1.0.0-beta.11", "1.0.0-beta.2", true),
        ];
        for (constraint, version, expected) in cases {
            let constraints = Constraints::parse(constraint).unwrap();
            let version = Version::parse(version).unwrap();
            assert_eq!(constraints.check(&version), expected, "{constraint} on {version}");
        }
        for constraint in ["", ">=", "==1", "1.2.3.4", "latest"] {
            let error = Constraints::parse(constraint).unwrap_err();
            assert_eq!(error, format!("improper constraint: \"{constraint}\""));
        }
        assert_eq!(Constraints::parse("1x").unwrap_err(), "constraint parser error");
    }

    #[test]
    fn versions_are_read_loosely() {
        for (text, expected) in [("v1.2", "1.2.0"), ("01", "1.0.0"), ("1-a+b", "1.0.0-a+b")] {
            assert_eq!(Version::parse(text).unwrap().to_string(), expected);
        }
        for (text, error) in [
            ("", INVALID),
            ("1.2.3.4", INVALID),
            ("1.0.0-01", "version segment starts with 0"),
            (
                "99999999999999999999",
                "error parsing version segment: strconv.ParseUint: parsing \
                 \"99999999999999999999\": value out of range",
            ),
        ] {
            assert_eq!(Version::parse(text).unwrap_err(), error);
        }
        for (text, error) in [
            ("", "version string empty"),
            ("v1.2.3", "invalid characters in version"),
            ("1.2", INVALID),
            ("1.02.3", "version segment starts with 0"),
        ] {
            assert_eq!(Version::parse_strict(text).unwrap_err(), error);
        }
    }

    #[test]
    fn the_next_version_keeps_its_prefix() {
        let version = Version::parse("v1.2.3-rc1").unwrap();
        assert_eq!(version.inc_patch().unwrap().original, "v1.2.3");
        assert_eq!(version.inc_minor().unwrap().original, "v1.3.0");
        assert_eq!(version.set_prerelease("a.1").unwrap().to_string(), "1.2.3-a.1");
    }
}
