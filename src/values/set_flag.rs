//! The grammar of `--set`, `--set-string`, `--set-json`, `--set-file` and `--set-literal`.
//!
//! `path=value[,path=value]…`, where a path is names and `[index]` joined by dots and a
//! backslash takes the next character as it is. Helm's reader is a state machine whose odd
//! corners (silent ends, half-applied paths) are behaviour, so this one has the same states.

use std::sync::Arc;

use crate::doc::{Doc, DocMap, Node};
use crate::golang::quote::quote;
use crate::json::read::parse_prefix;
use crate::source::{SourceId, Span};

use super::read::merge_maps;

/// Largest index of a list.
const MAX_INDEX: i64 = 65536;
/// Most dots in a path.
const MAX_NESTING: usize = 30;

/// How values are read.
pub enum Style<'a> {
    /// `--set`: booleans, null and whole numbers are recognized.
    Typed,
    /// `--set-string`.
    Text,
    /// `--set-json`.
    Json,
    /// `--set-file`: the value is a path; the function gives the content or the reason.
    File(&'a dyn Fn(&str) -> std::result::Result<Vec<u8>, String>),
    /// `--set-literal`: no escapes, one path, the rest is the value.
    Literal,
}

/// Writes what one argument says into `base`. The error is the bare reason.
pub fn apply(
    base: &mut Doc,
    argument: &str,
    style: &Style<'_>,
    source: SourceId,
) -> Result<(), String> {
    let trimmed = argument.trim();
    if matches!(style, Style::Json) && trimmed.starts_with('{') {
        let start = argument.len() - argument.trim_start().len();
        let mut reader = Reader::new(argument, style, source);
        reader.at = start;
        let (whole, end) = reader.json()?;
        if !argument[end..].trim_matches([' ', '\t', '\r', '\n']).is_empty() {
            return Err("invalid character after top-level value".into());
        }
        *base = merge_maps(base, &whole);
        return Ok(());
    }
    let mut reader = Reader::new(argument, style, source);
    let map = base.as_map_mut().ok_or("values are not a table")?;
    loop {
        match reader.key(map, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Fault(message)) => return Err(message),
        }
    }
}

/// Why reading stopped.
#[derive(Debug)]
enum Stop {
    /// The text is at its end; what was set stays.
    End,
    Fault(String),
}

