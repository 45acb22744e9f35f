//! Custom resource definitions, and documents against their schemas.
//!
//! A schema stays the document that it was read as and is interpreted where it stands: a chart
//! has few custom resources, so compiling would cost more than it saves.

use std::sync::OnceLock;

use super::catalog::Struct;
use super::cursor::{At, found, missing, shown, whole};
use super::finding::{Finding, Level};
use super::structure::{self, invalid_enum, meant, of_kind};
use super::{cel, formats, rules};
use crate::doc::{Doc, Node};
use crate::golang::regexp::Regexp;
use crate::source::SourceId;

const OPERATOR: &str = include_str!("data/operator.json");

/// A served version of a custom kind.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its name, such as `v1alpha1`.
    pub name: String,
    /// Whether the server offers it.
    pub served: bool,
    /// Its schema; none leaves the kind open.
    pub schema: Option<Doc>,
}

/// A custom kind.
#[derive(Clone, Debug)]
pub struct Custom {
    /// Group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
    /// Its versions.
    pub versions: Vec<Version>,
    /// Whether it stands above a built-in kind of its name.
    pub above: bool,
}

/// The custom kinds of a run; earlier ones win over later ones.
#[derive(Clone, Debug, Default)]
pub struct Customs {
    kinds: Vec<Custom>,
}

impl Customs {
    /// Adds the kind that a `CustomResourceDefinition` defines; whether the document is one.
    pub fn add(&mut self, doc: &Doc) -> bool {
        if doc.get("kind").and_then(Doc::as_str) == Some("List") {
            let items = doc.get("items").and_then(Doc::as_list).unwrap_or_default();
            return items.iter().filter(|item| self.add(item)).count() > 0;
        }
        if doc.get("kind").and_then(Doc::as_str) != Some("CustomResourceDefinition") {
            return false;
        }
        let Some(custom) = read(doc) else { return false };
        self.kinds.push(custom);
        true
    }

    /// The custom kind of a group.
    pub fn find(&self, group: &str, kind: &str) -> Option<&Custom> {
        let is = |custom: &&Custom| custom.group == group && custom.kind == kind;
        let built_in = || {
            let mut kinds = operator().kinds.iter().filter(|_| group == OPERATOR_GROUP);
            let (_, line) = kinds.find(|(name, _)| *name == kind)?;
            line.get(|doc| read(&doc)).as_ref()
        };
        self.kinds.iter().find(is).or_else(built_in)
    }

    /// Adds the schema of a version of a kind; `above` lets it win over what is built in.
    pub fn add_schema(&mut self, api_version: &str, kind: &str, schema: Doc, above: bool) {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let version = Version { name: version.to_owned(), served: true, schema: Some(schema) };
        let is = |custom: &&mut Custom| {
            custom.group == group && custom.kind == kind && custom.above == above
        };
        match self.kinds.iter_mut().find(is) {
            Some(custom) if custom.versions.iter().any(|it| it.name == version.name) => {}
            Some(custom) => custom.versions.push(version),
            None => self.kinds.push(Custom {
                group: group.to_owned(),
                kind: kind.to_owned(),
                namespaced: true,
                versions: vec![version],
                above,
            }),
        }
    }

    /// Whether a kind stands above a built-in one.
    pub fn is_above(&self, group: &str, kind: &str) -> bool {
        self.kinds.iter().any(|it| it.above && it.group == group && it.kind == kind)
    }

    /// The kinds of a group.
    pub fn kinds_of<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a str> {
        let known = (group == OPERATOR_GROUP).then(|| operator().kinds.iter());
        let built_in = known.into_iter().flatten().map(|(name, _)| *name);
        let own = self.kinds.iter().filter(move |custom| custom.group == group);
        own.map(|custom| custom.kind.as_str()).chain(built_in)
    }
}

