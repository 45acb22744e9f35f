//! Untyped values to Go's field types, with the complaints of yaml v3 and of mapstructure.

use crate::yaml::any::{Any, AnyMap, Entry};

/// Reads the parts of a suite as yaml v3 fills structs: what does not fit is noted and left at
/// its zero value.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Whether unknown keys are errors.
    strict: bool,
    errors: Vec<String>,
}

/// What a value is called in complaints.
fn shown(value: &Any) -> String {
    let kind = match value {
        Any::Null => "!!null",
        Any::Bool(_) => "!!bool",
        Any::Int(_) | Any::Uint(_) => "!!int",
        Any::Float(_) => "!!float",
        Any::Time(_) => "!!timestamp",
        Any::Str(_) => "!!str",
        Any::List(_) => return "!!seq".into(),
        Any::Map(_) => return "!!map".into(),
    };
    let text = value.scalar_text().unwrap_or_default();
    if text.len() > 10 {
        let start: String = text.chars().take(7).collect();
        return format!("{kind} `{start}...`");
    }
    format!("{kind} `{text}`")
}

impl Decoder {
    /// A decoder that has read nothing.
    pub(super) fn new(strict: bool) -> Self {
        Decoder { strict, errors: Vec::new() }
    }

    /// Everything noted so far as one error.
    pub(super) fn finish(self) -> Result<(), String> {
        if self.errors.is_empty() {
            return Ok(());
        }
        Err(format!("yaml: unmarshal errors:\n  {}", self.errors.join("\n  ")))
    }

    fn mismatch(&mut self, line: usize, value: &Any, ty: &str) {
        self.errors.push(format!("line {line}: cannot unmarshal {} into {ty}", shown(value)));
    }

    /// The entries of a map that fills a struct; none for null or anything else.
    pub(super) fn fields<'a>(
        &mut self,
        value: &'a Any,
        line: usize,
        ty: &str,
        known: &[&str],
    ) -> &'a [Entry] {
        let entries = match value {
            Any::Map(map) => map.entries(),
            Any::Null => &[],
            other => {
                self.mismatch(line, other, ty);
                &[]
            }
        };
        if self.strict {
            for entry in entries {
                let name = entry.key.scalar_text().unwrap_or_default();
                if !known.contains(&&*name) {
                    let line = entry.line;
                    self.errors.push(format!("line {line}: field {name} not found in type {ty}"));
                }
            }
        }
        entries
    }

    /// A text; scalars of other types keep their text.
    pub(super) fn text(&mut self, entry: &Entry) -> String {
        match (&entry.value, entry.value.scalar_text()) {
            (Any::Null, _) => String::new(),
            (_, Some(text)) => text.into_owned(),
            (value, None) => {
                self.mismatch(entry.line, value, "string");
                String::new()
            }
        }
    }

    /// A list of texts; nulls in it are left out. None for null.
    pub(super) fn texts(&mut self, entry: &Entry) -> Option<Vec<String>> {
        let items = self.list(entry, "[]string")?;
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item.scalar_text() {
                _ if matches!(item, Any::Null) => {}
                Some(text) => texts.push(text.into_owned()),
                None => self.mismatch(entry.line, item, "string"),
            }
        }
        Some(texts)
    }

    /// A list; none for null or anything else.
    pub(super) fn list<'a>(&mut self, entry: &'a Entry, ty: &str) -> Option<&'a [Any]> {
        match &entry.value {
            Any::List(items) => Some(items),
            Any::Null => None,
            other => {
                self.mismatch(entry.line, other, ty);
                None
            }
        }
    }

    /// A map of anything.
    pub(super) fn map<'a>(&mut self, entry: &'a Entry, ty: &str) -> Option<&'a AnyMap> {
        match &entry.value {
            Any::Map(map) => Some(map),
            Any::Null => None,
            other => {
                self.mismatch(entry.line, other, ty);
                None
            }
        }
    }

    /// A switch; the words of YAML 1.1 count here.
    pub(super) fn switch(&mut self, entry: &Entry) -> bool {
        match &entry.value {
            Any::Bool(value) => *value,
            Any::Null => false,
            Any::Str(word)
                if matches!(&**word, "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON") =>
            {
                true
            }
            Any::Str(word)
                if matches!(&**word, "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF") =>
            {
                false
            }
            other => {
                self.mismatch(entry.line, other, "bool");
                false
            }
        }
    }

    /// A whole number; none for null.
    pub(super) fn int(&mut self, entry: &Entry) -> Option<i64> {
        match &entry.value {
            Any::Int(value) => Some(*value),
            Any::Float(value) if value.fract() == 0.0 => Some(*value as i64),
            Any::Null => None,
            other => {
                self.mismatch(entry.line, other, "int");
                None
            }
        }
    }
}

