//! `Chart.yaml` and `Chart.lock`: the typed fields, decoded and checked as Helm does.
//!
//! Helm turns the YAML into JSON and decodes that into Go structs; the error texts show it, so
//! the decoder here walks a [`Doc`] by the same rules: keys in byte order, names compared
//! without case, the first mismatch reported after all fields were visited.

use crate::diag::{Fault, FaultKind, Result};
use crate::doc::{Doc, Node};
use crate::golang::quote::quote;
use crate::golang::unicode;

use super::version;

/// Someone who maintains a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintainer {
    /// Person or organization.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Web address.
    pub url: String,
}

/// One entry of `import-values`.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportValue {
    /// As written in Chart.yaml: a text, or a map of `child` and `parent`.
    Raw(Doc),
    /// As dependency processing leaves it.
    Pair {
        /// Path below the child's values.
        child: String,
        /// Path below the parent's values, `.` for its root.
        parent: String,
    },
}

/// A chart that another chart depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dependency {
    /// Name of the chart; after processing the alias, where there is one.
    pub name: String,
    /// Version or range.
    pub version: String,
    /// Address of the repository.
    pub repository: String,
    /// Comma-separated value paths that switch the dependency.
    pub condition: String,
    /// Tags that switch the dependency in groups.
    pub tags: Vec<String>,
    /// Whether it is rendered.
    pub enabled: bool,
    /// Values that the parent takes over.
    pub import_values: Vec<ImportValue>,
    /// Name under which the parent knows the chart.
    pub alias: String,
}

/// The fields of `Chart.yaml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// Name of the chart.
    pub name: String,
    /// Web address of the project.
    pub home: String,
    /// Addresses of source code.
    pub sources: Vec<String>,
    /// Version of the chart.
    pub version: String,
    /// One sentence about the chart.
    pub description: String,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// Who maintains it.
    pub maintainers: Vec<Maintainer>,
    /// Address of a picture.
    pub icon: String,
    /// `v1` or `v2`.
    pub api_version: String,
    /// Condition of the chart itself (unused by Helm).
    pub condition: String,
    /// Tags of the chart itself (unused by Helm).
    pub tags: String,
    /// Version of what the chart installs.
    pub app_version: String,
    /// Whether the chart should no longer be used.
    pub deprecated: bool,
    /// Free annotations in byte order of their keys; none when the field is absent.
    pub annotations: Option<Vec<(String, String)>>,
    /// Constraint on the Kubernetes version.
    pub kube_version: String,
    /// Charts it depends on. None, and not an empty list, when the field is absent: Helm
    /// processes dependencies only where the field is there.
    pub dependencies: Option<Vec<Dependency>>,
    /// `application`, `library` or empty.
    pub kind: String,
    null_entry: Option<NullEntry>,
}

/// A list of pointers may hold nulls in Go; they are remembered until validation refuses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NullEntry {
    Maintainer,
    Dependency(usize),
}

/// What a lock file records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// When it was written, as written.
    pub generated: String,
    /// Digest of the dependencies.
    pub digest: String,
    /// The chosen versions.
    pub dependencies: Vec<Dependency>,
}

impl Metadata {
    /// Reads a document over the fields that are already set.
    pub fn decode(&mut self, doc: &Doc) -> Result<()> {
        let mut decoder = Decoder::default();
        decoder.fields(doc, "v2.Metadata", |decoder, key, item| {
            decoder.metadata_field(self, key, item);
        });
        decoder.finish()
    }

    /// Checks the fields and cleans their texts.
    pub fn validate(&mut self) -> Result<()> {
        for text in [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ] {
            sanitize(text);
        }
        self.sources.iter_mut().chain(&mut self.keywords).for_each(sanitize);
        if self.api_version.is_empty() {
            return Err(invalid("chart.metadata.apiVersion is required"));
        }
        if self.name.is_empty() {
            return Err(invalid("chart.metadata.name is required"));
        }
        let shown = || quote(self.name.as_bytes());
        if self.name == "." || self.name == ".." {
            return Err(invalid(format!("chart.metadata.name {} is not allowed", shown())));
        }
        if self.name.contains('/') && self.name != "/" {
            return Err(invalid(format!("chart.metadata.name {} is invalid", shown())));
        }
        if self.version.is_empty() {
            return Err(invalid("chart.metadata.version is required"));
        }
        if !version::is_version(&self.version) {
            let shown = quote(self.version.as_bytes());
            return Err(invalid(format!("chart.metadata.version {shown} is invalid")));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return Err(invalid("chart.metadata.type must be application or library"));
        }
        if self.null_entry == Some(NullEntry::Maintainer) {
            return Err(invalid("maintainers must not contain empty or null nodes"));
        }
        for person in &mut self.maintainers {
            [&mut person.name, &mut person.email, &mut person.url].into_iter().for_each(sanitize);
        }
        let null_at = match self.null_entry {
            Some(NullEntry::Dependency(at)) => Some(at),
            _ => None,
        };
        validate_dependencies(self.dependencies.as_deref_mut().unwrap_or_default(), null_at)
    }

