//! Rules of custom resource definitions, written in the Common Expression Language.
//!
//! The part of the language that such rules use: field access, operators, macros over lists and
//! maps, and the common text functions. A rule with anything else is noted as not checked.

use std::borrow::Cow;

use super::cursor::At;
use super::finding::{Finding, Severity};
use crate::doc::{Doc, Node};
use crate::golang::regexp::Regexp;

/// Steps that one rule may take.
const MAX_STEPS: u32 = 200_000;
/// Deepest nesting of an expression.
const MAX_DEPTH: u32 = 200;

/// Evaluates one entry of `x-kubernetes-validations` on a value.
pub fn check(at: At<'_>, rule: &Doc) {
    let text = |key: &str| rule.get(key).and_then(Doc::as_str);
    let Some(source) = text("rule") else { return };
    match holds(source, at.doc) {
        Ok(true) => {}
        Ok(false) => {
            let message =
                text("message").map_or_else(|| format!("failed rule: {source}"), str::to_owned);
            let code = match text("reason") {
                Some("FieldValueRequired") => "missing-required",
                Some("FieldValueDuplicate") => "duplicate-item",
                _ => "crd-rule",
            };
            let mut finding = Finding::new(code, message.trim()).rule("cel").fact("cel", source);
            if let Some(path) = text("fieldPath") {
                finding.path = format!("{}{path}", at.path()).trim_start_matches('.').to_owned();
            }
            at.report(finding);
        }
        Err(Stop::Unknown(what)) => {
            let message = format!("a rule was not checked ({what}): {source}");
            let finding = Finding::new("rule-not-checked", message).rule("cel");
            at.report(Finding { severity: Severity::Note, ..finding });
        }
        // The server would call a rule that fails to run a fault of the definition.
        Err(Stop::Failed) => {}
    }
}

/// Whether a rule holds for a value.
fn holds(source: &str, this: &Doc) -> Result<bool, Stop> {
    let tokens = scan(source)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let tree = parser.ternary()?;
    if parser.at < tokens.len() {
        return Err(Stop::Unknown("syntax".into()));
    }
    let mut run = Run { names: vec![("self".into(), V::from(this))], steps: 0 };
    match run.eval(&tree)? {
        V::Bool(value) => Ok(value),
        _ => Err(Stop::Failed),
    }
}

#[derive(Debug)]
enum Stop {
    /// Outside of the part that is understood.
    Unknown(String),
    /// An error while running, such as a missing field.
    Failed,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Int(i64),
    Float(f64),
    Text(String),
    Sign(&'static str),
}

const SIGNS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", "[", "]",
    "{", "}", ".", ",", "?", ":",
];

fn scan(source: &str) -> Result<Vec<Token>, Stop> {
    let mut tokens = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let raw = rest.starts_with("r'") || rest.starts_with("r\"");
        if raw || matches!(first, '\'' | '"') {
            let (text, left) = scan_text(if raw { &rest[1..] } else { rest }, raw)?;
            tokens.push(Token::Text(text));
            rest = left;
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end =
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..end].to_owned()));
            rest = &rest[end..];
        } else if first.is_ascii_digit() {
            let end =
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
            let text = rest[..end].trim_end_matches(['u', 'U']);
            let token = match (text.parse(), text.parse()) {
                (Ok(int), _) => Token::Int(int),
                (_, Ok(float)) => Token::Float(float),
                _ => return Err(Stop::Unknown(format!("number {text}"))),
            };
            tokens.push(token);
            rest = &rest[end..];
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| Stop::Unknown(format!("{first:?}")))?;
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

fn scan_text(rest: &str, raw: bool) -> Result<(String, &str), Stop> {
    let quote = rest.chars().next().unwrap_or('"');
    let mut text = String::new();
    let mut chars = rest[1..].char_indices();
    while let Some((index, c)) = chars.next() {
        if c == quote {
            return Ok((text, &rest[index + 2..]));
        }
        if c != '\\' || raw {
            text.push(c);
            continue;
        }
        match chars.next().map(|(_, c)| c) {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some(c @ ('\\' | '\'' | '"' | '`' | '?')) => text.push(c),
            _ => return Err(Stop::Unknown("escape".into())),
        }
    }
    Err(Stop::Unknown("unfinished text".into()))
}

