//! `.helmignore`: which files of a chart folder are left out.
//!
//! Not gitignore: the first pattern that hits decides, and a negated pattern means "ignore all
//! that does not match". Blind to disk.

use crate::diag::{Fault, FaultKind, Result};
use crate::golang::filepath;

/// Name of the file with the patterns.
pub const FILE_NAME: &str = ".helmignore";

/// Patterns in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    glob: Glob,
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
        if filepath::matches(rule.as_bytes(), b"abc").is_err() {
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
        self.patterns.push(Pattern { glob: Glob::new(glob), scope, negate, must_be_dir });
        Ok(())
    }
}

impl Pattern {
    fn matches(&self, path: &str) -> bool {
        let name = match self.scope {
            Scope::Whole => path,
            Scope::Base => path.rsplit('/').next().unwrap_or(path),
        };
        self.glob.matches(name)
    }
}

/// A pattern by what it takes to match it; nearly all are names or endings.
#[derive(Clone, Debug)]
enum Glob {
    Name(String),
    /// `*` and what must follow, without a slash before it.
    Ending(String),
    Any(String),
}

impl Glob {
    fn new(glob: &str) -> Self {
        let is_literal = |text: &str| !text.contains(['*', '?', '[', '\\']);
        match glob.strip_prefix('*') {
            _ if is_literal(glob) => Glob::Name(glob.to_owned()),
            Some(ending) if is_literal(ending) => Glob::Ending(ending.to_owned()),
            _ => Glob::Any(glob.to_owned()),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Glob::Name(literal) => literal == name,
            Glob::Ending(ending) => {
                name.strip_suffix(ending.as_str()).is_some_and(|rest| !rest.contains('/'))
            }
            // Without its `!` or slash a pattern may be broken although the whole line was not.
            Glob::Any(glob) => filepath::matches(glob.as_bytes(), name.as_bytes()).unwrap_or(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
