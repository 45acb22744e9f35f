//! YAML to [`Any`] as yaml v3 reads it: words such as `yes` are texts, keys may be numbers, no
//! key may stand twice, and what a mapping says itself wins over what it merges.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::any::{Any, AnyMap, Entry};
use super::events::{CORE_TAG, Event, Events, Properties};
use super::read::{MAX_DEPTH, syntax_message};
use super::scalar::{Scalar, resolve_plain, resolve_tagged};
use crate::golang::quote::quote;

/// Nodes that aliases may bring into a document.
const MAX_ALIASED: usize = 4_000_000;

/// Reads every document of a text; an empty one is null.
///
/// Errors: yaml v3's sentence.
pub fn read_all(text: &str) -> Result<Vec<Any>, String> {
    let mut reader =
        Reader { events: Events::new(text.as_bytes()), anchors: HashMap::new(), aliased: 0 };
    let mut documents = Vec::new();
    while let Some(document) = reader.document()? {
        documents.push(document);
    }
    Ok(documents)
}

/// Reads the first document of a text; none for a text without any.
///
/// Errors: yaml v3's sentence.
pub fn read_first(text: &str) -> Result<Option<Any>, String> {
    let mut reader =
        Reader { events: Events::new(text.as_bytes()), anchors: HashMap::new(), aliased: 0 };
    reader.document()
}

struct Reader<'t> {
    events: Events<'t>,
    /// What each anchor names; none while its node is still being read.
    anchors: HashMap<&'t str, Option<(Any, usize)>>,
    aliased: usize,
}