#[derive(Debug)]
enum Tree {
    Int(i64),
    Float(f64),
    Text(String),
    Bool(bool),
    Null,
    Name(String),
    List(Vec<Tree>),
    Field(Box<Tree>, String),
    Index(Box<Tree>, Box<Tree>),
    Call(Option<Box<Tree>>, String, Vec<Tree>),
    Not(Box<Tree>),
    Minus(Box<Tree>),
    Binary(&'static str, Box<Tree>, Box<Tree>),
    If(Box<[Tree; 3]>),
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: u32,
}

/// Operators from loose to tight.
const LEVELS: [&[&str]; 5] =
    [&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">", "in"], &["+", "-"], &["*", "/", "%"]];

impl Parser<'_> {
    fn eat(&mut self, sign: &str) -> bool {
        let here = match self.tokens.get(self.at) {
            Some(Token::Sign(found)) => *found == sign,
            Some(Token::Name(found)) => found == sign && sign == "in",
            _ => false,
        };
        self.at += usize::from(here);
        here
    }

    fn expect(&mut self, sign: &str) -> Result<(), Stop> {
        if self.eat(sign) { Ok(()) } else { Err(Stop::Unknown("syntax".into())) }
    }

    fn ternary(&mut self) -> Result<Tree, Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Unknown("too deep".into()));
        }
        let test = self.binary(0)?;
        let tree = if self.eat("?") {
            let yes = self.ternary()?;
            self.expect(":")?;
            Tree::If(Box::new([test, yes, self.ternary()?]))
        } else {
            test
        };
        self.depth -= 1;
        Ok(tree)
    }

    fn binary(&mut self, level: usize) -> Result<Tree, Stop> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(sign) = signs.iter().copied().find(|sign| self.eat(sign)) {
            let right = self.binary(level + 1)?;
            left = Tree::Binary(sign, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Tree, Stop> {
        let mut prefixes = Vec::new();
        loop {
            if self.eat("!") {
                prefixes.push(true);
            } else if self.eat("-") {
                prefixes.push(false);
            } else {
                break;
            }
        }
        let tree = self.member()?;
        Ok(prefixes.into_iter().rev().fold(tree, |tree, not| {
            if not { Tree::Not(Box::new(tree)) } else { Tree::Minus(Box::new(tree)) }
        }))
    }

    fn member(&mut self) -> Result<Tree, Stop> {
        let mut tree = self.primary()?;
        loop {
            if self.eat(".") {
                let Some(Token::Name(name)) = self.tokens.get(self.at) else {
                    return Err(Stop::Unknown("optional access".into()));
                };
                self.at += 1;
                tree = if self.eat("(") {
                    Tree::Call(Some(Box::new(tree)), name.clone(), self.list(")")?)
                } else {
                    Tree::Field(Box::new(tree), unescape(name))
                };
            } else if self.eat("[") {
                let index = self.ternary()?;
                self.expect("]")?;
                tree = Tree::Index(Box::new(tree), Box::new(index));
            } else {
                return Ok(tree);
            }
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Tree>, Stop> {
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(self.ternary()?);
            if !self.eat(",") {
                self.expect(end)?;
                break;
            }
        }
        Ok(items)
    }

    fn primary(&mut self) -> Result<Tree, Stop> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token {
            Some(Token::Int(value)) => Ok(Tree::Int(value)),
            Some(Token::Float(value)) => Ok(Tree::Float(value)),
            Some(Token::Text(value)) => Ok(Tree::Text(value)),
            Some(Token::Name(name)) => match name.as_str() {
                "true" => Ok(Tree::Bool(true)),
                "false" => Ok(Tree::Bool(false)),
                "null" => Ok(Tree::Null),
                "oldSelf" => Err(Stop::Unknown("it compares with the old value".into())),
                _ if self.eat("(") => Ok(Tree::Call(None, name, self.list(")")?)),
                _ => Ok(Tree::Name(name)),
            },
            Some(Token::Sign("(")) => {
                let tree = self.ternary()?;
                self.expect(")")?;
                Ok(tree)
            }
            Some(Token::Sign("[")) => Ok(Tree::List(self.list("]")?)),
            _ => Err(Stop::Unknown("syntax".into())),
        }
    }
}

/// Field names that are no CEL names are written with escapes.
fn unescape(name: &str) -> String {
    let keyword = name.strip_prefix("__").and_then(|name| name.strip_suffix("__"));
    if let Some(keyword) = keyword.filter(|name| name.bytes().all(|b| b.is_ascii_lowercase())) {
        return keyword.to_owned();
    }
    let pairs = [("__dot__", "."), ("__dash__", "-"), ("__slash__", "/")];
    let name = pairs.iter().fold(name.to_owned(), |name, (from, to)| name.replace(from, to));
    name.replace("__underscores__", "__")
}

#[derive(Clone, Debug)]
enum V<'d> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'d, str>),
    List(Vec<V<'d>>),
    Map(&'d Doc),
}

impl<'d> From<&'d Doc> for V<'d> {
    fn from(doc: &'d Doc) -> Self {
        match &doc.node {
            Node::Null => V::Null,
            Node::Bool(value) => V::Bool(*value),
            Node::Int(value) | Node::Int64(value) => V::Int(*value),
            Node::Float(value) => V::Float(*value),
            Node::Str(text) => V::Text(text.to_str_lossy()),
            Node::List(items) => V::List(items.iter().map(V::from).collect()),
            Node::Map(_) => V::Map(doc),
        }
    }
}