fn fail<T>(message: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Fault(message.into()))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    style: &'a Style<'a>,
    source: SourceId,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, style: &'a Style<'a>, source: SourceId) -> Self {
        Reader { text, at: 0, style, source }
    }

    fn is_literal(&self) -> bool {
        matches!(self.style, Style::Literal)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.text[self.at..].chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn doc(&self, node: Node, start: usize) -> Doc {
        Doc::new(node, Span::new(self.source, start, self.at))
    }

    /// Text up to one of the stops, and which it was; none at the end of the text.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut taken = String::new();
        while let Some(c) = self.next() {
            if stops.contains(&c) {
                return (taken, Some(c));
            }
            if c == '\\' && !self.is_literal() {
                match self.next() {
                    Some(next) => taken.push(next),
                    None => break,
                }
            } else {
                taken.push(c);
            }
        }
        (taken, None)
    }

    /// Reads one path and its value into a table.
    fn key(&mut self, into: &mut DocMap, nesting: usize) -> Result<(), Stop> {
        let stops: &[char] =
            if self.is_literal() { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let (key, stop) = self.until(stops);
        let shown = |key: &str| quote(key.as_bytes());
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => fail(format!("key {} has no value", shown(&key))),
            Some('[') => {
                let index = self.index()?;
                let mut list = match into.get(key.as_str()) {
                    None => Vec::new(),
                    Some(known) => take_list(known)?,
                };
                let done = self.item(&mut list, index, nesting);
                let list = self.doc(Node::List(Arc::new(list)), 0);
                set(into, &key, list);
                done
            }
            Some('=') => {
                let start = self.at;
                match self.value() {
                    Ok(value) => {
                        set(into, &key, value);
                        Ok(())
                    }
                    Err(Stop::End) => {
                        let empty = self.doc(Node::Str("".into()), start);
                        set(into, &key, empty);
                        Err(Stop::End)
                    }
                    Err(fault) => Err(fault),
                }
            }
            Some(',') => fail(format!("key {} has no value (cannot end with ,)", shown(&key))),
            Some(_) => {
                let nesting = deeper(nesting)?;
                let mut inner = match into.get_mut(key.as_str()) {
                    None => Doc::map(DocMap::default()),
                    // Taken out, so that it is changed in place and not copied.
                    Some(known) if known.as_map().is_some() => std::mem::take(known),
                    Some(known) => return fail(not_a("map[string]interface {}", known)),
                };
                let known = into.contains_key(key.as_str());
                let map = inner.as_map_mut().expect("made or seen to be a map");
                let done = self.key(map, nesting);
                let is_empty = map.is_empty();
                if known {
                    into.insert(Arc::from(key.as_str()), inner);
                } else if !is_empty {
                    inner.span = Span::new(self.source, 0, self.at);
                    set(into, &key, inner);
                }
                if done.is_ok() && is_empty {
                    return fail(format!("key map {} has no value", shown(&key)));
                }
                done
            }
        }
    }

    /// Reads the part of a path behind `[index]`, and its value, into a list.
    fn item(&mut self, list: &mut Vec<Doc>, index: i64, nesting: usize) -> Result<(), Stop> {
        if index < 0 {
            return fail(format!("negative {index} index not allowed"));
        }
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let (extra, stop) = self.until(&['[', '.', '=']);
        if !extra.is_empty() {
            let shown: Vec<String> = extra.chars().map(quote_char).collect();
            let shown = shown.join(" ");
            return fail(format!("unexpected data at end of array index: [{shown}]"));
        }
        match stop {
            None => Err(Stop::End),
            Some('=') => {
                let start = self.at;
                let value = match self.value() {
                    Err(Stop::End) => self.doc(Node::Str("".into()), start),
                    other => other?,
                };
                set_index(list, index, value)
            }
            Some('[') => {
                let next = self.index()?;
                let mut inner = match list.get(at) {
                    None => Vec::new(),
                    Some(known) if known.is_null() => Vec::new(),
                    Some(known) => take_list(known)?,
                };
                self.item(&mut inner, next, nesting)?;
                let inner = self.doc(Node::List(Arc::new(inner)), 0);
                set_index(list, index, inner)
            }
            Some(_) => {
                let known = at < list.len();
                let mut inner = match list.get_mut(at) {
                    Some(known) if known.as_map().is_some() => std::mem::take(known),
                    // Indices out of order left something else here: it makes room.
                    _ => Doc::new(Node::Map(Arc::default()), Span::new(self.source, 0, self.at)),
                };
                let map = inner.as_map_mut().expect("made or seen to be a map");
                let done = self.key(map, nesting);
                if known {
                    // A table that was there is changed even when its value never comes.
                    list[at] = inner;
                    done
                } else {
                    done?;
                    set_index(list, index, inner)
                }
            }
        }
    }

    fn index(&mut self) -> Result<i64, Stop> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            return Err(Stop::End);
        }
        let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        text.parse().map_err(|_| {
            let reason = if is_number { "value out of range" } else { "invalid syntax" };
            let shown = quote(text.as_bytes());
            Stop::Fault(format!("error parsing index: strconv.Atoi: parsing {shown}: {reason}"))
        })
    }

    /// Reads what stands behind `=`; [`Stop::End`] when nothing does.
    fn value(&mut self) -> Result<Doc, Stop> {
        let start = self.at;
        match self.style {
            Style::Json => {
                if self.skip_blank() {
                    return Ok(self.doc(Node::Null, start));
                }
                let (value, end) = self.json().map_err(Stop::Fault)?;
                self.at = end;
                self.skip_blank();
                Ok(value)
            }
            Style::Literal => {
                let rest = &self.text[start..];
                self.at = self.text.len();
                Ok(self.doc(Node::Str(rest.into()), start))
            }
            _ => match self.peek() {
                None => Err(Stop::End),
                Some('{') => self.list(),
                Some(_) => {
                    let (text, _) = self.until(&[',']);
                    self.scalar(&text, start)
                }
            },
        }
    }

    /// Reads `{a,b}`.
    fn list(&mut self) -> Result<Doc, Stop> {
        let start = self.at;
        self.next();
        let mut items = Vec::new();
        loop {
            let start_of_item = self.at;
            let (text, stop) = self.until(&[',', '}']);
            match stop {
                None => return fail("list must terminate with '}'"),
                Some(stop) => {
                    items.push(self.scalar(&text, start_of_item)?);
                    if stop == '}' {
                        if self.peek() == Some(',') {
                            self.next();
                        }
                        return Ok(self.doc(Node::List(Arc::new(items)), start));
                    }
                }
            }
        }
    }

    fn scalar(&self, text: &str, start: usize) -> Result<Doc, Stop> {
        let node = match self.style {
            Style::Typed => typed(text),
            Style::File(read) => Node::Str(read(text).map_err(Stop::Fault)?.into()),
            _ => Node::Str(text.into()),
        };
        Ok(self.doc(node, start))
    }

    /// Skips spaces and one comma; true when that, or the end, is all there was.
    fn skip_blank(&mut self) -> bool {
        loop {
            match self.peek() {
                None => return true,
                Some(',') => {
                    self.next();
                    return true;
                }
                Some(c) if c.is_whitespace() => {
                    self.next();
                }
                Some(_) => return false,
            }
        }
    }

    /// Reads one JSON value and gives where it ends.
    fn json(&self) -> Result<(Doc, usize), String> {
        parse_prefix(self.text.as_bytes(), self.source, self.at).map_err(|error| error.to_string())
    }
}