/// A key, or the mark of a merge.
enum Key {
    Value(Any),
    Merge,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, usize), String> {
        let (event, place) = self.events.next().map_err(|problem| syntax_message(&problem))?;
        Ok((event, place.line + 1))
    }

    fn document(&mut self) -> Result<Option<Any>, String> {
        self.anchors.clear();
        loop {
            match self.next()?.0 {
                Event::StreamEnd => return Ok(None),
                Event::DocumentStart => {}
                Event::DocumentEnd => return Ok(Some(Any::Null)),
                event => {
                    let (value, _) = self.node(event, 0)?;
                    // The event that ends the document.
                    self.next()?;
                    return Ok(Some(value));
                }
            }
        }
    }

    /// A node and how many nodes it consists of.
    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<(Any, usize), String> {
        if depth >= MAX_DEPTH || crate::stack::is_low() {
            return Err("yaml: exceeded max depth".into());
        }
        match event {
            Event::Alias(name) => match self.anchors.get(name) {
                Some(Some((value, size))) => {
                    let found = (value.clone(), *size);
                    self.aliased += found.1;
                    if self.aliased > MAX_ALIASED {
                        return Err("yaml: document contains excessive aliasing".into());
                    }
                    Ok(found)
                }
                Some(None) => Err(format!("yaml: anchor '{name}' value contains itself")),
                None => Err(format!("yaml: unknown anchor '{name}' referenced")),
            },
            Event::Scalar { properties, value, implicit } => {
                let scalar = scalar(&properties, value, implicit)?;
                self.name(&properties, &scalar, 1);
                Ok((scalar, 1))
            }
            Event::SequenceStart(properties) => {
                self.open(&properties);
                let (mut items, mut size) = (Vec::new(), 1);
                loop {
                    match self.next()?.0 {
                        Event::SequenceEnd => break,
                        event => {
                            let (item, more) = self.node(event, depth + 1)?;
                            items.push(item);
                            size += more;
                        }
                    }
                }
                let list = Any::list(items);
                self.name(&properties, &list, size);
                Ok((list, size))
            }
            Event::MappingStart(properties) => {
                self.open(&properties);
                let (map, size) = self.mapping(depth)?;
                self.name(&properties, &map, size);
                Ok((map, size))
            }
            Event::StreamEnd
            | Event::DocumentStart
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => Ok((Any::Null, 0)),
        }
    }

    fn open(&mut self, properties: &Properties<'t>) {
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, None);
        }
    }

    fn name(&mut self, properties: &Properties<'t>, value: &Any, size: usize) {
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, Some((value.clone(), size)));
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<(Any, usize), String> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut lines: HashMap<String, usize> = HashMap::new();
        let mut merged = None;
        let mut size = 1;
        loop {
            let (event, line) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.key(event, depth)?;
            if let Key::Value(key) = &key
                && let Some(text) = key.scalar_text()
                && let Some(first) = lines.insert(text.to_string(), line)
            {
                let quoted = quote(text.as_bytes());
                return Err(format!(
                    "yaml: unmarshal errors:\n  line {line}: mapping key {quoted} already defined at \
                     line {first}"
                ));
            }
            let event = self.next()?.0;
            let (value, more) = self.node(event, depth + 1)?;
            size += more + 1;
            match key {
                Key::Merge => merged = Some(value),
                Key::Value(key) => entries.push(Entry { key, line, value }),
            }
        }
        if let Some(value) = merged {
            merge(&mut entries, &value)?;
        }
        Ok((Any::Map(Arc::new(AnyMap::new(entries))), size))
    }

    fn key(&mut self, event: Event<'t>, depth: usize) -> Result<Key, String> {
        if let Event::Scalar { properties, value, implicit } = &event
            && value == "<<"
            && (*implicit
                || properties.tag.as_deref().and_then(|tag| tag.strip_prefix(CORE_TAG))
                    == Some("merge"))
        {
            return Ok(Key::Merge);
        }
        match self.node(event, depth + 1)?.0 {
            Any::List(_) => Err("yaml: invalid map key: []interface {}{}".into()),
            Any::Map(map) => Err(format!(
                "yaml: invalid map key: map[interface {{}}]interface {{}}{{{}}}",
                map.entries()
                    .iter()
                    .filter_map(|entry| entry.key.scalar_text())
                    .map(|key| format!("{}:interface {{}}(nil)", quote(key.as_bytes())))
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
            key => Ok(Key::Value(key)),
        }
    }
}

/// Adds what a mapping merges and does not say itself; of several maps the first one wins.
fn merge(entries: &mut Vec<Entry>, value: &Any) -> Result<(), String> {
    const WANT_MAP: &str = "yaml: map merge requires map or sequence of maps as the value";
    let sources: Vec<&AnyMap> = match value {
        Any::Map(map) => vec![map],
        Any::List(items) => items.iter().map(Any::as_map).collect::<Option<_>>().ok_or(WANT_MAP)?,
        _ => return Err(WANT_MAP.into()),
    };
    for source in sources {
        for entry in source.entries() {
            if !entries.iter().any(|own| own.key == entry.key) {
                entries.push(entry.clone());
            }
        }
    }
    Ok(())
}

fn scalar(properties: &Properties<'_>, value: Cow<'_, str>, implicit: bool) -> Result<Any, String> {
    let text = |value: Cow<'_, str>| Any::Str(Arc::from(&*value));
    let scalar = match properties.tag.as_deref() {
        None if !implicit => return Ok(text(value)),
        None => match resolve_plain(&value) {
            None => return Ok(text(value)),
            Some(scalar) => scalar,
        },
        Some(tag) => resolve_tagged(tag, value.clone()).map_err(|why| format!("yaml: {why}"))?,
    };
    Ok(match scalar {
        Scalar::Null => Any::Null,
        // Words of YAML 1.1 are texts here.
        Scalar::Bool(_) if !is_bool_word(&value) => text(value),
        Scalar::Bool(value) => Any::Bool(value),
        Scalar::Int(value) => Any::Int(value),
        Scalar::Uint(value) => Any::Uint(value),
        Scalar::Float(value) => Any::Float(value),
        Scalar::Timestamp => Any::Time(Arc::from(&*value)),
        Scalar::Str(value) => text(value),
    })
}

fn is_bool_word(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Any {
        read_first(text).unwrap().unwrap()
    }

    #[test]
    fn types() {
        let any = first("{a: yes, b: true, c: 1, d: 1.0, e: ~, f: 2001-01-01, g: 0o10, 1: x}");
        let types: Vec<_> =
            any.as_map().unwrap().entries().iter().map(|it| it.value.type_name()).collect();
        assert_eq!(types, ["string", "string", "bool", "int", "float64", "", "time.Time", "int"]);
        assert_eq!(any.type_name(), "map[interface {}]interface {}");
        assert_ne!(first("1"), first("1.0"));
        assert_eq!(Some(first("[1]")), first("[1.0]").reread());
    }

    #[test]
    fn merges_and_duplicates() {
        let any = first("b: &b {x: 1, z: 2}\na: {<<: *b, x: 3}\n");
        assert_eq!(any.get("a"), Some(&first("{x: 3, z: 2}")));
        let error = read_first("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(
            error,
            "yaml: unmarshal errors:\n  line 3: mapping key \"a\" already defined at line 1"
        );
    }

    #[test]
    fn bounded() {
        assert!(read_first(&"[".repeat(5000)).is_err());
        assert!(read_first("a: &a [*a]").is_err());
        let mut bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for level in 1..12 {
            let list = vec![format!("*a{}", level - 1); 10].join(",");
            bomb = format!("{bomb}a{level}: &a{level} [{list}]\n");
        }
        assert!(read_first(&bomb).is_err());
    }

    #[test]
    fn documents() {
        let all = read_all("a: 1\n---\n# nothing\n---\n- b\n").unwrap();
        assert_eq!(all, [first("a: 1"), Any::Null, first("[b]")]);
        assert!(read_first("").unwrap().is_none());
    }
}
