//! Text to path, with the error sentences of yaml-jsonpath.

use std::sync::Arc;

use super::filter::{Comparison, Filter, Term};
use super::slice::Slice;
use super::{Path, Step};
use crate::golang::quote::quote;
use crate::golang::regexp::Regexp;
use crate::manifest::split::is_go_space;
use crate::yaml::any::Any;

/// Deepest nesting of filters.
const MAX_DEPTH: usize = 100;

/// Longest path; following it nests as deep.
const MAX_STEPS: usize = 500;

/// Parses a whole path.
pub(super) fn path(text: &str) -> Result<Path, String> {
    let mut parser = Parser { text, at: 0, mark: 0, depth: 0 };
    let explicit = parser.take("$");
    let steps = parser.steps(!explicit && !text.is_empty(), false)?;
    Ok(Path { steps })
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Start of the last complete part, from which errors quote.
    mark: usize,
    /// Filters around this place.
    depth: usize,
}

/// Ends the name of a child.
fn ends_name(c: char) -> bool {
    matches!(c, '.' | '[' | ')' | ' ' | '&' | '|' | '=' | '!' | '>' | '<' | '~')
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// The place behind tokens that white space may separate.
    fn behind(&self, tokens: &[&str]) -> Option<usize> {
        let mut at = self.at;
        for token in tokens {
            let rest = &self.text[at..];
            let trimmed = rest.trim_start_matches(is_go_space);
            if trimmed.is_empty() {
                return None;
            }
            at += rest.len() - trimmed.len();
            at += trimmed.strip_prefix(token).map(|_| token.len())?;
        }
        Some(at)
    }

    fn take_spaced(&mut self, token: &str) -> bool {
        match self.behind(&[token]) {
            Some(at) => {
                self.at = at;
                true
            }
            None => false,
        }
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_go_space).len();
    }

    fn fail<T>(&self, what: &str) -> Result<T, String> {
        let context = quote(&self.text.as_bytes()[self.mark..self.at]);
        Err(format!("{what} at position {}, following {context}", self.at))
    }

    /// Takes up to a character that ends it, or to the end.
    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(ends).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// The steps of a path, to the end of the text or, within a filter, to what ends it there.
    /// `undotted`: the first child may stand without a dot.
    fn steps(&mut self, mut undotted: bool, nested: bool) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        // Whether the part before was `..` or `..name`, behind which a filter tests nodes.
        let mut descended = false;
        loop {
            if steps.len() > MAX_STEPS {
                return self.fail("path is too long");
            }
            let start = self.at;
            let after_descent = std::mem::take(&mut descended);
            if self.rest().is_empty() {
                return Ok(steps);
            }
            if self.rest().starts_with(')') {
                return if nested { Ok(steps) } else { self.fail("syntax error") };
            }
            if self.take("..") {
                let name = self.until(|c| c == '.' || c == '[');
                if name.is_empty() && self.peek() != Some('[') {
                    return self.fail(
                        "child name or array access or filter missing after recursive descent",
                    );
                }
                steps.push(Step::Descend);
                match name {
                    "" => {}
                    "*" => steps.push(Step::AllChildren),
                    name => steps.push(Step::Children(vec![unescape(name)])),
                }
                self.mark = start;
                undotted = false;
                descended = true;
                continue;
            }
            if self.take(".") {
                let name = self.until(ends_name);
                self.child(name, start, &mut steps)?;
            } else if self.behind(&["[", "'"]).is_some() || self.behind(&["[", "\""]).is_some() {
                let names = self.bracket_names()?;
                if self.take("~") {
                    self.last_only()?;
                    steps.push(Step::Keys(names));
                } else {
                    steps.push(Step::Children(names));
                }
            } else if self.take("[?(") {
                self.mark = start;
                let filter = self.filter()?;
                let step = if after_descent { Step::FilterSelf } else { Step::Filter };
                steps.push(step(filter));
                undotted = false;
                continue;
            } else if self.peek() == Some('[') {
                // Handled below, as behind every child.
            } else if undotted {
                let name = self.until(|c| ends_name(c) || c == ']');
                self.child(name, start, &mut steps)?;
            } else {
                return self.fail("invalid path syntax");
            }
            undotted = false;
            self.mark = start;
            self.subscript(&mut steps)?;
            if matches!(self.peek(), Some(' ' | '&' | '|' | '=' | '!' | '>' | '<')) {
                let c = self.peek().unwrap_or_default();
                return if nested {
                    Ok(steps)
                } else {
                    self.fail(&format!("invalid character '{c}'"))
                };
            }
        }
    }

    fn child(&mut self, name: &str, start: usize, steps: &mut Vec<Step>) -> Result<(), String> {
        if name.is_empty() {
            return self.fail("child name missing");
        }
        if self.take("~") {
            self.last_only()?;
            steps.push(Step::Keys(vec![unescape(name)]));
        } else if name == "*" {
            steps.push(Step::AllChildren);
        } else {
            steps.push(Step::Children(vec![unescape(name)]));
        }
        self.mark = start;
        Ok(())
    }

    fn last_only(&self) -> Result<(), String> {
        if self.rest().is_empty() {
            return Ok(());
        }
        self.fail("property name operator may only be used on last child in path")
    }

    /// `['a', "b"]`.
    fn bracket_names(&mut self) -> Result<Vec<String>, String> {
        self.take_spaced("[");
        let mut names = Vec::new();
        loop {
            self.skip_space();
            let mark = if self.take("'") {
                '\''
            } else {
                self.take("\"");
                '"'
            };
            let shown = if mark == '"' { "'\"'" } else { "\"'\"" };
            let start = self.at;
            loop {
                match self.peek() {
                    Some(c) if c == mark => break,
                    Some('\\') => match self.rest()[1..].chars().next() {
                        Some(c) if c == mark || c == '\\' => self.at += 2,
                        _ => {
                            return self
                                .fail(&format!("unsupported escape sequence inside {mark}{mark}"));
                        }
                    },
                    Some(c) => self.at += c.len_utf8(),
                    None => return self.fail(&format!("unmatched {shown}")),
                }
            }
            names.push(unescape(&self.text[start..self.at]));
            self.at += 1;
            if !self.take_spaced(",") {
                break;
            }
            if self.behind(&["'"]).is_none() && self.behind(&["\""]).is_none() {
                return self.fail("missing \"'\" or '\"'");
            }
        }
        if !self.take_spaced("]") {
            return self.fail("missing \"]\" or \",\"");
        }
        Ok(names)
    }

    /// `[0]` and its kin, if one stands here.
    fn subscript(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        let rest = self.rest();
        let start = self.at;
        if !rest.starts_with('[') || ["['", "[\"", "[?("].iter().any(|it| rest.starts_with(it)) {
            return Ok(());
        }
        self.at += 1;
        let inside = self.until(|c| c == ']');
        if !self.take("]") {
            return self.fail("unmatched [");
        }
        if inside.is_empty() {
            return Err(format!("subscript missing from [] before position {}", self.at));
        }
        let slices = Slice::parse(inside).map_err(|why| {
            format!("invalid array index [{inside}] before position {}: {why}", self.at)
        })?;
        if self.take("~") {
            if !self.rest().is_empty() {
                return self.fail("property name operator can only be used on last item in path");
            }
            if inside != "*" {
                return self.fail("property name operator can only be used on map nodes");
            }
            steps.push(Step::AllKeys);
        } else {
            steps.push(Step::Items(slices));
        }
        self.mark = start;
        Ok(())
    }

    /// A filter behind its `[?(`, with what ends it.
    fn filter(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("filters are nested too deeply");
        }
        self.skip_space();
        if self.rest().starts_with(")]") {
            return self.fail("missing filter");
        }
        let filter = self.disjunction()?;
        self.skip_space();
        if !self.take(")]") {
            return if self.rest().is_empty() {
                self.fail("missing end of filter")
            } else {
                self.fail("invalid filter expression")
            };
        }
        self.depth -= 1;
        Ok(filter)
    }

    fn disjunction(&mut self) -> Result<Filter, String> {
        let mut left = self.conjunction()?;
        loop {
            self.skip_space();
            if !self.take("||") {
                return Ok(left);
            }
            left = Filter::Or(Box::new(left), Box::new(self.conjunction()?));
        }
    }

    fn conjunction(&mut self) -> Result<Filter, String> {
        let mut left = self.basic()?;
        loop {
            self.skip_space();
            if !self.take("&&") {
                return Ok(left);
            }
            left = Filter::And(Box::new(left), Box::new(self.basic()?));
        }
    }

    fn basic(&mut self) -> Result<Filter, String> {
        self.skip_space();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("filters are nested too deeply");
        }
        let filter = if self.take("(") {
            let inner = self.disjunction()?;
            self.skip_space();
            if !self.take(")") {
                return self.fail("invalid filter expression");
            }
            inner
        } else if self.rest().starts_with('!') && !self.rest().starts_with("!=") {
            self.at += 1;
            Filter::Not(Box::new(self.basic()?))
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        for operator in ["!=", "&&", "||", "==", ">=", ">", "<=", "<"] {
            if self.rest().starts_with(operator) {
                return self.fail(&format!("missing first operand for binary operator {operator}"));
            }
        }
        let left = self.term("invalid filter expression")?;
        self.skip_space();
        if self.rest().starts_with("=~") {
            if let Term::Literal(Any::Str(_) | Any::Int(_) | Any::Float(_)) = left {
                return self.fail("literal cannot be matched using =~");
            }
            self.at += 2;
            self.skip_space();
            return Ok(Filter::Matches(left, self.expression()?));
        }
        let operators = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            (">=", Comparison::GreaterOrEqual),
            (">", Comparison::Greater),
            ("<=", Comparison::LessOrEqual),
            ("<", Comparison::Less),
        ];
        for (text, comparison) in operators {
            if !self.rest().starts_with(text) {
                continue;
            }
            let ordering = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
            let no_order = format!("strings cannot be compared using {text}");
            if ordering && matches!(left, Term::Literal(Any::Str(_))) {
                return self.fail(&no_order);
            }
            self.at += text.len();
            self.skip_space();
            if ordering && self.rest().starts_with('\'') {
                return self.fail(&no_order);
            }
            let right = self.term("invalid filter term")?;
            return Ok(Filter::Compare(comparison, left, right));
        }
        Ok(Filter::Term(left))
    }

    fn term(&mut self, otherwise: &str) -> Result<Term, String> {
        self.skip_space();
        let start = self.at;
        let term = if self.take("@") {
            let compared = ["=", "!", ">", "<", "|", "&", ")"];
            let bare = compared.iter().any(|token| self.behind(&[token]).is_some());
            let steps = if bare { Vec::new() } else { self.steps(false, true)? };
            Term::Here(Path { steps })
        } else if self.take("$") {
            Term::Root(Path { steps: self.steps(false, true)? })
        } else {
            Term::Literal(self.literal(otherwise)?)
        };
        self.mark = start;
        Ok(term)
    }

    fn literal(&mut self, otherwise: &str) -> Result<Any, String> {
        let start = self.at;
        match self.peek() {
            Some('.' | '-' | '0'..='9') => {
                self.at += 1;
                let more = |c| !matches!(c, '0'..='9' | '.' | 'e' | 'E' | '-');
                self.until(more);
                let text = &self.text[start..self.at];
                let whole = text.bytes().skip(1).all(|b| b.is_ascii_digit()) && text != ".";
                if whole && !text.starts_with('.') {
                    return text.parse().map(Any::Int).map_err(|_| {
                        let quoted = quote(text.as_bytes());
                        format!(
                            "invalid integer literal {quoted}: strconv.Atoi: parsing {quoted}: \
                             invalid syntax before position {}",
                            self.at
                        )
                    });
                }
                text.parse().map(Any::Float).map_err(|_| {
                    let quoted = quote(text.as_bytes());
                    format!(
                        "invalid float literal {quoted}: strconv.ParseFloat: parsing {quoted}: \
                         invalid syntax before position {}",
                        self.at
                    )
                })
            }
            Some(mark @ ('\'' | '"')) => {
                self.at += 1;
                let text = self.until(|c| c == mark);
                if !self.take(&mark.to_string()) {
                    let context = quote(&self.text.as_bytes()[self.mark..start]);
                    return Err(format!(
                        "unmatched string delimiter {mark} at position {start}, following {context}"
                    ));
                }
                Ok(Any::Str(Arc::from(text)))
            }
            _ if self.take("true") => Ok(Any::Bool(true)),
            _ if self.take("false") => Ok(Any::Bool(false)),
            _ if self.take("null") => Ok(Any::Null),
            _ => self.fail(otherwise),
        }
    }

    /// `/…/`, where `\/` stands for a slash.
    fn expression(&mut self) -> Result<String, String> {
        let start = self.at;
        if !self.take("/") {
            return self.fail("regular expression does not start with /");
        }
        let mut escaped = false;
        loop {
            match self.peek() {
                Some('/') if !escaped => break,
                Some(c) => {
                    escaped = c == '\\' && !escaped;
                    self.at += c.len_utf8();
                }
                None => {
                    let context = quote(&self.text.as_bytes()[self.mark..start]);
                    return Err(format!(
                        "unmatched regular expression delimiter / at position {start}, following \
                         {context}"
                    ));
                }
            }
        }
        let expression = self.text[start + 1..self.at].replace("\\/", "/");
        self.at += 1;
        match Regexp::compile(expression.as_bytes()) {
            Ok(_) => Ok(expression),
            Err(why) => {
                let context = quote(&self.text.as_bytes()[self.mark..start]);
                Err(format!(
                    "invalid regular expression at position {start}, following {context}: {why}"
                ))
            }
        }
    }
}

/// A text without the backslashes that protect characters.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        plain.push(c);
    }
    plain
}