fn read(doc: &Doc) -> Option<Custom> {
    let spec = doc.get("spec")?;
    let text = |key: &str| spec.get(key).and_then(Doc::as_str);
    let common = || spec.get("validation").and_then(|it| it.get("openAPIV3Schema")).cloned();
    let list = spec.get("versions").and_then(Doc::as_list).unwrap_or_default();
    let mut versions: Vec<Version> = list
        .iter()
        .filter_map(|version| {
            Some(Version {
                name: version.get("name")?.as_str()?.to_owned(),
                served: version.get("served").and_then(Doc::as_bool).unwrap_or(true),
                schema: version
                    .get("schema")
                    .and_then(|schema| schema.get("openAPIV3Schema"))
                    .cloned()
                    .or_else(common),
            })
        })
        .collect();
    if versions.is_empty() {
        let name = text("version")?.to_owned();
        versions.push(Version { name, served: true, schema: common() });
    }
    Some(Custom {
        group: text("group")?.to_owned(),
        kind: spec.get("names")?.get("kind")?.as_str()?.to_owned(),
        namespaced: text("scope") != Some("Cluster"),
        versions,
        above: false,
    })
}

/// A line of the operator's definitions, read when it is first needed.
struct Line<T> {
    text: &'static str,
    read: OnceLock<T>,
}

impl<T> Line<T> {
    fn get(&self, make: impl FnOnce(Doc) -> T) -> &T {
        self.read.get_or_init(|| {
            let doc = crate::json::read::parse(self.text.as_bytes(), SourceId::NONE);
            make(doc.expect("tools/kube_crds.py writes a JSON object on each line"))
        })
    }
}

/// The operator's kinds by name, and the schemas that they share.
struct Operator {
    kinds: Vec<(&'static str, Line<Option<Custom>>)>,
    shared: Vec<Line<Doc>>,
}

const OPERATOR_GROUP: &str = "monitoring.coreos.com";

fn operator() -> &'static Operator {
    static LINES: OnceLock<Operator> = OnceLock::new();
    LINES.get_or_init(|| {
        let (kinds, shared) =
            OPERATOR.split_once("],\"defs\":[").expect("tools/kube_crds.py writes both lists");
        let lines = |text: &'static str| {
            let lines = text.lines().map(|line| line.trim_end_matches(','));
            lines.filter(|line| line.len() > 2 && !line.ends_with('['))
        };
        let name = |line: &'static str| {
            let (_, rest) = line.split_once("\"kind\":\"").expect("a definition names its kind");
            rest.split('"').next().unwrap_or_default()
        };
        Operator {
            kinds: lines(kinds)
                .map(|text| (name(text), Line { text, read: OnceLock::new() }))
                .collect(),
            shared: lines(shared).map(|text| Line { text, read: OnceLock::new() }).collect(),
        }
    })
}

fn resolve(schema: &Doc) -> &Doc {
    let number = schema.get("$ref").and_then(whole);
    let line = number.and_then(|number| operator().shared.get(usize::try_from(number).ok()?));
    line.map_or(schema, |line| line.get(|doc| doc))
}

/// Checks a custom resource against the schema of its version.
pub fn check(at: At<'_>, schema: &Doc) {
    let schema = resolve(schema);
    metadata(at);
    object(at, schema, Place::Root);
    values(at, schema);
}