/// What `--set` makes of a word. A leading zero keeps a number a text.
fn typed(text: &str) -> Node {
    if text.eq_ignore_ascii_case("true") {
        Node::Bool(true)
    } else if text.eq_ignore_ascii_case("false") {
        Node::Bool(false)
    } else if text.eq_ignore_ascii_case("null") {
        Node::Null
    } else if text == "0" {
        Node::Int64(0)
    } else {
        match text.parse() {
            Ok(number) if !text.starts_with('0') => Node::Int64(number),
            _ => Node::Str(text.into()),
        }
    }
}

fn deeper(nesting: usize) -> Result<usize, Stop> {
    if nesting >= MAX_NESTING {
        return fail(format!(
            "value name nested level is greater than maximum supported nested level of \
             {MAX_NESTING}"
        ));
    }
    Ok(nesting + 1)
}

fn set(into: &mut DocMap, key: &str, value: Doc) {
    if !key.is_empty() {
        into.insert(Arc::from(key), value);
    }
}

fn set_index(list: &mut Vec<Doc>, index: i64, value: Doc) -> Result<(), Stop> {
    if index > MAX_INDEX {
        return fail(format!(
            "index of {index} is greater than maximum supported index of {MAX_INDEX}"
        ));
    }
    let at = usize::try_from(index).expect("checked to be within the limit");
    if list.len() <= at {
        let pad = Doc::new(Node::Null, value.span);
        list.resize(at + 1, pad);
    }
    list[at] = value;
    Ok(())
}

fn take_list(known: &Doc) -> Result<Vec<Doc>, Stop> {
    match known.as_list() {
        Some(items) => Ok(items.to_vec()),
        None => fail(not_a("[]interface {}", known)),
    }
}

/// Go's complaint on a failed type assertion, which Helm catches and prints.
fn not_a(wanted: &str, found: &Doc) -> String {
    let found = match found.node {
        Node::Null => "nil",
        Node::Bool(_) => "bool",
        Node::Int(_) | Node::Float(_) => "float64",
        Node::Int64(_) => "int64",
        Node::Str(_) => "string",
        Node::List(_) => "[]interface {}",
        Node::Map(_) => "map[string]interface {}",
    };
    format!("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}")
}

