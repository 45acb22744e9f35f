//! `.helmignore`: which files of a chart folder are left out.
//!
//! Not gitignore: the first pattern that hits decides, and a negated pattern means "ignore all
//! that does not match". Blind to disk.

use crate::diag::{Fault, FaultKind, Result};

/// Name of the file with the patterns.
pub const FILE_NAME: &str = ".helmignore";

/// Patterns in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    glob: String,
    scope: Scope,
    negate: bool,
    must_be_dir: bool,
}

/// What part of a path a pattern is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Whole,
    Base,
}

impl Rules {
    /// Reads the text of a `.helmignore`, and adds Helm's own rule on hidden files directly
    /// below `templates/`.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut rules = Rules::default();
        for line in String::from_utf8_lossy(text).split('\n') {
            rules.add(line)?;
        }
        rules.add("templates/.?*")?;
        Ok(rules)
    }

    /// Whether a path below the chart's root is left out.
    pub fn ignores(&self, path: &str, is_dir: bool) -> bool {
        if matches!(path, "" | "." | "./") {
            return false;
        }
        for pattern in &self.patterns {
            let hit = pattern.matches(path);
            if pattern.negate {
                if (pattern.must_be_dir && !is_dir) || !hit {
                    return true;
                }
            } else if (!pattern.must_be_dir || is_dir) && hit {
                return true;
            }
        }
        false
    }

    fn add(&mut self, line: &str) -> Result<()> {
        let rule = line.trim();
        if rule.is_empty() || rule.starts_with('#') {
            return Ok(());
        }
        let refuse = |message: &str| Err(Fault::new(FaultKind::Chart, message));
        if rule.contains("**") {
            return refuse("double-star (**) syntax is not supported");
        }
        if glob_match(rule, "abc").is_err() {
            return refuse("syntax error in pattern");
        }
        let (negate, rule) = match rule.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, rule),
        };
        let (must_be_dir, rule) = match rule.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, rule),
        };
        let (scope, glob) = match rule.strip_prefix('/') {
            Some(rest) => (Scope::Whole, rest),
            None if rule.contains('/') => (Scope::Whole, rule),
            None => (Scope::Base, rule),
        };
        self.patterns.push(Pattern { glob: glob.to_owned(), scope, negate, must_be_dir });
        Ok(())
    }
}

impl Pattern {
    fn matches(&self, path: &str) -> bool {
        let name = match self.scope {
            Scope::Whole => path,
            Scope::Base => path.rsplit('/').next().unwrap_or(path),
        };
        // Without its `!` or slash a pattern may be broken although the whole line was not.
        glob_match(&self.glob, name).unwrap_or(false)
    }
}

/// A pattern that Go's `filepath.Match` calls malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPattern;

/// Go's `filepath.Match`: `*`, `?`, `[a-z]`, `[^a-z]` and `\x`, none of them crossing a slash.
/// The rest of a pattern is checked for its form only as far as Go checks it.
pub fn glob_match(pattern: &str, name: &str) -> std::result::Result<bool, BadPattern> {
    let (mut pattern, mut name) = (pattern, name);
    while !pattern.is_empty() {
        let (star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains('/'));
        }
        let direct = match_chunk(chunk, name)?;
        if let Some(left) = direct
            && (left.is_empty() || !pattern.is_empty())
        {
            name = left;
            continue;
        }
        let later = if star { match_later(chunk, name, pattern.is_empty())? } else { None };
        let Some(left) = later else {
            // No match; what is left of the pattern must still be well formed.
            while !pattern.is_empty() {
                let (_, chunk, rest) = next_chunk(pattern);
                pattern = rest;
                match_chunk(chunk, "")?;
            }
            return Ok(false);
        };
        name = left;
    }
    Ok(name.is_empty())
}