/// Metadata of an object, or of one inside it.
fn metadata(at: At<'_>) {
    let definition = Struct::find("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
    if let (Some(metadata), Some(definition)) = (at.get("metadata"), definition)
        && of_kind(metadata, metadata.doc.as_map().is_some(), "object")
    {
        structure::check_struct(metadata, definition, at.check.target);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The document itself: apiVersion, kind and metadata are known.
    Root,
    /// An object inside that is a resource of its own.
    Embedded,
    Inner,
}

fn flag(schema: &Doc, key: &str) -> bool {
    schema.get(key).and_then(Doc::as_bool).unwrap_or(false)
}

fn walk(at: At<'_>, schema: &Doc) {
    let schema = resolve(schema);
    if flag(schema, "x-kubernetes-int-or-string") {
        let is = whole(at.doc).is_some() || at.doc.as_str().is_some();
        if of_kind(at, is, "integer or string") {
            values(at, schema);
        }
        return;
    }
    let is = match schema.get("type").and_then(Doc::as_str) {
        Some("object") => of_kind(at, at.doc.as_map().is_some(), "object"),
        Some("array") => of_kind(at, at.doc.as_list().is_some(), "array"),
        Some("string") => of_kind(at, at.doc.as_str().is_some(), "string"),
        Some("boolean") => of_kind(at, at.doc.as_bool().is_some(), "boolean"),
        Some("number") => of_kind(at, at.doc.kind() == "number", "number"),
        Some("integer") => integer(at, schema),
        _ => true,
    };
    if !is {
        return;
    }
    if at.doc.as_map().is_some() {
        let embedded = flag(schema, "x-kubernetes-embedded-resource");
        object(at, schema, if embedded { Place::Embedded } else { Place::Inner });
    } else if at.doc.as_list().is_some() {
        if let Some(items) = schema.get("items") {
            let nullable = flag(resolve(items), "nullable");
            for item in at.items().filter(|item| !(nullable && item.doc.is_null())) {
                walk(item, items);
            }
        }
        unique(at, schema);
    }
    values(at, schema);
}

fn integer(at: At<'_>, schema: &Doc) -> bool {
    let Some(number) = whole(at.doc) else { return of_kind(at, false, "integer") };
    let narrow = schema.get("format").and_then(Doc::as_str) == Some("int32");
    if narrow && i32::try_from(number).is_err() {
        let message = format!("{number} does not fit into int32");
        at.report(Finding::new("out-of-range", message).fact("format", "int32"));
        return false;
    }
    true
}

fn object(at: At<'_>, schema: &Doc, place: Place) {
    let Some(map) = at.doc.as_map() else { return };
    let properties = schema.get("properties").and_then(Doc::as_map);
    let more = schema.get("additionalProperties");
    let preserve = flag(schema, "x-kubernetes-preserve-unknown-fields")
        || more.and_then(Doc::as_bool) == Some(true);
    let mut suggested: Vec<&str> = Vec::new();
    for (key, doc) in map {
        let own = matches!(&**key, "apiVersion" | "kind" | "metadata");
        if own && place != Place::Inner {
            continue;
        }
        let known = properties.and_then(|properties| properties.get(&**key));
        let inner = known.or_else(|| more.filter(|more| more.as_map().is_some()));
        if let Some(inner) = inner {
            // The server drops a null that is not allowed before it validates.
            if !doc.is_null() {
                walk(at.child(key, doc), inner);
            }
        } else if !preserve && at.check.level >= Level::Strict {
            let finding = Finding::new("unknown-field", format!("unknown field {key:?}"));
            let names = properties.into_iter().flat_map(|map| map.keys()).map(|name| &**name);
            let finding = match meant(key, names) {
                Some(close) => {
                    suggested.push(close);
                    finding.suggest(close)
                }
                None => finding,
            };
            at.child(key, doc).report(finding);
        }
    }
    if place == Place::Embedded {
        metadata(at);
        if at.check.level >= Level::Full {
            rules::embedded(at);
        }
        for key in ["apiVersion", "kind"] {
            if !at.has(key) {
                at.missing(key, "an embedded resource names its kind");
            }
        }
    }
    let required = schema.get("required").and_then(Doc::as_list).unwrap_or_default();
    for name in required.iter().filter_map(Doc::as_str) {
        let inner = properties.and_then(|properties| properties.get(name)).map(resolve);
        let filled = inner.is_some_and(|inner| inner.get("default").is_some());
        let present = map.get(name);
        let null = present.is_some_and(Doc::is_null);
        let allowed = null && inner.is_some_and(|inner| flag(inner, "nullable"));
        if present.is_some_and(|doc| !doc.is_null())
            || filled
            || allowed
            || suggested.contains(&name)
        {
            continue;
        }
        let finding = missing(name, null, "");
        at.report_absent(name, finding);
    }
}

fn unique(at: At<'_>, schema: &Doc) {
    let items = at.doc.as_list().unwrap_or_default();
    let (keys, what): (Vec<&str>, _) = match schema.get("x-kubernetes-list-type") {
        Some(kind) if kind.as_str() == Some("set") => (Vec::new(), "value"),
        Some(kind) if kind.as_str() == Some("map") => {
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Doc::as_list);
            (keys.unwrap_or_default().iter().filter_map(Doc::as_str).collect(), "keys")
        }
        _ if flag(schema, "uniqueItems") => (Vec::new(), "value"),
        _ => return,
    };
    let same = |a: &Doc, b: &Doc| {
        if what == "value" { a == b } else { keys.iter().all(|key| a.get(key) == b.get(key)) }
    };
    for (index, doc) in items.iter().enumerate() {
        let Some(first) = items[..index].iter().position(|other| same(other, doc)) else {
            continue;
        };
        let message = match keys.as_slice() {
            [] => format!("{} is in the list already, at [{first}]", shown(doc)),
            keys => format!("the {} of [{first}] is used again", keys.join(" and ")),
        };
        let finding = Finding::new("duplicate-item", message);
        at.item(index, doc).report(match keys.first() {
            Some(key) => finding.fact("key", *key),
            None => finding,
        });
    }
}

fn number(doc: &Doc) -> Option<f64> {
    match doc.node {
        Node::Int(value) | Node::Int64(value) => Some(value as f64),
        Node::Float(value) => Some(value),
        _ => None,
    }
}

/// What a schema says of the value beyond its shape.
fn values(at: At<'_>, schema: &Doc) {
    if let Some(allowed) = schema.get("enum").and_then(Doc::as_list)
        && !allowed.contains(at.doc)
    {
        let names: Vec<String> = allowed
            .iter()
            .map(|doc| doc.as_str().map_or_else(|| shown(doc), str::to_owned))
            .collect();
        let text = at.doc.as_str().map_or_else(|| shown(at.doc), str::to_owned);
        at.report(invalid_enum(&text, names.iter().map(String::as_str)));
        return;
    }
    let limit = |key: &str| schema.get(key).and_then(number);
    if let Some(value) = number(at.doc) {
        let (min, max) = (limit("minimum"), limit("maximum"));
        let below = min
            .is_some_and(|min| value < min || (value <= min && flag(schema, "exclusiveMinimum")));
        let above = max
            .is_some_and(|max| value > max || (value >= max && flag(schema, "exclusiveMaximum")));
        if below || above {
            out_of_range(at, schema, "value", "minimum", "maximum");
        }
        if limit("multipleOf").is_some_and(|step| step > 0.0 && (value / step).fract() != 0.0) {
            let message = format!("{} is no multiple of the step", shown(at.doc));
            at.report(Finding::new("out-of-range", message));
        }
    }
    let outside = |count: usize, low: &str, high: &str| {
        limit(low).is_some_and(|min| (count as f64) < min)
            || limit(high).is_some_and(|max| count as f64 > max)
    };
    match &at.doc.node {
        Node::List(items) if outside(items.len(), "minItems", "maxItems") => {
            out_of_range(at, schema, "number of items", "minItems", "maxItems");
        }
        Node::Map(map) if outside(map.len(), "minProperties", "maxProperties") => {
            out_of_range(at, schema, "number of members", "minProperties", "maxProperties");
        }
        Node::Str(text) => {
            let text = text.to_str_lossy();
            if outside(text.chars().count(), "minLength", "maxLength") {
                out_of_range(at, schema, "length", "minLength", "maxLength");
            }
            if let Some(pattern) = schema.get("pattern").and_then(Doc::as_str)
                && Regexp::compile(pattern.as_bytes())
                    .is_ok_and(|pattern| !pattern.is_match(text.as_bytes()))
            {
                let finding =
                    formats::bad_format(at, "pattern", &format!("does not match {pattern}"));
                at.report(finding.fact("pattern", pattern));
            }
            if let Some(format) = schema.get("format").and_then(Doc::as_str) {
                check_format(at, &text, format);
            }
        }
        _ => {}
    }
    combine(at, schema);
    if at.check.level >= Level::Full
        && let Some(rules) = schema.get("x-kubernetes-validations").and_then(Doc::as_list)
    {
        for rule in rules {
            cel::check(at, rule);
        }
    }
}

fn out_of_range(at: At<'_>, schema: &Doc, what: &str, low: &'static str, high: &'static str) {
    let (min, max) = (schema.get(low), schema.get(high));
    let count = match &at.doc.node {
        Node::List(items) => items.len().to_string(),
        Node::Map(map) => map.len().to_string(),
        Node::Str(text) => text.to_str_lossy().chars().count().to_string(),
        _ => shown(at.doc),
    };
    let bounds = match (min, max) {
        (Some(min), Some(max)) => format!("between {} and {}", shown(min), shown(max)),
        (Some(min), None) => format!("at least {}", shown(min)),
        (None, Some(max)) => format!("at most {}", shown(max)),
        (None, None) => return,
    };
    let message = format!("the {what} is {count}, it must be {bounds}");
    let mut finding = Finding::new("out-of-range", message);
    let name = |key| match key {
        "minimum" => "min",
        "maximum" => "max",
        "minItems" => "min_items",
        "maxItems" => "max_items",
        "minLength" => "min_length",
        "maxLength" => "max_length",
        "minProperties" => "min_properties",
        _ => "max_properties",
    };
    for (key, bound) in [(low, min), (high, max)] {
        match bound.map(|bound| (whole(bound), number(bound))) {
            Some((Some(bound), _)) => finding = finding.fact(name(key), bound),
            Some((None, Some(bound))) => finding = finding.fact(name(key), bound),
            _ => {}
        }
    }
    at.report(finding);
}

fn check_format(at: At<'_>, text: &str, format: &str) {
    if at.check.level < Level::Full {
        return;
    }
    let good = match format {
        "date-time" => return formats::time(at),
        "byte" => return formats::base64(at),
        "duration" => return formats::duration(at),
        "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<std::net::Ipv6Addr>().is_ok(),
        "cidr" => formats::cidr(text).is_some(),
        "date" => text.parse::<jiff::civil::Date>().is_ok(),
        "uuid" => is_uuid(text),
        "email" => text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty()),
        "uri" => text.contains(':') && !text.contains(' '),
        _ => true,
    };
    if !good {
        let finding = Finding::new("bad-format", format!("{}: is no {format}", shown(at.doc)));
        at.report(finding.rule("format").fact("format", format));
    }
}