fn equal(a: &V<'_>, b: &V<'_>) -> bool {
    match (a, b) {
        (V::Null, V::Null) => true,
        (V::Bool(a), V::Bool(b)) => a == b,
        (V::Int(a), V::Int(b)) => a == b,
        (V::Text(a), V::Text(b)) => a == b,
        (V::Map(a), V::Map(b)) => a == b,
        (V::List(a), V::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        _ => matches!((number(a), number(b)), (Some(a), Some(b)) if a.total_cmp(&b).is_eq()),
    }
}

fn number(value: &V<'_>) -> Option<f64> {
    match value {
        V::Int(value) => Some(*value as f64),
        V::Float(value) => Some(*value),
        _ => None,
    }
}

struct Run<'d> {
    names: Vec<(String, V<'d>)>,
    steps: u32,
}

impl<'d> Run<'d> {
    fn eval(&mut self, tree: &Tree) -> Result<V<'d>, Stop> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Stop::Unknown("it takes too long".into()));
        }
        Ok(match tree {
            Tree::Int(value) => V::Int(*value),
            Tree::Float(value) => V::Float(*value),
            Tree::Text(value) => V::Text(Cow::Owned(value.clone())),
            Tree::Bool(value) => V::Bool(*value),
            Tree::Null => V::Null,
            Tree::Name(name) => {
                let found = self.names.iter().rev().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone()).ok_or_else(|| Stop::Unknown(name.clone()))?
            }
            Tree::List(items) => {
                V::List(items.iter().map(|item| self.eval(item)).collect::<Result<_, _>>()?)
            }
            Tree::Field(of, name) => field(&self.eval(of)?, name).ok_or(Stop::Failed)?,
            Tree::Index(of, index) => match (self.eval(of)?, self.eval(index)?) {
                (V::List(items), V::Int(index)) => usize::try_from(index)
                    .ok()
                    .and_then(|index| items.get(index).cloned())
                    .ok_or(Stop::Failed)?,
                (map @ V::Map(_), V::Text(key)) => field(&map, &key).ok_or(Stop::Failed)?,
                _ => return Err(Stop::Failed),
            },
            Tree::Not(of) => V::Bool(!self.truth(of)?),
            Tree::Minus(of) => match self.eval(of)? {
                V::Int(value) => V::Int(value.wrapping_neg()),
                V::Float(value) => V::Float(-value),
                _ => return Err(Stop::Failed),
            },
            Tree::If(parts) => {
                let part = if self.truth(&parts[0])? { 1 } else { 2 };
                self.eval(&parts[part])?
            }
            Tree::Binary(sign, left, right) => self.binary(sign, left, right)?,
            Tree::Call(of, name, args) => self.call(of.as_deref(), name, args)?,
        })
    }

    fn truth(&mut self, tree: &Tree) -> Result<bool, Stop> {
        match self.eval(tree)? {
            V::Bool(value) => Ok(value),
            _ => Err(Stop::Failed),
        }
    }

    fn binary(&mut self, sign: &'static str, left: &Tree, right: &Tree) -> Result<V<'d>, Stop> {
        if matches!(sign, "&&" | "||") {
            // One side that decides makes up for an error of the other.
            let decides = sign == "||";
            let sides = (self.truth(left), self.truth(right));
            return match sides {
                (Ok(side), _) | (_, Ok(side)) if side == decides => Ok(V::Bool(decides)),
                (Err(stop), _) | (_, Err(stop)) => Err(stop),
                _ => Ok(V::Bool(!decides)),
            };
        }
        let (left, right) = (self.eval(left)?, self.eval(right)?);
        let order = match (&left, &right) {
            (V::Text(a), V::Text(b)) => Some(a.cmp(b)),
            (V::Int(a), V::Int(b)) => Some(a.cmp(b)),
            (a, b) => number(a).zip(number(b)).and_then(|(a, b)| a.partial_cmp(&b)),
        };
        let order = || order.ok_or(Stop::Failed);
        Ok(V::Bool(match sign {
            "==" => equal(&left, &right),
            "!=" => !equal(&left, &right),
            "<" => order()?.is_lt(),
            "<=" => order()?.is_le(),
            ">" => order()?.is_gt(),
            ">=" => order()?.is_ge(),
            "in" => match &right {
                V::List(items) => items.iter().any(|item| equal(item, &left)),
                V::Map(map) => match &left {
                    V::Text(key) => map.get(key).is_some(),
                    _ => false,
                },
                _ => return Err(Stop::Failed),
            },
            _ => return arithmetic(sign, left, right),
        }))
    }

    fn call(&mut self, of: Option<&Tree>, name: &str, args: &[Tree]) -> Result<V<'d>, Stop> {
        match (of, name, args) {
            (None, "has", [Tree::Field(of, name)]) => {
                let of = self.eval(of)?;
                let present = field(&of, name).is_some_and(|value| !matches!(value, V::Null));
                return Ok(V::Bool(present));
            }
            (
                Some(of),
                "all" | "exists" | "exists_one" | "filter" | "map",
                [Tree::Name(item), rest @ ..],
            ) => {
                return self.over(of, name, item, rest);
            }
            _ => {}
        }
        let of = of.map(|of| self.eval(of)).transpose()?;
        let args = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
        let all: Vec<V<'d>> = of.into_iter().chain(args).collect();
        function(name, &all)
    }

    fn over(&mut self, of: &Tree, name: &str, item: &str, rest: &[Tree]) -> Result<V<'d>, Stop> {
        let items = match self.eval(of)? {
            V::List(items) => items,
            V::Map(map) => {
                let keys = map.as_map().into_iter().flat_map(indexmap::IndexMap::keys);
                keys.map(|key| V::Text(Cow::Borrowed(&**key))).collect()
            }
            _ => return Err(Stop::Failed),
        };
        let body = rest.last().ok_or(Stop::Failed)?;
        let mut count = 0;
        let mut kept = Vec::new();
        let mut failed = None;
        let total = items.len();
        for value in items {
            self.names.push((item.to_owned(), value.clone()));
            let result = match (name, rest) {
                ("map", [_]) => self.eval(body).map(|value| {
                    kept.push(value);
                    true
                }),
                ("map", [test, _]) => match self.truth(test) {
                    Ok(true) => self.eval(body).map(|value| {
                        kept.push(value);
                        true
                    }),
                    other => other,
                },
                _ => self.truth(body),
            };
            self.names.pop();
            match result {
                Ok(true) => {
                    count += 1;
                    if name == "filter" {
                        kept.push(value);
                    }
                }
                Ok(false) => {}
                Err(stop) => failed = Some(stop),
            }
        }
        let decided = match name {
            "all" => failed.is_none() || count + 1 < total,
            "exists" => failed.is_none() || count > 0,
            _ => failed.is_none(),
        };
        if let (false, Some(stop)) = (decided, failed) {
            return Err(stop);
        }
        Ok(match name {
            "all" => V::Bool(count == total),
            "exists" => V::Bool(count > 0),
            "exists_one" => V::Bool(count == 1),
            _ => V::List(kept),
        })
    }
}

