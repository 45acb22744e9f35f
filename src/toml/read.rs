//! Tables of a TOML text.
//!
//! The rules about what may be defined twice, and the key that a sentence names, follow from
//! how BurntSushi/toml keeps its context; so the context is kept in the same way here.

use std::collections::{BTreeMap, HashSet};

use super::dotted;
use super::lex::{Complaint, Lexer};
use super::scalar::{Zones, number, string};
use crate::diag::{Fault, Result};
use crate::golang::quote::quote;
use crate::golang::time::Zone;
use crate::value::{List, ListType, Map, Value};

/// Deepest nesting of arrays, and most parts of a key.
const MAX_DEPTH: usize = 128;

/// Reads a text; `local` is the machine's zone and `now` the time in seconds since 1970, for
/// dates and times without a zone.
pub fn parse(text: &[u8], local: Zone, now: i64) -> Result<Map> {
    let text = [&b"\xff\xfe"[..], b"\xfe\xff", b"\xef\xbb\xbf"]
        .iter()
        .find_map(|mark| text.strip_prefix(*mark))
        .unwrap_or(text);
    if text.iter().take(6).any(|&byte| byte == 0) {
        return Err(Fault::function(
            "toml: line 1: files cannot contain NULL bytes; probably using UTF-16; TOML files \
             must be UTF-8",
        ));
    }
    let mut parser = Parser {
        lexer: Lexer::new(text),
        zones: Zones::new(local, now),
        tables: vec![Table::new()],
        context: Vec::new(),
        current: String::new(),
        line: 0,
        depth: 0,
        arrays: HashSet::new(),
        implicit: HashSet::new(),
    };
    match parser.run() {
        Ok(()) => Ok(parser.finish(ROOT)),
        Err(complaint) => {
            let key = if complaint.keyless { String::new() } else { parser.present_key() };
            let key = if key.is_empty() {
                String::new()
            } else {
                format!(" (last key {})", quote(key.as_bytes()))
            };
            let Failure { line, message, .. } = complaint;
            Err(Fault::function(format!("toml: line {line}{key}: {message}")))
        }
    }
}

type Table = BTreeMap<String, Item>;

/// Number of a table in the parser's store.
type TableId = usize;

const ROOT: TableId = 0;

/// What a key stands for.
#[derive(Clone)]
enum Item {
    Scalar(Value),
    List(Vec<Item>),
    Table(TableId),
    /// An array of tables.
    Tables(Vec<TableId>),
}

/// A complaint, and whether it names no key.
struct Failure {
    message: String,
    line: usize,
    keyless: bool,
}

impl From<Complaint> for Failure {
    fn from(complaint: Complaint) -> Self {
        Failure { message: complaint.message, line: complaint.line, keyless: false }
    }
}

type Parsed<T> = std::result::Result<T, Failure>;

struct Parser<'t> {
    lexer: Lexer<'t>,
    zones: Zones,
    tables: Vec<Table>,
    /// Key of the table in scope.
    context: Vec<String>,
    /// Last part of the key whose value is being read.
    current: String,
    /// Line of the key that was read last.
    line: usize,
    depth: usize,
    /// Keys of plain arrays, and keys that exist only because longer ones need them.
    arrays: HashSet<Vec<String>>,
    implicit: HashSet<Vec<String>>,
}

fn text_of(key: &[String]) -> String {
    String::from_utf8(dotted(key)).expect("keys are UTF-8")
}