    /// Whether the chart only lends templates to others.
    pub fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }
}

fn validate_dependencies(dependencies: &mut [Dependency], null_at: Option<usize>) -> Result<()> {
    let null = || invalid("dependencies must not contain empty or null nodes");
    let mut seen = std::collections::HashSet::new();
    for (at, dependency) in dependencies.iter_mut().enumerate() {
        if null_at == Some(at) {
            return Err(null());
        }
        for text in [
            &mut dependency.name,
            &mut dependency.version,
            &mut dependency.repository,
            &mut dependency.condition,
        ] {
            sanitize(text);
        }
        dependency.tags.iter_mut().for_each(sanitize);
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !dependency.alias.chars().all(legal) {
            let shown = quote(dependency.name.as_bytes());
            return Err(invalid(format!(
                "dependency {shown} has disallowed characters in the alias"
            )));
        }
        let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
        if !seen.insert(key.clone()) {
            let shown = quote(key.as_bytes());
            return Err(invalid(format!("more than one dependency with name or alias {shown}")));
        }
    }
    // A null after the last entry, or in a list of nothing but nulls.
    if null_at.is_some_and(|at| at >= dependencies.len()) { Err(null()) } else { Ok(()) }
}

impl Lock {
    /// Reads a lock file.
    pub fn decode(doc: &Doc) -> Result<Self> {
        let mut lock = Lock::default();
        let mut decoder = Decoder::default();
        decoder.fields(doc, "v2.Lock", |decoder, key, item| match key {
            "generated" => decoder.time(item, &mut lock.generated),
            "digest" => decoder.text(item, &mut lock.digest),
            "dependencies" => {
                let mut list = None;
                decoder.dependencies(item, &mut list, &mut None);
                lock.dependencies = list.unwrap_or_default();
            }
            _ => {}
        });
        decoder.finish()?;
        Ok(lock)
    }
}

/// Reads only `apiVersion`, as Helm does first to choose a loader.
pub fn api_version(doc: &Doc) -> Result<String> {
    let mut found = String::new();
    let mut decoder = Decoder::default();
    decoder.fields(doc, "loader.chartBase", |decoder, key, item| {
        if key == "apiversion" {
            decoder.text(item, &mut found);
        }
    });
    decoder.finish()?;
    Ok(found)
}

fn invalid(message: impl std::fmt::Display) -> Fault {
    Fault::new(FaultKind::Chart, format!("validation: {message}"))
}

/// Spaces of any kind become blanks, what cannot be printed goes.
fn sanitize(text: &mut String) {
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|c| if unicode::is_space(c) { Some(' ') } else { is_print(c).then_some(c) })
        .collect();
}

/// Whether Go takes a character for printable: exactly when it quotes it as itself.
fn is_print(c: char) -> bool {
    let mut buffer = [0; 4];
    let text = c.encode_utf8(&mut buffer);
    matches!(c, '"' | '\\') || quote(text.as_bytes())[1..].starts_with(c)
}

/// The kind of a JSON value in the words of Go's decoder.
fn json_kind(doc: &Doc) -> &'static str {
    match doc.node {
        Node::Bool(_) => "bool",
        _ => doc.kind(),
    }
}