fn field<'d>(of: &V<'d>, name: &str) -> Option<V<'d>> {
    match of {
        V::Map(doc) => doc.get(name).filter(|doc| !doc.is_null()).map(V::from),
        _ => None,
    }
}

fn arithmetic<'d>(sign: &str, left: V<'d>, right: V<'d>) -> Result<V<'d>, Stop> {
    let result = match (sign, &left, &right) {
        ("+", V::Text(a), V::Text(b)) => Some(V::Text(Cow::Owned(format!("{a}{b}")))),
        ("+", V::List(a), V::List(b)) => Some(V::List(a.iter().chain(b).cloned().collect())),
        (_, V::Int(a), V::Int(b)) => match sign {
            "+" => a.checked_add(*b),
            "-" => a.checked_sub(*b),
            "*" => a.checked_mul(*b),
            "/" => a.checked_div(*b),
            _ => a.checked_rem(*b),
        }
        .map(V::Int),
        _ => number(&left).zip(number(&right)).and_then(|(a, b)| match sign {
            "+" => Some(V::Float(a + b)),
            "-" => Some(V::Float(a - b)),
            "*" => Some(V::Float(a * b)),
            "/" => Some(V::Float(a / b)),
            _ => None,
        }),
    };
    result.ok_or(Stop::Failed)
}