fn is_uuid(text: &str) -> bool {
    let plain = text.replace('-', "");
    plain.len() == 32 && plain.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// allOf, anyOf, oneOf, not: in a structural schema these only say more about values.
fn combine(at: At<'_>, schema: &Doc) {
    let list = |key| schema.get(key).and_then(Doc::as_list).unwrap_or_default();
    for inner in list("allOf") {
        require(at, inner);
    }
    let any = list("anyOf");
    if !any.is_empty() && !any.iter().any(|inner| holds(at.doc, inner)) {
        no_branch(at, any, "none of the allowed forms matches");
    }
    let one = list("oneOf");
    let matching = one.iter().filter(|inner| holds(at.doc, inner)).count();
    if !one.is_empty() && matching != 1 {
        if matching == 0 {
            no_branch(at, one, "none of the allowed forms matches");
        } else {
            let message = format!("{matching} forms match where exactly one must");
            at.report(Finding::new("exclusive-fields", message));
        }
    }
    if let Some(inner) = schema.get("not")
        && holds(at.doc, inner)
    {
        let names: Vec<&str> = required_of(inner).collect();
        if names.len() > 1 {
            let message = format!("{} cannot be set together", names.join(" and "));
            at.report(Finding::new("exclusive-fields", message));
        } else {
            at.report(Finding::new("invalid-value", "has a form that is not allowed"));
        }
    }
}

fn required_of(schema: &Doc) -> impl Iterator<Item = &str> {
    let names = schema.get("required").and_then(Doc::as_list).unwrap_or_default();
    names.iter().filter_map(Doc::as_str)
}

fn no_branch(at: At<'_>, branches: &[Doc], message: &str) {
    let names: Vec<&str> = branches.iter().flat_map(required_of).collect();
    if names.is_empty() {
        at.report(Finding::new("invalid-value", format!("{}: {message}", shown(at.doc))));
    } else {
        let message = format!("one of {} is required", names.join(", "));
        at.report(Finding::new("missing-required", message).allowed(names));
    }
}

/// Reports what an allOf branch finds; its fields are known already.
fn require(at: At<'_>, schema: &Doc) {
    let schema = resolve(schema);
    values(at, schema);
    for name in required_of(schema) {
        if !at.has(name) {
            at.report_absent(name, missing(name, false, ""));
        }
    }
    if let Some(properties) = schema.get("properties").and_then(Doc::as_map) {
        for (key, member) in at.members() {
            if let Some(inner) = properties.get(key)
                && !member.doc.is_null()
            {
                require(member, inner);
            }
        }
    }
}

/// Whether a value has the form of a schema.
fn holds(doc: &Doc, schema: &Doc) -> bool {
    let schema = resolve(schema);
    let kind = schema.get("type").and_then(Doc::as_str);
    let typed = match kind {
        Some("integer") => whole(doc).is_some(),
        Some("number") => doc.kind() == "number",
        Some(kind) => found(doc) == kind,
        None => true,
    };
    let listed = schema.get("enum").and_then(Doc::as_list).is_none_or(|list| list.contains(doc));
    let limit = |key: &str| schema.get(key).and_then(number);
    let count = match &doc.node {
        Node::List(items) => Some((items.len(), "minItems", "maxItems")),
        Node::Map(map) => Some((map.len(), "minProperties", "maxProperties")),
        Node::Str(text) => Some((text.to_str_lossy().chars().count(), "minLength", "maxLength")),
        _ => None,
    };
    let sized = count.is_none_or(|(count, low, high)| {
        limit(low).is_none_or(|min| count as f64 >= min)
            && limit(high).is_none_or(|max| count as f64 <= max)
    });
    let ranged = number(doc).is_none_or(|value| {
        limit("minimum").is_none_or(|min| value >= min)
            && limit("maximum").is_none_or(|max| value <= max)
    });
    let pattern = schema.get("pattern").and_then(Doc::as_str).zip(doc.as_str());
    let matching = pattern.is_none_or(|(pattern, text)| {
        Regexp::compile(pattern.as_bytes()).is_ok_and(|it| it.is_match(text.as_bytes()))
    });
    let complete = doc.as_map().is_none()
        || required_of(schema).all(|name| doc.get(name).is_some_and(|doc| !doc.is_null()));
    let properties = schema.get("properties").and_then(Doc::as_map);
    let inside = properties.is_none_or(|properties| {
        let mut members = doc.as_map().into_iter().flatten();
        members.all(|(key, doc)| {
            doc.is_null() || properties.get(key).is_none_or(|inner| holds(doc, inner))
        })
    });
    let items = schema.get("items").zip(doc.as_list());
    let each = items.is_none_or(|(inner, items)| items.iter().all(|item| holds(item, inner)));
    let list = |key| schema.get(key).and_then(Doc::as_list).unwrap_or_default();
    let any = list("anyOf");
    let one = list("oneOf");
    typed
        && listed
        && sized
        && ranged
        && matching
        && complete
        && inside
        && each
        && list("allOf").iter().all(|inner| holds(doc, inner))
        && (any.is_empty() || any.iter().any(|inner| holds(doc, inner)))
        && (one.is_empty() || one.iter().filter(|inner| holds(doc, inner)).count() == 1)
        && schema.get("not").is_none_or(|inner| !holds(doc, inner))
}
