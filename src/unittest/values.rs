//! The values of a job: its files and its `set` paths, laid over each other.

use std::sync::Arc;

use crate::doc::{Doc, DocMap, Node, Text};
use crate::source::Span;
use crate::value::{Map, Value};
use crate::values::read::merge_maps;
use crate::yaml::any::{Any, AnyMap, Entry};

/// A way from the top of the values.
#[derive(Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

/// Longest list that a path may make.
const MAX_INDEX: usize = 65_536;

/// The values that a `set` path means: `a.b[0].c`, keys with dots as `a.[b.c/d]`.
///
/// Errors: a path that does not parse, as helm-unittest words it.
pub(super) fn at_path(path: &str, value: &Any) -> Result<Any, String> {
    let steps = parse(path)?;
    let built = steps.into_iter().rev().fold(value.clone(), |below, step| match step {
        Step::Key(key) => Any::map([(key.as_str(), below)]),
        Step::Index(index) => {
            let mut items = vec![Any::Null; index];
            items.push(below);
            Any::list(items)
        }
    });
    Ok(built)
}

fn parse(path: &str) -> Result<Vec<Step>, String> {
    enum Expect {
        Key,
        Index,
        Next,
        Escaped(String),
    }
    if path.is_empty() {
        return Err("set path is empty".into());
    }
    let mut steps = Vec::new();
    let mut expect = Expect::Key;
    let mut rest = path;
    loop {
        let stop = rest.find(['.', '[', ']', ',', '{', '}', '=']);
        let Some(stop) = stop else {
            return match expect {
                Expect::Key if !rest.is_empty() => {
                    steps.push(Step::Key(rest.to_owned()));
                    Ok(steps)
                }
                Expect::Next if rest.is_empty() => Ok(steps),
                _ => Err("unexpected end of".into()),
            };
        };
        let (word, token) = (&rest[..stop], rest.as_bytes()[stop]);
        rest = &rest[stop + 1..];
        if matches!(token, b',' | b'{' | b'}' | b'=') {
            return Err(format!("invalid token found {}", char::from(token)));
        }
        let shown = char::from(token);
        expect = match (expect, token) {
            (Expect::Key, b'.') => {
                steps.push(Step::Key(word.to_owned()));
                Expect::Key
            }
            (Expect::Key, b'[') if word.is_empty() => Expect::Escaped(String::new()),
            (Expect::Key, b'[') => {
                steps.push(Step::Key(word.to_owned()));
                Expect::Index
            }
            (Expect::Key, _) => return Err(format!("invalid key {shown}")),
            (Expect::Index, b']') => {
                let index: usize = word.parse().map_err(|_| {
                    let quoted = crate::golang::quote::quote(word.as_bytes());
                    format!("strconv.Atoi: parsing {quoted}: invalid syntax")
                })?;
                if index > MAX_INDEX {
                    return Err(format!("index {index} is greater than {MAX_INDEX}"));
                }
                steps.push(Step::Index(index));
                Expect::Next
            }
            (Expect::Index, _) => return Err("missing index value".into()),
            (Expect::Next, b'.') => Expect::Key,
            (Expect::Next, b'[') => Expect::Index,
            (Expect::Next, _) => return Err(format!("invalid denotation token {shown}")),
            (Expect::Escaped(before), b'.') => Expect::Escaped(format!("{before}{word}.")),
            (Expect::Escaped(before), b']') => {
                steps.push(Step::Key(format!("{before}{word}")));
                Expect::Next
            }
            (Expect::Escaped(_), _) => return Err(format!("invalid escaping token {shown}")),
        };
    }
}

/// Values of the chart at `route` as values of the root: below the names of the charts on the
/// way, `global` at each of them.
fn scoped(route: &str, values: Any) -> Any {
    let names: Vec<&str> = route.split('/').step_by(2).collect();
    names.into_iter().skip(1).rev().fold(values, |values, name| {
        let global = values.get("global").cloned().map(|global| ("global", global));
        Any::map(global.into_iter().chain([(name, values)]))
    })
}

/// Lays values of the chart at `route` over values of the root.
pub(super) fn lay_over(base: &Doc, route: &str, values: Any) -> Doc {
    merge_maps(base, &to_doc(&scoped(route, values)))
}

/// As Helm reads it: by way of JSON.
fn to_doc(any: &Any) -> Doc {
    let node = match any {
        Any::Null => Node::Null,
        Any::Bool(value) => Node::Bool(*value),
        Any::Int(value) => Node::Int(*value),
        Any::Uint(value) => Node::Float(*value as f64),
        Any::Float(value) => Node::Float(*value),
        Any::Time(text) if text.len() <= 10 => Node::Str(Text::from(format!("{text}T00:00:00Z"))),
        Any::Time(text) | Any::Str(text) => Node::Str(Text::from(&**text)),
        Any::List(items) => Node::List(Arc::new(items.iter().map(to_doc).collect())),
        Any::Map(map) => Node::Map(Arc::new(doc_map(map))),
    };
    Doc::new(node, Span::NONE)
}

fn doc_map(map: &AnyMap) -> DocMap {
    let named = map.entries().iter().filter_map(|Entry { key, value, .. }| {
        Some((Arc::from(&*key.scalar_text()?), to_doc(value)))
    });
    named.collect()
}

/// As a template gets it from `lookup`: whole numbers stay whole.
pub(super) fn to_value(any: &Any) -> Value {
    match any {
        Any::Null => Value::Nil,
        Any::Bool(value) => Value::Bool(*value),
        Any::Int(value) => Value::int64(*value),
        Any::Uint(value) => Value::Float(*value as f64),
        Any::Float(value) => Value::Float(*value),
        Any::Time(text) | Any::Str(text) => Value::str(&**text),
        Any::List(items) => Value::list(items.iter().map(to_value).collect()),
        Any::Map(map) => {
            let made = Map::new();
            for entry in map.entries() {
                if let Some(key) = entry.key.scalar_text() {
                    made.insert(&*key, to_value(&entry.value));
                }
            }
            Value::Map(made)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::emit_pretty::any_to_yaml;

    fn built(path: &str) -> String {
        at_path(path, &Any::Int(1)).map_or_else(|error| error, |any| any_to_yaml(&any))
    }

    #[test]
    fn paths() {
        for (path, want) in [
            ("a.b", "a:\n  b: 1\n"),
            ("a[1].b", "a:\n  - null\n  - b: 1\n"),
            ("a.[b.c/d].e", "a:\n  b.c/d:\n    e: 1\n"),
            ("[x.y]", "x.y: 1\n"),
            ("a[0][1]", "a:\n  - - null\n    - 1\n"),
            ("", "set path is empty"),
            ("a.", "unexpected end of"),
            ("a[x]", "strconv.Atoi: parsing \"x\": invalid syntax"),
            ("a=b", "invalid token found ="),
            ("a]", "invalid key ]"),
            ("a[0]b.c", "a:\n  - c: 1\n"),
        ] {
            assert_eq!(built(path), want, "{path}");
        }
    }

    #[test]
    fn scopes() {
        let values = Any::map([("global", Any::Int(1)), ("x", Any::Int(2))]);
        let scoped = scoped("p/charts/c", values);
        assert_eq!(any_to_yaml(&scoped), "c:\n  global: 1\n  x: 2\nglobal: 1\n");
    }
}