fn function<'d>(name: &str, args: &[V<'d>]) -> Result<V<'d>, Stop> {
    let text = |text: String| V::Text(Cow::Owned(text));
    Ok(match (name, args) {
        ("size", [V::Text(text)]) => V::Int(text.chars().count() as i64),
        ("size", [V::List(items)]) => V::Int(items.len() as i64),
        ("size", [V::Map(map)]) => V::Int(map.as_map().map_or(0, indexmap::IndexMap::len) as i64),
        ("startsWith", [V::Text(a), V::Text(b)]) => V::Bool(a.starts_with(&**b)),
        ("endsWith", [V::Text(a), V::Text(b)]) => V::Bool(a.ends_with(&**b)),
        ("contains", [V::Text(a), V::Text(b)]) => V::Bool(a.contains(&**b)),
        ("matches", [V::Text(a), V::Text(pattern)]) => {
            let pattern = Regexp::compile(pattern.as_bytes())
                .map_err(|_| Stop::Unknown("regular expression".into()))?;
            V::Bool(pattern.is_match(a.as_bytes()))
        }
        ("lowerAscii", [V::Text(a)]) => text(a.to_ascii_lowercase()),
        ("upperAscii", [V::Text(a)]) => text(a.to_ascii_uppercase()),
        ("trim", [V::Text(a)]) => text(a.trim().to_owned()),
        ("replace", [V::Text(a), V::Text(from), V::Text(to)]) => text(a.replace(&**from, to)),
        ("split", [V::Text(a), V::Text(by)]) => {
            V::List(a.split(&**by).map(|part| text(part.to_owned())).collect())
        }
        ("string", [V::Int(value)]) => text(value.to_string()),
        ("string", [V::Bool(value)]) => text(value.to_string()),
        ("string", [value @ V::Text(_)]) => value.clone(),
        ("int", [V::Int(value)]) => V::Int(*value),
        ("int", [V::Float(value)]) => V::Int(*value as i64),
        ("int", [V::Text(value)]) => V::Int(value.parse().map_err(|_| Stop::Failed)?),
        ("double", [value]) => V::Float(number(value).ok_or(Stop::Failed)?),
        ("sum", [V::List(items)]) => {
            items.iter().cloned().try_fold(V::Int(0), |sum, item| arithmetic("+", sum, item))?
        }
        ("type", _) => return Err(Stop::Unknown("type".into())),
        _ => return Err(Stop::Unknown(format!("function {name}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn rules() {
        let doc = crate::yaml::read::parse(
            b"{min: 1, max: 3, name: ab, tags: [x, w], opts: {a-b: 1}, ref: {kind: A}}",
            SourceId::NONE,
        )
        .unwrap();
        for (rule, want) in [
            ("!has(self.min) || !has(self.max) || self.min <= self.max", Some(true)),
            ("self.min > self.max", Some(false)),
            ("self.name in ['ab', 'cd'] && size(self.tags) == 2", Some(true)),
            ("self.tags.all(t, t.matches('^[a-z]$'))", Some(true)),
            ("self.tags.exists(t, t == 'z')", Some(false)),
            ("self.tags.exists_one(t, t == 'x')", Some(true)),
            ("has(self.none) ? self.none > 1 : true", Some(true)),
            ("self.none == 1 || self.min == 1", Some(true)),
            ("self.none == 1", None),
            ("self.opts.a__dash__b == 1", Some(true)),
            ("self['min'] + 2 * 1 == 3", Some(true)),
            ("self.ref.kind != \"B\" && self.name.startsWith('a')", Some(true)),
            ("size(self.tags.filter(t, t != 'x')) == 1", Some(true)),
            ("self == oldSelf", None),
            ("self.min == 1 ||", None),
            ("-self.min < 0 && !(self.max < 2)", Some(true)),
        ] {
            assert_eq!(holds(rule, &doc).ok(), want, "{rule}");
        }
    }
}