/// A character as Go's `%q` shows it.
fn quote_char(c: char) -> String {
    match c {
        '\'' => "'\\''".into(),
        '"' => "'\"'".into(),
        c => {
            let quoted = quote(c.to_string().as_bytes());
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(style: &Style<'_>, arguments: &[&str]) -> String {
        let mut base = Doc::map(DocMap::default());
        for argument in arguments {
            if let Err(message) = apply(&mut base, argument, style, SourceId::NONE) {
                return message;
            }
        }
        show(&base)
    }

    /// A small writer for comparing: texts quoted, int64 bare, float64 with an `f`.
    fn show(doc: &Doc) -> String {
        match &doc.node {
            Node::Null => "null".into(),
            Node::Bool(value) => value.to_string(),
            Node::Int(value) => format!("{value}f"),
            Node::Int64(value) => value.to_string(),
            Node::Float(value) => format!("{value}f"),
            Node::Str(text) => format!("{text:?}"),
            Node::List(items) => {
                format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(","))
            }
            Node::Map(map) => {
                let items: Vec<_> =
                    map.iter().map(|(key, item)| format!("{key}:{}", show(item))).collect();
                format!("{{{}}}", items.join(","))
            }
        }
    }

    #[test]
    fn sets_as_helm() {
        let cases: &[(&[&str], &str)] = &[
            (&["a=1,b=+1,c=-0,d=0,e=-01"], "{a:1,b:1,c:0,d:0,e:-1}"),
            (
                &["a=01,b=1.5,c=yes,d=~,e=TRUE,f=Null"],
                "{a:\"01\",b:\"1.5\",c:\"yes\",d:\"~\",e:true,f:null}",
            ),
            (&["a="], "{a:\"\"}"),
            (&["a={}"], "{a:[\"\"]}"),
            (&["a={x,}"], "{a:[\"x\",\"\"]}"),
            (&["a={1, true,null,01}"], "{a:[1,\" true\",null,\"01\"]}"),
            (&["a[2]=x"], "{a:[null,null,\"x\"]}"),
            (&["a[0][1]=x"], "{a:[[null,\"x\"]]}"),
            (&["a[0].b=1,a[0].c=2"], "{a:[{b:1,c:2}]}"),
            (&["a=b=c"], "{a:\"b=c\"}"),
            (&["a\\.b=1,c=x\\,y"], "{a.b:1,c:\"x,y\"}"),
            (&["a=b,"], "{a:\"b\"}"),
            (&[".a=1"], "{}"),
            (&["=1"], "{}"),
            (&["a[0"], "{}"),
            (&["a[0]"], "{a:[]}"),
            (&["a"], "key \"a\" has no value"),
            (&["a,b=1"], "key \"a\" has no value (cannot end with ,)"),
            (&["a..b=1"], "key map \"a\" has no value"),
            (&["a={1"], "list must terminate with '}'"),
            (&["a=[1,2]"], "key \"2]\" has no value"),
            (&["a[-1]=1"], "negative -1 index not allowed"),
            (&["a[0]x=1"], "unexpected data at end of array index: ['x']"),
            (
                &["a=2,a.b=1"],
                "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}",
            ),
            (&["a.b=1,a=2"], "{a:2}"),
        ];
        for (arguments, want) in cases {
            assert_eq!(run(&Style::Typed, arguments), *want, "{arguments:?}");
        }
    }

    #[test]
    fn reads_json_and_literals_as_helm() {
        let json: &[(&[&str], &str)] = &[
            (&["a={\"b\":1},c=[2,null]"], "{a:{b:1f},c:[2f,null]}"),
            (&["a=,b= ,c=1"], "{a:null,b:null,c:1f}"),
            (&["{\"a\":{\"b\":1}}", "{\"a\":{\"c\":2}}"], "{a:{b:1f,c:2f}}"),
            (&["[1]"], "{}"),
        ];
        for (arguments, want) in json {
            assert_eq!(run(&Style::Json, arguments), *want, "{arguments:?}");
        }
        let literal: &[(&[&str], &str)] = &[
            (&["a=b,c=d\\,"], "{a:\"b,c=d\\\\,\"}"),
            (&["a\\.b=1"], "{a\\:{b:\"1\"}}"),
            (&["a[1].b= x "], "{a:[null,{b:\" x \"}]}"),
        ];
        for (arguments, want) in literal {
            assert_eq!(run(&Style::Literal, arguments), *want, "{arguments:?}");
        }
    }
}
