//! Go's `regexp` (RE2 syntax, replacement templates) over the `regex` crate.
//!
//! Texts are bytes: like Go, a byte that is not part of a UTF-8 sequence counts as one U+FFFD.

mod class;
mod syntax;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

use super::quote::{can_backquote, quote};
use syntax::{too_large, translate};

/// A compiled regular expression of Go.
#[derive(Debug)]
pub struct Regexp {
    regex: regex::Regex,
    /// Names of groups from 1; empty for unnamed ones.
    names: Vec<String>,
    /// Whether the expression is the empty string.
    is_empty: bool,
}

/// Expressions compiled before on this thread are kept up to this many.
const CACHE_SIZE: usize = 256;

thread_local! {
    static CACHE: RefCell<HashMap<Vec<u8>, Rc<Regexp>>> = RefCell::default();
}

impl Regexp {
    /// `regexp.Compile`; the error is Go's sentence.
    pub fn compile(expression: &[u8]) -> Result<Rc<Self>, String> {
        if let Some(known) = CACHE.with_borrow(|cache| cache.get(expression).cloned()) {
            return Ok(known);
        }
        let translated = translate(expression)?;
        let regex = regex::RegexBuilder::new(&translated.pattern)
            .size_limit(128 << 20)
            .nest_limit(5000)
            .build()
            // The translation is correct by construction, so only a limit can be passed.
            .map_err(|_| too_large(expression))?;
        let compiled =
            Rc::new(Regexp { regex, names: translated.names, is_empty: expression.is_empty() });
        CACHE.with_borrow_mut(|cache| {
            if cache.len() >= CACHE_SIZE {
                cache.clear();
            }
            cache.insert(expression.to_vec(), Rc::clone(&compiled));
        });
        Ok(compiled)
    }

    /// `regexp.MustCompile`; the error is the text of Go's panic.
    pub fn must_compile(expression: &[u8]) -> Result<Rc<Self>, String> {
        Self::compile(expression).map_err(|error| {
            let quoted = if can_backquote(expression) {
                format!("`{}`", String::from_utf8_lossy(expression))
            } else {
                quote(expression)
            };
            format!("regexp: Compile({quoted}): {error}")
        })
    }

