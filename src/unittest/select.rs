//! Which templates are rendered, and which of their documents an assertion sees.

use std::collections::BTreeMap;

use super::decode::Decoder;
use super::document::Document;
use crate::chart::{Chart, File};
use crate::golang::filepath;
use crate::golang::regexp::Regexp;
use crate::yaml::any::{Any, Entry};

/// Documents by the full names of their templates.
pub(super) type Documents<'a> = BTreeMap<String, Vec<&'a Document>>;

/// The name of a template below its chart: `templates/` is added where a suite leaves it out.
pub(super) fn below_chart(name: &str) -> String {
    if ["templates", "charts", "crds", "**"].iter().any(|start| name.starts_with(start)) {
        return name.to_owned();
    }
    filepath::join("templates", name)
}

/// The full name of a template of the chart at `route`.
pub(super) fn full_name(route: &str, name: &str) -> String {
    filepath::join(route, &below_chart(name))
}

/// A template name with `*` and `**` as the expression that helm-unittest makes of it.
fn expression(name: &str) -> String {
    let mut expression = String::new();
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            expression.push_str(r"[0-9a-zA-Z_\-/\.]+");
            rest = after;
            continue;
        }
        match c {
            '*' => expression.push_str(r"[0-9a-zA-Z_\-_/\.]*"),
            '.' | '+' | '[' | ']' | '?' | '(' | ')' | '|' | '{' | '}' | '^' | '$' => {
                expression.push('\\');
                expression.push(c);
            }
            c => expression.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    expression
}

/// Which templates of a chart a job renders: what a suite lists, less what it excludes, and all
/// partials.
pub(super) struct Filter {
    wanted: Vec<String>,
    excluded: Vec<String>,
}

impl Filter {
    /// Of the names that a suite of the chart at `route` lists.
    pub(super) fn new(route: &str, wanted: &[String], excluded: &[String]) -> Self {
        let expressions = |names: &[String]| {
            names.iter().map(|name| expression(&full_name(route, name))).collect()
        };
        Filter { wanted: expressions(wanted), excluded: expressions(excluded) }
    }

    /// Takes the other templates out of a chart and of those below it.
    pub(super) fn apply(&self, chart: &mut Chart) {
        let path = chart.name().to_owned();
        self.apply_at(chart, &path);
    }

    fn apply_at(&self, chart: &mut Chart, path: &str) {
        chart.templates.retain(|file| self.keeps(file, path));
        for child in &mut chart.dependencies {
            let path = format!("{path}/charts/{}", child.name());
            self.apply_at(child, &path);
        }
    }

    fn keeps(&self, file: &File, path: &str) -> bool {
        let base = file.name.rsplit('/').next().unwrap_or(&file.name);
        if base.starts_with('_') {
            return true;
        }
        let name = filepath::join(path, &file.name);
        let matches = |expressions: &[String]| {
            expressions.iter().any(|expression| {
                Regexp::compile(expression.as_bytes()).is_ok_and(|it| it.is_match(name.as_bytes()))
            })
        };
        matches(&self.wanted) && !matches(&self.excluded)
    }
}

/// `documentSelector`.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    path: String,
    value: Option<Any>,
    match_many: bool,
    /// Whether templates without a match are left out rather than an error.
    pub(super) skip_empty: bool,
}

impl Selector {
    /// A job's selector.
    pub(super) fn decode(decoder: &mut Decoder, entry: &Entry) -> Option<Self> {
        if matches!(entry.value, Any::Null) {
            return None;
        }
        let mut selector = Selector::default();
        let known = ["path", "value", "matchMany", "skipEmptyTemplates"];
        let ty = "valueutils.DocumentSelector";
        for entry in decoder.fields(&entry.value, entry.line, ty, &known) {
            match entry.key.as_str() {
                Some("path") => selector.path = decoder.text(entry),
                Some("value") => selector.value = some(&entry.value),
                Some("matchMany") => selector.match_many = decoder.switch(entry),
                Some("skipEmptyTemplates") => selector.skip_empty = decoder.switch(entry),
                _ => {}
            }
        }
        Some(selector)
    }

    /// An assertion's selector; none for what is no map.
    ///
    /// Errors: no path.
    pub(super) fn of_assertion(value: &Any) -> Result<Option<Self>, String> {
        if value.as_text_map().is_none() {
            return Ok(None);
        }
        let member = |name| value.get(name).unwrap_or(&Any::Null);
        let Some(path) = member("path").as_str() else {
            return Err("empty 'documentSelector.path' not supported".into());
        };
        Ok(Some(Selector {
            path: path.to_owned(),
            value: some(member("value")),
            match_many: *member("matchMany") == Any::Bool(true),
            skip_empty: *member("skipEmptyTemplates") == Any::Bool(true),
        }))
    }

    /// Whether it selects at all.
    pub(super) fn is_set(&self) -> bool {
        !self.path.is_empty()
    }

    /// The documents that match.
    ///
    /// Errors: none in a template, or more than one where one is wanted, or a faulty path.
    pub(super) fn select<'a>(&self, documents: &Documents<'a>) -> Result<Documents<'a>, String> {
        const MANY: &str = "multiple indexes found";
        let mut selected = Documents::new();
        let mut count = 0;
        for (template, documents) in documents {
            let mut matching = Vec::new();
            for document in documents {
                if self.matches(document)? {
                    if !self.match_many && !matching.is_empty() {
                        return Err(MANY.into());
                    }
                    matching.push(*document);
                }
            }
            if matching.is_empty() && !self.skip_empty {
                return Err("document not found".into());
            }
            count += matching.len();
            if !self.match_many && count > 1 {
                return Err(MANY.into());
            }
            if !matching.is_empty() {
                selected.insert(template.clone(), matching);
            }
        }
        Ok(selected)
    }

    fn matches(&self, document: &Document) -> Result<bool, String> {
        let values = document.values(&self.path)?;
        Ok(values.into_iter().any(|value| self.value.as_ref().is_none_or(|wanted| wanted == value)))
    }
}

fn some(value: &Any) -> Option<Any> {
    (!matches!(value, Any::Null)).then(|| value.clone())
}

/// The document of an index in each template.
///
/// Errors: a template that has none of that index.
pub(super) fn by_index<'a>(index: i64, documents: &Documents<'a>) -> Result<Documents<'a>, String> {
    let at = usize::try_from(index).ok();
    let mut selected = Documents::new();
    for (template, documents) in documents {
        let Some(document) = at.and_then(|at| documents.get(at)) else {
            return Err(format!("document index {index} is out of range"));
        };
        selected.insert(template.clone(), vec![*document]);
    }
    Ok(selected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(full_name("c", "a.yaml"), "c/templates/a.yaml");
        assert_eq!(full_name("c", "templates/a.yaml"), "c/templates/a.yaml");
        assert_eq!(full_name("c", "**/a.yaml"), "c/**/a.yaml");
        assert_eq!(full_name("c/charts/d", "crds/a.yaml"), "c/charts/d/crds/a.yaml");
        let matches = |pattern: &str, name: &str| {
            let expression = expression(&full_name("c", pattern));
            Regexp::compile(expression.as_bytes()).unwrap().is_match(name.as_bytes())
        };
        assert!(matches("**", "c/templates/x/y.yaml"));
        assert!(matches("templates/*.yaml", "c/templates/x/y.yaml"));
        assert!(matches("charts/**", "c/charts/d/templates/y.yaml"));
        assert!(!matches("a.yaml", "c/templates/axyaml"));
        assert!(matches("a.yaml", "parent-c/templates/a.yaml"));
    }
}