/// A number for a field of text: sigs.k8s.io/yaml prints floats with the precision of 32 bits.
fn float_text(value: f64) -> String {
    let narrow = value as f32;
    let science = format!("{narrow:e}");
    let (mantissa, exponent) = science.split_once('e').unwrap_or((&science, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        format!("{narrow}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    }
}

/// Where a text stops being an RFC 3339 time: the rest of it, and the layout element expected.
fn bad_time(text: &str) -> Option<(&str, &'static str)> {
    let elements = ["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05"];
    let mut rest = text;
    for element in elements {
        let fits = rest.get(..element.len()).is_some_and(|head| match element {
            "-" | ":" | "T" => head == element,
            _ => head.bytes().all(|b| b.is_ascii_digit()),
        });
        if !fits {
            return Some((rest, element));
        }
        rest = &rest[element.len()..];
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let zone = rest.as_bytes();
    let is_offset = zone.len() == 6
        && matches!(zone[0], b'+' | b'-')
        && zone[3] == b':'
        && [1, 2, 4, 5].iter().all(|&at| zone[at].is_ascii_digit());
    if rest == "Z" || is_offset { None } else { Some((rest, "Z07:00")) }
}

/// One step from the root of the JSON document to the value being decoded.
enum Step {
    Key(String),
    Index(usize),
}

/// Takes the fields of Go structs from a document.
#[derive(Default)]
pub(crate) struct Decoder {
    path: Vec<Step>,
    /// Go goes on after a mismatch and reports the first.
    error: Option<String>,
}

impl Decoder {
    /// The first mismatch, if there was one.
    pub(crate) fn finish(self) -> Result<()> {
        match self.error {
            None => Ok(()),
            Some(message) => Err(Fault::new(
                FaultKind::Chart,
                format!("error unmarshaling JSON: while decoding JSON: {message}"),
            )),
        }
    }

    fn mismatch(&mut self, doc: &Doc, wanted: &str) {
        if self.error.is_some() {
            return;
        }
        let kind = json_kind(doc);
        let target = match self.path.last() {
            None => format!("Go value of type {wanted}"),
            Some(last) => {
                let mut shown = String::new();
                for step in &self.path {
                    shown.push('.');
                    match step {
                        Step::Key(key) => shown.push_str(key),
                        Step::Index(at) => shown.push_str(&at.to_string()),
                    }
                }
                let prefix = if matches!(last, Step::Key(_)) { "Go struct field " } else { "" };
                format!("{prefix}{shown} of type {wanted}")
            }
        };
        self.error = Some(format!("json: cannot unmarshal {kind} into {target}"));
    }

    /// Visits the members of an object in the order of Go's JSON encoder.
    pub(crate) fn fields(
        &mut self,
        doc: &Doc,
        type_name: &str,
        mut visit: impl FnMut(&mut Self, &str, &Doc),
    ) {
        let map = match &doc.node {
            Node::Null => return,
            Node::Map(map) => map,
            _ => return self.mismatch(doc, type_name),
        };
        let mut keys: Vec<_> = map.iter().collect();
        keys.sort_by(|a, b| a.0.cmp(b.0));
        for (key, item) in keys {
            self.path.push(Step::Key(key.to_string()));
            visit(self, &key.to_ascii_lowercase(), item);
            self.path.pop();
        }
    }

    fn items(&mut self, doc: &Doc, type_name: &str, mut visit: impl FnMut(&mut Self, &Doc)) {
        match &doc.node {
            Node::Null => {}
            Node::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.path.push(Step::Index(at));
                    visit(self, item);
                    self.path.pop();
                }
            }
            _ => self.mismatch(doc, type_name),
        }
    }

    /// A text; numbers and booleans become one, null leaves it alone.
    pub(crate) fn text(&mut self, doc: &Doc, into: &mut String) {
        match &doc.node {
            Node::Null => {}
            Node::Str(text) => *into = text.to_str_lossy().into_owned(),
            Node::Bool(value) => *into = value.to_string(),
            Node::Int(value) | Node::Int64(value) => *into = value.to_string(),
            Node::Float(value) => *into = float_text(*value),
            Node::List(_) | Node::Map(_) => self.mismatch(doc, "string"),
        }
    }

    fn time(&mut self, doc: &Doc, into: &mut String) {
        match &doc.node {
            Node::Null => {}
            Node::Str(text) => {
                let text = text.to_str_lossy();
                if let Some((rest, element)) = bad_time(&text)
                    && self.error.is_none()
                {
                    let [shown, rest, element] =
                        [&*text, rest, element].map(|part| quote(part.as_bytes()));
                    self.error = Some(format!(
                        "parsing time {shown} as \"2006-01-02T15:04:05Z07:00\": cannot parse \
                         {rest} as {element}"
                    ));
                }
                *into = text.into_owned();
            }
            _ => self.mismatch(doc, "time.Time"),
        }
    }

    fn flag(&mut self, doc: &Doc, into: &mut bool) {
        match doc.node {
            Node::Null => {}
            Node::Bool(value) => *into = value,
            _ => self.mismatch(doc, "bool"),
        }
    }

    fn texts(&mut self, doc: &Doc, into: &mut Vec<String>) {
        into.clear();
        self.items(doc, "[]string", |decoder, item| {
            let mut text = String::new();
            decoder.text(item, &mut text);
            into.push(text);
        });
    }

    fn annotations(&mut self, doc: &Doc, into: &mut Option<Vec<(String, String)>>) {
        if doc.is_null() {
            *into = None;
            return;
        }
        let mut found = into.take().unwrap_or_default();
        if let Some(map) = doc.as_map() {
            for (key, item) in map {
                self.path.push(Step::Key(key.to_string()));
                let mut text = String::new();
                self.text(item, &mut text);
                self.path.pop();
                found.retain(|(known, _)| **known != **key);
                found.push((key.to_string(), text));
            }
        } else {
            self.mismatch(doc, "map[string]string");
        }
        found.sort();
        *into = Some(found);
    }

    fn metadata_field(&mut self, to: &mut Metadata, key: &str, item: &Doc) {
        match key {
            "name" => self.text(item, &mut to.name),
            "home" => self.text(item, &mut to.home),
            "sources" => self.texts(item, &mut to.sources),
            "version" => self.text(item, &mut to.version),
            "description" => self.text(item, &mut to.description),
            "keywords" => self.texts(item, &mut to.keywords),
            "maintainers" => self.maintainers(item, to),
            "icon" => self.text(item, &mut to.icon),
            "apiversion" => self.text(item, &mut to.api_version),
            "condition" => self.text(item, &mut to.condition),
            "tags" => self.text(item, &mut to.tags),
            "appversion" => self.text(item, &mut to.app_version),
            "deprecated" => self.flag(item, &mut to.deprecated),
            "annotations" => self.annotations(item, &mut to.annotations),
            "kubeversion" => self.text(item, &mut to.kube_version),
            "dependencies" => {
                let mut null_entry = None;
                self.dependencies(item, &mut to.dependencies, &mut null_entry);
                to.null_entry = to.null_entry.or(null_entry);
            }
            "type" => self.text(item, &mut to.kind),
            _ => {}
        }
    }

    fn maintainers(&mut self, doc: &Doc, to: &mut Metadata) {
        let mut people = Vec::new();
        let mut has_null = false;
        self.items(doc, "[]*v2.Maintainer", |decoder, item| {
            has_null |= item.is_null();
            let mut person = Maintainer::default();
            decoder.fields(item, "v2.Maintainer", |decoder, key, item| match key {
                "name" => decoder.text(item, &mut person.name),
                "email" => decoder.text(item, &mut person.email),
                "url" => decoder.text(item, &mut person.url),
                _ => {}
            });
            people.push(person);
        });
        to.maintainers = people;
        if has_null {
            to.null_entry = Some(NullEntry::Maintainer);
        }
    }

    fn dependencies(
        &mut self,
        doc: &Doc,
        into: &mut Option<Vec<Dependency>>,
        null_entry: &mut Option<NullEntry>,
    ) {
        if doc.is_null() {
            *into = None;
            return;
        }
        let mut list = Vec::new();
        self.items(doc, "[]*v2.Dependency", |decoder, item| {
            if item.is_null() && null_entry.is_none() {
                *null_entry = Some(NullEntry::Dependency(list.len()));
            }
            let mut dependency = Dependency::default();
            decoder.fields(item, "v2.Dependency", |decoder, key, item| {
                decoder.dependency_field(&mut dependency, key, item);
            });
            list.push(dependency);
        });
        *into = Some(list);
    }

    fn dependency_field(&mut self, to: &mut Dependency, key: &str, item: &Doc) {
        match key {
            "name" => self.text(item, &mut to.name),
            "version" => self.text(item, &mut to.version),
            "repository" => self.text(item, &mut to.repository),
            "condition" => self.text(item, &mut to.condition),
            "tags" => self.texts(item, &mut to.tags),
            "enabled" => self.flag(item, &mut to.enabled),
            "import-values" => {
                to.import_values.clear();
                self.items(item, "[]interface {}", |_, item| {
                    to.import_values.push(ImportValue::Raw(item.clone()));
                });
            }
            "alias" => self.text(item, &mut to.alias),
            _ => {}
        }
    }
}