    /// Whether any part of the text matches.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(&Haystack::new(text).text)
    }

    /// The leftmost match.
    pub fn find<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let haystack = Haystack::new(text);
        let found = self.regex.find(&haystack.text)?;
        Some(&text[haystack.original(found.range())])
    }

    /// The leftmost match and its groups; none for groups that took no part.
    pub fn find_groups<'t>(&self, text: &'t [u8]) -> Option<Vec<Option<&'t [u8]>>> {
        let haystack = Haystack::new(text);
        let captures = self.regex.captures(&haystack.text)?;
        let groups = captures.iter();
        Some(groups.map(|it| it.map(|it| &text[haystack.original(it.range())])).collect())
    }

    /// Successive matches that do not overlap, at most `limit` of them, all when it is negative.
    pub fn find_all<'t>(&self, text: &'t [u8], limit: i64) -> Vec<&'t [u8]> {
        self.find_all_ranges(text, limit).into_iter().map(|range| &text[range]).collect()
    }

    fn find_all_ranges(&self, text: &[u8], limit: i64) -> Vec<Range<usize>> {
        let haystack = Haystack::new(text);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let mut at = 0;
        let mut last_end = None;
        while found.len() < limit && at <= haystack.text.len() {
            let Some(next) = self.regex.find_at(&haystack.text, at) else { break };
            // An empty match right behind another one does not count.
            let accepted = next.end() != at || last_end != Some(next.start());
            at = if next.end() == at { haystack.after(at) } else { next.end() };
            last_end = Some(next.end());
            if accepted {
                found.push(haystack.original(next.range()));
            }
        }
        found
    }

    /// Replaces all matches by a template in which `$1`, `$name`, `${name}` stand for groups
    /// and `$$` for a dollar.
    pub fn replace_all(&self, text: &[u8], template: &[u8]) -> Vec<u8> {
        self.replace(text, |haystack, captures, output| {
            self.expand(template, output, |group| {
                captures.get(group).map(|found| &text[haystack.original(found.range())])
            });
        })
    }

    /// Replaces all matches by a text as it is.
    pub fn replace_all_literal(&self, text: &[u8], literal: &[u8]) -> Vec<u8> {
        self.replace(text, |_, _, output| output.extend_from_slice(literal))
    }

    fn replace(
        &self,
        text: &[u8],
        mut replacement: impl FnMut(&Haystack<'_>, &regex::Captures<'_>, &mut Vec<u8>),
    ) -> Vec<u8> {
        let haystack = Haystack::new(text);
        let mut output = Vec::new();
        let mut last_end = 0;
        let mut at = 0;
        while at <= haystack.text.len() {
            let Some(captures) = self.regex.captures_at(&haystack.text, at) else { break };
            let found = captures.get_match();
            output.extend_from_slice(&text[haystack.original(last_end..found.start())]);
            // No replacement for an empty match right behind another one.
            if found.end() > last_end || found.start() == 0 {
                replacement(&haystack, &captures, &mut output);
            }
            last_end = found.end();
            let next = haystack.after(at);
            at = if next > found.end() { next } else { found.end() };
        }
        output.extend_from_slice(&text[haystack.original(last_end..haystack.text.len())]);
        output
    }

    /// Writes a replacement template out.
    fn expand<'t>(
        &self,
        mut template: &[u8],
        output: &mut Vec<u8>,
        group: impl Fn(usize) -> Option<&'t [u8]>,
    ) {
        while let Some(dollar) = template.iter().position(|&byte| byte == b'$') {
            output.extend_from_slice(&template[..dollar]);
            template = &template[dollar + 1..];
            if let Some(rest) = template.strip_prefix(b"$") {
                output.push(b'$');
                template = rest;
                continue;
            }
            let Some((name, rest)) = group_name(template) else {
                output.push(b'$');
                continue;
            };
            template = rest;
            let found = match group_number(name) {
                Some(number) if number <= self.names.len() => group(number),
                Some(_) => None,
                // Of groups with one name, the first that took part in the match.
                None => (1..=self.names.len())
                    .filter(|&number| self.names[number - 1].as_bytes() == name)
                    .find_map(&group),
            };
            output.extend_from_slice(found.unwrap_or_default());
        }
        output.extend_from_slice(template);
    }

    /// `Split`: the parts between matches, at most `limit` of them, all when it is negative;
    /// nothing (nil) for 0.
    pub fn split<'t>(&self, text: &'t [u8], limit: i64) -> Option<Vec<&'t [u8]>> {
        if limit == 0 {
            return None;
        }
        if !self.is_empty && text.is_empty() {
            return Some(vec![text]);
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut parts = Vec::new();
        let mut begin = 0;
        let mut end = 0;
        for found in self.find_all_ranges(text, limit.try_into().unwrap_or(-1)) {
            if parts.len() >= limit - 1 {
                break;
            }
            end = found.start;
            if found.end != 0 {
                parts.push(&text[begin..end]);
            }
            begin = found.end;
        }
        if end != text.len() {
            parts.push(&text[begin..]);
        }
        Some(parts)
    }
}

/// `regexp.QuoteMeta`: a text as an expression that matches just it.
pub fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for &byte in text {
        if br"\.+*?()|[]{}^$".contains(&byte) {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted
}

/// A text as the `regex` crate takes it, with the way back to the original offsets.
struct Haystack<'t> {
    text: Cow<'t, str>,
    /// For text with bytes that had to be replaced: the original offset of each offset.
    offsets: Vec<usize>,
}

impl<'t> Haystack<'t> {
    fn new(text: &'t [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(text) {
            return Haystack { text: Cow::Borrowed(text), offsets: Vec::new() };
        }
        let mut valid = String::with_capacity(text.len() + 16);
        let mut offsets = Vec::with_capacity(text.len() + 16);
        let mut at = 0;
        for chunk in text.utf8_chunks() {
            valid.push_str(chunk.valid());
            offsets.extend(at..at + chunk.valid().len());
            at += chunk.valid().len();
            for _ in chunk.invalid() {
                valid.push(char::REPLACEMENT_CHARACTER);
                offsets.extend([at; char::REPLACEMENT_CHARACTER.len_utf8()]);
                at += 1;
            }
        }
        offsets.push(at);
        Haystack { text: Cow::Owned(valid), offsets }
    }

    fn original(&self, range: Range<usize>) -> Range<usize> {
        if self.offsets.is_empty() {
            range
        } else {
            self.offsets[range.start]..self.offsets[range.end]
        }
    }

    /// The offset one character on, or one past the end.
    fn after(&self, at: usize) -> usize {
        at + self.text[at..].chars().next().map_or(1, char::len_utf8)
    }
}

/// The name at the start of what follows a dollar, with or without braces, and the rest.
fn group_name(template: &[u8]) -> Option<(&[u8], &[u8])> {
    static NAME: LazyLock<regex::bytes::Regex> = LazyLock::new(|| {
        regex::bytes::Regex::new(r"^(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))")
            .expect("a correct expression")
    });
    let captures = NAME.captures(template)?;
    let name = captures.get(1).or_else(|| captures.get(2))?;
    Some((&template[name.range()], &template[captures.get_match().end()..]))
}