/// The options of an assertion, read as mapstructure fills a struct: names without regard to
/// case, types without conversion, unknown names ignored.
pub(super) struct Options<'a> {
    map: Option<&'a AnyMap>,
    errors: Vec<String>,
}

impl<'a> Options<'a> {
    /// Of a map, or of null.
    ///
    /// Errors: anything else.
    pub(super) fn new(value: &'a Any) -> Result<Self, String> {
        let map = match value {
            Any::Map(map) => Some(&**map),
            Any::Null => None,
            Any::List(_) => return Err("'' expected a map, got 'slice'".into()),
            other => return Err(format!("'' expected a map, got '{}'", other.type_name())),
        };
        Ok(Options { map, errors: Vec::new() })
    }

    /// The value of a field by its Go name.
    pub(super) fn any(&self, name: &str) -> &'a Any {
        let entries = self.map.map(AnyMap::entries).unwrap_or_default();
        let is_named =
            |entry: &&Entry| entry.key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name));
        entries.iter().find(is_named).map_or(&Any::Null, |entry| &entry.value)
    }

    fn mismatch(&mut self, name: &str, ty: &str, value: &Any) {
        let shown = value.scalar_text().unwrap_or_default();
        self.errors.push(format!(
            "'{name}' expected type '{ty}', got unconvertible type '{}', value: '{shown}'",
            value.type_name()
        ));
    }

    pub(super) fn text(&mut self, name: &str) -> String {
        match self.any(name) {
            Any::Null => String::new(),
            Any::Str(text) => text.to_string(),
            other => {
                self.mismatch(name, "string", other);
                String::new()
            }
        }
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        match self.any(name) {
            Any::Null => Vec::new(),
            Any::List(items) => items
                .iter()
                .map(|item| match item {
                    Any::Str(text) => text.to_string(),
                    other => {
                        self.mismatch(name, "string", other);
                        String::new()
                    }
                })
                .collect(),
            other => {
                self.errors.push(format!(
                    "'{name}': source data must be an array or slice, got {}",
                    other.type_name()
                ));
                Vec::new()
            }
        }
    }

    pub(super) fn switch(&mut self, name: &str) -> bool {
        match self.any(name) {
            Any::Null => false,
            Any::Bool(value) => *value,
            other => {
                self.mismatch(name, "bool", other);
                false
            }
        }
    }

    pub(super) fn int(&mut self, name: &str) -> Option<i64> {
        match self.any(name) {
            Any::Null => None,
            Any::Int(value) => Some(*value),
            Any::Float(value) => Some(*value as i64),
            other => {
                self.mismatch(name, "int", other);
                None
            }
        }
    }

    /// The text of a field within a field.
    pub(super) fn text_in(&mut self, outer: &str, name: &str) -> String {
        match Options::new(self.any(outer)) {
            Ok(mut inner) => {
                let text = inner.text(name);
                self.errors.append(&mut inner.errors);
                text
            }
            Err(error) => {
                self.errors.push(error.replacen("''", &format!("'{outer}'"), 1));
                String::new()
            }
        }
    }

    /// Everything that did not fit as one error.
    pub(super) fn finish(self) -> Result<(), String> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let count = self.errors.len();
        Err(format!("{count} error(s) decoding:\n\n* {}", self.errors.join("\n* ")))
    }
}