/// Tries a chunk behind a star at every later place that the star can reach.
fn match_later<'n>(
    chunk: &str,
    name: &'n str,
    is_last: bool,
) -> std::result::Result<Option<&'n str>, BadPattern> {
    let mut at = 0;
    while at < name.len() && name.as_bytes()[at] != b'/' {
        at += 1;
        let Some(tail) = name.get(at..) else { continue };
        if let Some(left) = match_chunk(chunk, tail)? {
            if is_last && !left.is_empty() {
                continue;
            }
            return Ok(Some(left));
        }
    }
    Ok(None)
}

/// Splits off leading stars and the literal part behind them.
fn next_chunk(pattern: &str) -> (bool, &str, &str) {
    let body = pattern.trim_start_matches('*');
    let star = body.len() < pattern.len();
    let mut in_range = false;
    let mut bytes = body.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'[' => in_range = true,
            b']' => in_range = false,
            b'*' if !in_range => return (star, &body[..at], &body[at..]),
            _ => {}
        }
    }
    (star, body, "")
}

/// Holds a star-free chunk against the start of a name and gives what is left of the name. The
/// chunk is read to its end even after a mismatch, to find bad patterns.
fn match_chunk<'n>(chunk: &str, name: &'n str) -> std::result::Result<Option<&'n str>, BadPattern> {
    let mut pattern = chunk.chars();
    let mut rest = name.chars();
    let mut failed = false;
    while let Some(wanted) = pattern.next() {
        if !failed && rest.as_str().is_empty() {
            failed = true;
        }
        match wanted {
            '[' => {
                let found = if failed { None } else { rest.next() };
                let negated = pattern.as_str().starts_with('^');
                if negated {
                    pattern.next();
                }
                let mut hit = false;
                let mut ranges = 0;
                loop {
                    if pattern.as_str().starts_with(']') && ranges > 0 {
                        pattern.next();
                        break;
                    }
                    let low = range_end(&mut pattern)?;
                    let mut high = low;
                    if pattern.as_str().starts_with('-') {
                        pattern.next();
                        high = range_end(&mut pattern)?;
                    }
                    hit |= found.is_some_and(|c| low <= c && c <= high);
                    ranges += 1;
                }
                failed |= hit == negated;
            }
            '?' => {
                if !failed {
                    failed = rest.next() == Some('/');
                }
            }
            literal => {
                let literal =
                    if literal == '\\' { pattern.next().ok_or(BadPattern)? } else { literal };
                if !failed {
                    failed = rest.next() != Some(literal);
                }
            }
        }
    }
    Ok((!failed).then_some(rest.as_str()))
}

fn range_end(pattern: &mut std::str::Chars<'_>) -> std::result::Result<char, BadPattern> {
    let c = match pattern.next() {
        None | Some('-' | ']') => return Err(BadPattern),
        Some('\\') => pattern.next().ok_or(BadPattern)?,
        Some(c) => c,
    };
    if pattern.as_str().is_empty() { Err(BadPattern) } else { Ok(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_go() {
        // Results of path/filepath.Match.
        let cases = [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[b-d]", "abc", Ok(true)),
            ("ab[^c]", "abc", Ok(false)),
            ("a\\*b", "a*b", Ok(true)),
            ("a?b", "a/b", Ok(false)),
            ("[\\]a]", "]", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[a", "a", Err(BadPattern)),
            ("a[", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("\\", "a", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
            ("", "", Ok(true)),
        ];
        for (pattern, name, want) in cases {
            assert_eq!(glob_match(pattern, name), want, "{pattern} {name}");
        }
    }

    #[test]
    fn ignores_as_helm() {
        let rules = |text: &str| Rules::parse(text.as_bytes()).expect("good patterns");
        assert!(rules("*.md").ignores("docs/a.md", false));
        assert!(!rules("/*.md").ignores("docs/a.md", false));
        assert!(rules("docs/").ignores("docs", true));
        assert!(!rules("docs/").ignores("docs", false));
        assert!(rules("!a.txt").ignores("Chart.yaml", false));
        assert!(!rules("!a.txt").ignores("a.txt", false));
        assert!(rules("").ignores("templates/.hidden", false));
        assert!(!rules("").ignores("templates/x/.hidden", false));
        assert!(Rules::parse(b"a/**").is_err());
    }
}