impl Parser<'_> {
    fn run(&mut self) -> Parsed<()> {
        while let Some(kind) = self.lexer.top_item()? {
            if kind == "key" {
                self.entry()?;
            } else {
                let array = kind == "[[";
                let key = self.table_name()?;
                if array {
                    self.lexer.array_name_end()?;
                }
                self.add_context(&key, array)?;
                self.arrays.remove(&key);
            }
            self.lexer.end_line()?;
        }
        Ok(())
    }

    /// A complaint about the key that was read last.
    fn fail<T>(&self, message: String) -> Parsed<T> {
        Err(Failure { message, line: self.line, keyless: false })
    }

    /// The key that a complaint names.
    fn present_key(&self) -> String {
        match (self.context.is_empty(), self.current.is_empty()) {
            (_, true) => text_of(&self.context),
            (true, false) => self.current.clone(),
            (false, false) => format!("{}.{}", text_of(&self.context), self.current),
        }
    }

    fn part(&mut self, quoted: bool) -> Parsed<String> {
        if !quoted {
            return Ok(self.lexer.bare_name()?.to_owned());
        }
        let (quote, _) = self.lexer.open_string(false)?.expect("a quote stands here");
        let text = self.lexer.string(quote, false)?;
        self.checked(string(text, quote, false))
    }

    /// The result of a check of what was just read.
    fn checked<T>(&self, result: std::result::Result<T, String>) -> Parsed<T> {
        result.map_err(|message| Failure { message, line: self.lexer.line, keyless: false })
    }

    fn table_name(&mut self) -> Parsed<Vec<String>> {
        let mut key = Vec::new();
        loop {
            let quoted = self.lexer.table_part()?;
            let part = self.part(quoted)?;
            if key.is_empty() {
                self.line = self.lexer.line;
            }
            key.push(part);
            if !self.lexer.table_part_end()? {
                return Ok(key);
            }
        }
    }

    fn key(&mut self) -> Parsed<Vec<String>> {
        self.lexer.key_start()?;
        let mut key = Vec::new();
        loop {
            let quoted = self.lexer.key_part()?;
            let part = self.part(quoted)?;
            if key.is_empty() {
                self.line = self.lexer.line;
            }
            key.push(part);
            if !self.lexer.key_part_end()? {
                return Ok(key);
            }
        }
    }

    /// Reads a key and makes the tables of its leading parts; gives those parts.
    fn dotted_key(&mut self) -> Parsed<Vec<String>> {
        let mut key = self.key()?;
        self.current = key.pop().expect("a key has a part");
        for part in &key {
            let mut context = self.context.clone();
            context.push(part.clone());
            self.implicit.insert(context.clone());
            self.add_context(&context, false)?;
        }
        Ok(key)
    }

    fn entry(&mut self) -> Parsed<()> {
        let outer = self.context.clone();
        self.dotted_key()?;
        let value = self.value(false)?;
        self.set_value(&self.current.clone(), value.clone())?;
        self.set_type(&value);
        self.context = outer;
        self.current.clear();
        Ok(())
    }

    fn full_key(&self, last: &str) -> Vec<String> {
        let mut key = self.context.clone();
        key.push(last.to_owned());
        key
    }

    fn set_type(&mut self, value: &Item) {
        let key = self.full_key(&self.current);
        if matches!(value, Item::List(_)) {
            self.arrays.insert(key);
        } else {
            self.arrays.remove(&key);
        }
    }

    fn value(&mut self, in_array: bool) -> Parsed<Item> {
        self.lexer.skip_blanks()?;
        match self.lexer.peek()? {
            Some('[') => {
                self.lexer.next()?;
                self.array()
            }
            Some('{') => {
                self.lexer.next()?;
                self.inline_table(in_array)
            }
            Some('"' | '\'') => {
                let (quote, triple) = self.lexer.open_string(true)?.expect("a quote stands here");
                let text = self.lexer.string(quote, triple)?;
                let text = self.checked(string(text, quote, triple))?;
                Ok(Item::Scalar(Value::str(text)))
            }
            _ => {
                let (shape, text) = self.lexer.word()?;
                let value = match shape {
                    None => Value::Bool(text == "true"),
                    Some(shape) => self.checked(number(shape, text, &self.zones))?,
                };
                Ok(Item::Scalar(value))
            }
        }
    }

    fn array(&mut self) -> Parsed<Item> {
        if self.depth >= MAX_DEPTH {
            return self.fail(format!("exceeds maximum array depth of {MAX_DEPTH}"));
        }
        self.depth += 1;
        let mut items = Vec::new();
        let key = self.context.iter().chain((!self.current.is_empty()).then_some(&self.current));
        self.arrays.insert(key.cloned().collect());
        while !self.lexer.closes(']')? {
            items.push(self.value(true)?);
            if !self.lexer.array_item_end()? {
                break;
            }
        }
        self.depth -= 1;
        Ok(Item::List(items))
    }

    fn inline_table(&mut self, in_array: bool) -> Parsed<Item> {
        let id = self.new_table();
        let outer = (self.context.clone(), std::mem::take(&mut self.current));
        self.context.push(outer.1.clone());
        let inner = self.context.clone();
        self.implicit.insert(inner.clone());
        self.add_context(&inner, in_array)?;
        while !self.lexer.closes('}')? {
            let path = self.dotted_key()?;
            let value = self.value(false)?;
            self.set_value(&self.current.clone(), value.clone())?;
            self.set_type(&value);
            let mut table = id;
            for part in path {
                table = match self.tables[table].get(&part) {
                    Some(Item::Table(next)) => *next,
                    None => {
                        let next = self.new_table();
                        self.tables[table].insert(part, Item::Table(next));
                        next
                    }
                    Some(_) => {
                        let context = quote(text_of(&self.context).as_bytes());
                        return self.fail(format!("{context} is not a table"));
                    }
                };
            }
            self.tables[table].insert(self.current.clone(), value);
            self.context.clone_from(&inner);
            if !self.lexer.inline_entry_end()? {
                break;
            }
        }
        (self.context, self.current) = outer;
        Ok(Item::Table(id))
    }

    fn new_table(&mut self) -> TableId {
        self.tables.push(Table::new());
        self.tables.len() - 1
    }

    /// Makes a key the context; its tables come into being as needed. With `array`, a further
    /// table of an array.
    fn add_context(&mut self, key: &[String], array: bool) -> Parsed<()> {
        if key.len() >= MAX_DEPTH {
            let message = format!("exceeds maximum table depth of {MAX_DEPTH}");
            return Err(Failure { message, line: self.line, keyless: true });
        }
        let (last, parents) = key.split_last().expect("a key has a part");
        let mut table = ROOT;
        for (at, part) in parents.iter().enumerate() {
            let here = &key[..=at];
            if !self.tables[table].contains_key(part) {
                self.implicit.insert(here.to_vec());
                let next = self.new_table();
                self.tables[table].insert(part.clone(), Item::Table(next));
            }
            let Some(next) = self.inner_table(table, part) else {
                let key = text_of(here);
                return self.fail(format!("Key '{key}' was already created as a hash."));
            };
            table = next;
        }
        self.context = parents.to_vec();
        if array {
            let next = self.new_table();
            let slot = self.tables[table].entry(last.clone());
            let Item::Tables(tables) = slot.or_insert_with(|| Item::Tables(Vec::new())) else {
                let key = text_of(key);
                return self.fail(format!(
                    "Key '{key}' was already created and cannot be used as an array."
                ));
            };
            tables.push(next);
        } else {
            let next = self.new_table();
            self.set_value(last, Item::Table(next))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    /// The table behind a key: of an array, the last one.
    fn inner_table(&self, table: TableId, part: &str) -> Option<TableId> {
        match self.tables[table].get(part)? {
            Item::Table(next) => Some(*next),
            Item::Tables(tables) => tables.last().copied(),
            _ => None,
        }
    }

    /// Sets a key of the context unless it is taken. A table that only longer keys implied may
    /// be defined once.
    fn set_value(&mut self, key: &str, value: Item) -> Parsed<()> {
        let mut table = ROOT;
        for at in 0..self.context.len() {
            let Some(next) = self.inner_table(table, &self.context[at]) else {
                let key = text_of(&self.context[..=at]);
                return self.fail(format!("Key '{key}' has already been defined."));
            };
            table = next;
        }
        if self.tables[table].contains_key(key) {
            let full = self.full_key(key);
            let implied = self.implicit.remove(&full);
            if !implied {
                let key = text_of(&full);
                return self.fail(format!("Key '{key}' has already been defined."));
            }
            if !self.arrays.contains(&full) {
                return Ok(());
            }
        }
        self.tables[table].insert(key.to_owned(), value);
        Ok(())
    }

    fn finish(&self, table: TableId) -> Map {
        let map = Map::new();
        for (key, item) in &self.tables[table] {
            map.insert(key.as_str(), self.finish_item(item));
        }
        map
    }

    fn finish_item(&self, item: &Item) -> Value {
        match item {
            Item::Scalar(value) => value.clone(),
            Item::Table(table) => Value::Map(self.finish(*table)),
            Item::List(items) => {
                let items = items.iter().map(|item| self.finish_item(item)).collect();
                Value::List(List::grown(items, ListType::Interface))
            }
            Item::Tables(tables) => {
                let items = tables.iter().map(|table| Value::Map(self.finish(*table))).collect();
                Value::List(List::grown(items, ListType::Map))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::write::{Options, to_json};

    fn read(text: &str) -> String {
        match parse(text.as_bytes(), Zone::utc(), 0) {
            Ok(map) => {
                let json = to_json(&Value::Map(map), Options::default()).unwrap();
                String::from_utf8(json).unwrap()
            }
            Err(fault) => fault.message().to_owned(),
        }
    }

    #[test]
    fn values() {
        for (text, want) in [
            (
                "a = 1\nb = 1.5\nc = 'x\\n'\nd = \"\\u00e9\"",
                r#"{"a":1,"b":1.5,"c":"x\\n","d":"é"}"#,
            ),
            (
                "a = 0x1F\nb = 1_000\nc = -0b1",
                "toml: line 3 (last key \"c\"): cannot use sign with non-decimal numbers: '-0b'",
            ),
            ("a = 2020-01-01", r#"{"a":"2020-01-01T00:00:00Z"}"#),
            ("a = 10:00:00", r#"{"a":"0000-01-01T10:00:00Z"}"#),
            ("a = 1979-05-27 07:32:00z", r#"{"a":"1979-05-27T07:32:00Z"}"#),
            ("[a.b]\nc = 1\n[a]\nd = 2", r#"{"a":{"b":{"c":1},"d":2}}"#),
            (
                "[[a]]\nb = 1\n[[a]]\n[a.c]\nd = {e.f = [1, {g = 2},],}",
                r#"{"a":[{"b":1},{"c":{"d":{"e":{"f":[1,{"g":2}]}}}}]}"#,
            ),
            ("a = \"\"\"\nx \\\n   y\"\"\"\"", r#"{"a":"x y\""}"#),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
    }

    #[test]
    fn errors() {
        for (text, want) in [
            ("bad =", "toml: line 1 (last key \"bad\"): unexpected EOF; expected value"),
            (
                "a = 9223372036854775808",
                "toml: line 1 (last key \"a\"): 9223372036854775808 is out of range for int64",
            ),
            ("[a]\n[a]", "toml: line 2: Key 'a' has already been defined."),
            ("a = 1\na = 2", "toml: line 2 (last key \"a\"): Key 'a' has already been defined."),
            ("a = \"x\n\"", "toml: line 1 (last key \"a\"): strings cannot contain newlines"),
            ("a = yes", "toml: line 1 (last key \"a\"): expected value but found \"yes\" instead"),
            ("a\n", "toml: line 1: expected '.' or '=', but got '\\n' instead"),
            (
                "a = 01",
                "toml: line 1 (last key \"a\"): Invalid integer \"01\": cannot have leading zeroes",
            ),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
    }
}