/// A name that is a group number: decimal, without leading zeros, of modest size.
fn group_number(name: &[u8]) -> Option<usize> {
    if (name[0] == b'0' && name.len() > 1) || !name.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = std::str::from_utf8(name).ok()?.parse().ok()?;
    (number < 1_000_000_000).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lossy(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn bad_expressions_get_go_s_errors() {
        let cases = [
            ("(", "missing closing ): `(`"),
            ("a)", "unexpected ): `a)`"),
            ("*", "missing argument to repetition operator: `*`"),
            ("(|+?)", "missing argument to repetition operator: `+?`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
            ("(a{100}){20}", "invalid repeat count: `{20}`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("a{3,2}", "invalid repeat count: `{3,2}`"),
            ("[a", "missing closing ]: `[a`"),
            ("[b-a]", "invalid character class range: `b-a`"),
            ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
            (r"\p{Foo}", r"invalid character class range: `\p{Foo}`"),
            (r"\1", r"invalid escape sequence: `\1`"),
            (r"\C", r"invalid escape sequence: `\C`"),
            (r"\Z", r"invalid escape sequence: `\Z`"),
            ("\\", "trailing backslash at end of expression: ``"),
            ("(?x)", "invalid or unsupported Perl syntax: `(?x`"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(?P<n", "invalid named capture: `(?P<n`"),
            ("(?P<é>)", "invalid named capture: `(?P<é>`"),
        ];
        for (expression, message) in cases {
            let error = Regexp::compile(expression.as_bytes()).unwrap_err();
            assert_eq!(error, format!("error parsing regexp: {message}"));
        }
        assert_eq!(
            Regexp::must_compile(b"a`(").unwrap_err(),
            "regexp: Compile(\"a`(\"): error parsing regexp: missing closing ): `a`(`"
        );
    }

    #[test]
    fn matches_as_go_finds_them() {
        // expression, text, all matches
        let cases: &[(&str, &[u8], &[&str])] = &[
            ("a*", b"baac", &["", "aa", ""]),
            (r"\w+", "añb".as_bytes(), &["a", "b"]),
            (r"\bé", "é".as_bytes(), &[]),
            (r"\s", "\u{b}\u{a0} ".as_bytes(), &[" "]),
            ("(?i)k", "Kk\u{212a}".as_bytes(), &["K", "k", "\u{212a}"]),
            ("(?U)a+", b"aa", &["a", "a"]),
            (r"\Qa.b\E+", b"a.bb", &["a.bb"]),
            (r"\x41\101", b"AA", &["AA"]),
            ("a{,2}", b"a{,2}", &["a{,2}"]),
            (r"[]a\-&&~~]", b"]-", &["]", "-"]),
            ("(?s).", b"\xffa", &["\u{fffd}", "a"]),
            (r"\p{^Greek}", "aα".as_bytes(), &["a"]),
            ("(?m)^.$", b"a\nb", &["a", "b"]),
            ("a|ab", b"ab", &["a"]),
        ];
        for (expression, text, expected) in cases {
            let regex = Regexp::compile(expression.as_bytes()).unwrap();
            let found: Vec<_> = regex.find_all(text, -1).into_iter().map(lossy).collect();
            assert_eq!(found, *expected, "{expression}");
        }
    }

    #[test]
    fn templates_name_groups() {
        let regex = Regexp::compile(br"(?P<key>\w+)=(\w*)").unwrap();
        let cases = [
            ("$2", "v"),
            ("$2x", ""),
            ("${2}x", "vx"),
            ("$key:${key}", "k:k"),
            ("$$1", "$1"),
            ("$9|${|$", "|${|$"),
        ];
        for (template, expected) in cases {
            assert_eq!(lossy(&regex.replace_all(b"k=v", template.as_bytes())), expected);
        }
        let empty = Regexp::compile(b"a*").unwrap();
        assert_eq!(lossy(&empty.replace_all(b"baac", b"-")), "-b-c-");
        assert_eq!(lossy(&empty.replace_all_literal(b"b\xffa", b"$0")), "$0b$0\u{fffd}$0");
    }

    #[test]
    fn splitting_has_a_limit() {
        let regex = Regexp::compile(b"a*").unwrap();
        let split = |text: &str, limit| {
            let parts = regex.split(text.as_bytes(), limit);
            parts.map(|parts| parts.into_iter().map(lossy).collect::<Vec<_>>().join(","))
        };
        assert_eq!(split("banana", -1).as_deref(), Some("b,n,n,"));
        assert_eq!(split("banana", 2).as_deref(), Some("b,nana"));
        assert_eq!(split("", -1).as_deref(), Some(""));
        assert_eq!(split("banana", 0), None);
    }
}
