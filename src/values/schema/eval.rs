//! Holding a value against compiled schemas.
//!
//! The order of checks, what a failure hides and how causes nest are those of the validator in
//! Helm; members of objects go in byte order, where Helm's order is random.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use super::compile::{Dependency, Extra, Id, Resource, Schema, TYPES};
use super::draft::Draft;
use super::json::{Decimal, Json};
use super::message::{count, indexes, number, quote, quote_all, wanted};
use super::outcome::{Error, Path, Scope, Shape, Uneval};

/// What a schema needs when it is itself the value: parts of it may follow other drafts.
#[derive(Clone, Copy)]
pub(super) struct Meta<'a> {
    /// The metaschema in force.
    pub(super) schema: Id,
    /// The resources of the document, by pointer.
    pub(super) resources: &'a BTreeMap<String, Resource>,
    /// Metaschemas by draft.
    pub(super) metaschemas: &'a HashMap<Draft, Id>,
}

/// Checks a value; the error is the whole report, its first line included.
pub(super) fn validate(
    schemas: &[Schema],
    id: Id,
    value: &Json,
    meta: Option<Meta<'_>>,
) -> Result<(), String> {
    let budget = Budget::default();
    let outcome = top(schemas, id, value, meta, &budget);
    if budget.is_spent() {
        return Err(format!(
            "jsonschema validation with {} takes too long: more than {MAX_STEPS} steps or \
             {MAX_FAILURES} failures",
            quote(&schemas[id].location)
        ));
    }
    let Err(error) = outcome else { return Ok(()) };
    let mut report = format!("jsonschema validation failed with {}", quote(&schemas[id].location));
    for cause in error.into_causes() {
        cause.write(&mut report, 0);
    }
    Err(report)
}

/// How often one validation may hold a schema against a value.
const MAX_STEPS: u32 = 10_000_000;

/// How many failures one validation may find.
const MAX_FAILURES: u32 = 500_000;

/// What is left for one validation: a schema whose branches lead to the same places again and
/// again would never end.
struct Budget {
    steps: Cell<u32>,
    failures: Cell<u32>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { steps: Cell::new(MAX_STEPS), failures: Cell::new(MAX_FAILURES) }
    }
}

impl Budget {
    fn is_spent(&self) -> bool {
        self.steps.get() == 0 || self.failures.get() == 0
    }

    fn spend(left: &Cell<u32>) {
        left.set(left.get().saturating_sub(1));
    }
}

/// Whether a number keeps a bound.
type Holds = fn(&Decimal, &Decimal) -> bool;

/// Starts at a schema with nothing known about the way to it.
fn top(
    schemas: &[Schema],
    id: Id,
    value: &Json,
    meta: Option<Meta<'_>>,
    budget: &Budget,
) -> Result<(), Box<Error>> {
    let scope = Scope { schema: id, keyword: "", value_id: 0, parent: None };
    let uneval = Uneval::from(value, &schemas[id], false);
    let check = Check {
        schemas,
        schema: &schemas[id],
        value,
        path: Path::Root,
        scope: &scope,
        uneval,
        errors: Vec::new(),
        quick: false,
        meta,
        budget,
    };
    check.run().map(|_| ())
}

/// One schema against one value.
struct Check<'a, 'v> {
    schemas: &'a [Schema],
    schema: &'a Schema,
    value: &'v Json,
    path: Path<'a>,
    scope: &'a Scope<'a>,
    uneval: Uneval<'v>,
    errors: Vec<Error>,
    /// Only whether it fails is asked, not why.
    quick: bool,
    meta: Option<Meta<'a>>,
    budget: &'a Budget,
}

type Outcome<'v> = Result<Uneval<'v>, Box<Error>>;

impl<'v> Check<'_, 'v> {
    fn run(mut self) -> Outcome<'v> {
        let schema = self.schema;
        Budget::spend(&self.budget.steps);
        if self.budget.is_spent() {
            return Err(self.error(String::new).into());
        }
        match schema.boolean {
            Some(true) => return Ok(self.uneval),
            Some(false) => return Err(self.error(|| "false schema".into()).into()),
            None => {}
        }
        if let Some(text) = self.first_failure() {
            return Err(self.error(|| text).into());
        }
        if let Some(target) = schema.reference {
            let outcome = self.reference(target, "$ref");
            if schema.draft < Some(Draft::D2019) {
                return match outcome {
                    Ok(()) => Ok(self.uneval),
                    Err(error) => Err(error),
                };
            }
            self.keep(outcome);
        }
        match self.value {
            Json::Object(map) => self.object(map),
            Json::Array(items) => self.array(items),
            Json::String(text) => self.string(text),
            Json::Number(value) => self.number(&value.value),
            Json::Null | Json::Bool(_) => {}
        }
        if self.errors.is_empty() || !self.quick {
            let is_modern = schema.draft >= Some(Draft::D2019);
            if is_modern {
                self.dynamic_references();
            }
            self.conditions();
            if is_modern {
                self.unevaluated();
            }
        }
        match self.errors.len() {
            0 => Ok(self.uneval),
            1 => Err(self.errors.remove(0).into()),
            _ => {
                let mut group = self.error(|| "validation failed".into());
                group.shape = Shape::Group;
                group.causes = self.errors;
                Err(group.into())
            }
        }
    }

    /// The checks whose failure ends it: cycle, type, const, enum, format.
    fn first_failure(&self) -> Option<String> {
        let schema = self.schema;
        if let Some(above) = self.scope.cycle() {
            return Some(format!(
                "both {} and {} resolve to {} causing reference cycle",
                self.scope.keyword_path(self.schemas),
                above.keyword_path(self.schemas),
                crate::golang::quote::quote(schema.location.as_bytes())
            ));
        }
        if schema.types != 0 && !self.has_type() {
            let names: Vec<&str> = TYPES
                .iter()
                .enumerate()
                .filter(|(at, _)| schema.types & (1 << at) != 0)
                .map(|(_, name)| *name)
                .collect();
            return Some(format!("got {}, want {}", type_name(self.value), names.join(" or ")));
        }
        if let Some(constant) = &schema.constant
            && !self.value.equals(constant)
        {
            return Some(wanted("const", std::slice::from_ref(constant)));
        }
        if let Some(choices) = &schema.choices
            && !choices.iter().any(|choice| self.value.equals(choice))
        {
            return Some(if choices.is_empty() {
                "value must be one of ".into()
            } else {
                wanted("enum", choices)
            });
        }
        if let (Some(format), Json::String(text)) = (&schema.format, self.value)
            && let Err(reason) = format.check(text)
        {
            return Some(format!("{} is not valid {}: {reason}", quote(text), format.name()));
        }
        None
    }

    fn has_type(&self) -> bool {
        let bit = |name: &str| {
            TYPES
                .iter()
                .position(|known| *known == name)
                .is_some_and(|at| self.schema.types & (1 << at) != 0)
        };
        match self.value {
            Json::Number(value) => bit("number") || (bit("integer") && value.value.is_integer()),
            value => bit(type_name(value)),
        }
    }

    fn object(&mut self, map: &'v BTreeMap<String, Json>) {
        let schema = self.schema;
        let bounds = [
            ("minProperties", schema.min_properties, true),
            ("maxProperties", schema.max_properties, false),
        ];
        self.bounds(map.len(), bounds);
        let missing = missing(map, &schema.required);
        if !missing.is_empty() {
            let noun = if missing.len() == 1 { "property" } else { "properties" };
            self.fail(|| format!("missing {noun} {}", quote_all(&missing)));
        }
        if self.is_settled() {
            return;
        }
        for (name, dependency) in &schema.dependencies {
            if !map.contains_key(name) {
                continue;
            }
            match dependency {
                Dependency::Properties(required) => self.dependent(map, name, required),
                Dependency::Schema(id) => {
                    let outcome = self.same_value(*id, "", false);
                    self.keep(outcome);
                }
            }
        }
        self.properties(map);
        if self.schema.draft == Some(Draft::D4) {
            return;
        }
        if let Some(id) = schema.property_names {
            for name in map.keys() {
                self.property_name(id, name);
            }
        }
        if schema.draft == Some(Draft::D6) {
            return;
        }
        for (name, id) in &schema.dependent_schemas {
            if map.contains_key(name) {
                let outcome = self.same_value(*id, "", false);
                self.keep(outcome);
            }
        }
        for (name, required) in &schema.dependent_required {
            if map.contains_key(name) {
                self.dependent(map, name, required);
            }
        }
    }

    fn properties(&mut self, map: &'v BTreeMap<String, Json>) {
        let schema = self.schema;
        let mut additional: Vec<&str> = Vec::new();
        for (name, item) in map {
            if self.is_settled() {
                return;
            }
            let mut is_evaluated = false;
            if let Some(id) = schema.properties.get(name) {
                is_evaluated = true;
                self.member(*id, item, name);
            }
            for (pattern, id) in &schema.pattern_properties {
                if pattern.is_match(name.as_bytes()) {
                    is_evaluated = true;
                    self.member(*id, item, name);
                }
            }
            if !is_evaluated {
                match schema.additional_properties {
                    Extra::Unsaid => continue,
                    Extra::Allowed(true) => {}
                    Extra::Allowed(false) => additional.push(name),
                    Extra::Schema(id) => self.member(id, item, name),
                }
            }
            self.uneval.props.remove(name.as_str());
        }
        if !additional.is_empty() {
            self.fail(|| format!("additional properties {} not allowed", quote_all(&additional)));
        }
    }

    fn dependent(&mut self, map: &BTreeMap<String, Json>, name: &str, required: &[String]) {
        let missing = missing(map, required);
        if !missing.is_empty() {
            self.fail(|| {
                format!("properties {} required, if {} exists", quote_all(&missing), quote(name))
            });
        }
    }

    /// A name is checked as a value of its own, without a path.
    fn property_name(&mut self, id: Id, name: &str) {
        let (id, meta) = self.in_own_draft(id);
        let value = Json::String(name.to_owned());
        if let Err(error) = top(self.schemas, id, &value, meta, self.budget) {
            let mut wrapped = self.error(|| format!("invalid propertyName {}", quote(name)));
            wrapped.causes = error.into_causes();
            self.errors.push(wrapped);
        }
    }

    fn array(&mut self, items: &'v [Json]) {
        let schema = self.schema;
        let bounds = [("minItems", schema.min_items, true), ("maxItems", schema.max_items, false)];
        self.bounds(items.len(), bounds);
        if schema.unique_items
            && let Some((first, second)) = twins(items)
        {
            self.fail(|| format!("items at {} and {} are equal", count(first), count(second)));
        }
        let listed = schema.prefix_items.len().min(items.len());
        for (at, id) in schema.prefix_items.iter().enumerate().take(listed) {
            self.item(*id, &items[at], at);
        }
        if let Some(id) = schema.items {
            for (at, item) in items.iter().enumerate().skip(listed) {
                self.item(id, item, at);
            }
        }
        match schema.additional_items {
            Extra::Allowed(false) if listed < items.len() => {
                let rest = items.len() - listed;
                self.fail(|| format!("last {} additionalItem(s) not allowed", count(rest)));
            }
            Extra::Schema(id) => {
                for (at, item) in items.iter().enumerate().skip(listed) {
                    self.item(id, item, at);
                }
            }
            Extra::Unsaid | Extra::Allowed(_) => {}
        }
        if let Some(id) = schema.contains {
            self.contains(id, items);
        }
    }

    fn contains(&mut self, id: Id, items: &'v [Json]) {
        let schema = self.schema;
        let mut matched = Vec::new();
        let mut failures = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match self.below(id, item, Path::Index(&self.path, at)) {
                Ok(()) => {
                    matched.push(at);
                    if schema.draft >= Some(Draft::D2020) {
                        self.uneval.items.remove(&at);
                    }
                }
                Err(error) => failures.push(*error),
            }
        }
        let places =
            || format!("but matched {} items at {}", count(matched.len()), indexes(&matched));
        let too_few = match schema.min_contains {
            None => matched.is_empty().then(|| "no items match contains schema".to_owned()),
            Some(min) if matched.len() < min => {
                let found =
                    if matched.is_empty() { "but none matched".to_owned() } else { places() };
                Some(format!("min {} items required to match contains schema, {found}", count(min)))
            }
            Some(_) => None,
        };
        if let Some(text) = too_few {
            let mut error = self.error(|| text);
            error.causes = failures;
            self.errors.push(error);
        }
        if let Some(max) = schema.max_contains
            && matched.len() > max
        {
            self.fail(|| {
                let places = places();
                format!("max {} items required to match contains schema, {places}", count(max))
            });
        }
    }

    fn string(&mut self, text: &str) {
        let schema = self.schema;
        if schema.min_length.is_some() || schema.max_length.is_some() {
            let bounds =
                [("minLength", schema.min_length, true), ("maxLength", schema.max_length, false)];
            self.bounds(text.chars().count(), bounds);
        }
        if let Some((pattern, regexp)) = &schema.pattern
            && !regexp.is_match(text.as_bytes())
        {
            self.fail(|| format!("{} does not match pattern {}", quote(text), quote(pattern)));
        }
    }

    fn number(&mut self, value: &Decimal) {
        let schema = self.schema;
        let checks: [(&str, Option<&Decimal>, Holds); 5] = [
            ("minimum", schema.minimum.as_ref(), |value, bound| value >= bound),
            ("maximum", schema.maximum.as_ref(), |value, bound| value <= bound),
            ("exclusiveMinimum", schema.exclusive_minimum.as_ref(), |value, bound| value > bound),
            ("exclusiveMaximum", schema.exclusive_maximum.as_ref(), |value, bound| value < bound),
            ("multipleOf", schema.multiple_of.as_ref(), Decimal::is_multiple_of),
        ];
        for (keyword, bound, holds) in checks {
            if let Some(bound) = bound
                && !holds(value, bound)
            {
                self.fail(|| format!("{keyword}: got {}, want {}", number(value), number(bound)));
            }
        }
    }

    /// A minimum and a maximum of a count.
    fn bounds(&mut self, got: usize, bounds: [(&str, Option<usize>, bool); 2]) {
        for (keyword, bound, is_minimum) in bounds {
            if let Some(want) = bound
                && (if is_minimum { got < want } else { got > want })
            {
                self.fail(|| format!("{keyword}: got {}, want {}", count(got), count(want)));
            }
        }
    }

    fn conditions(&mut self) {
        let schema = self.schema;
        if let Some(id) = schema.not
            && self.same_value(id, "", true).is_ok()
        {
            self.fail(|| "'not' failed".into());
        }
        let mut failures = Vec::new();
        for id in &schema.all_of {
            if let Err(error) = self.same_value(*id, "", false) {
                failures.push(*error);
                if self.quick {
                    break;
                }
            }
        }
        if !failures.is_empty() {
            self.fail_with("'allOf' failed", failures);
        }
        self.any_of();
        self.one_of();
        if let Some(id) = schema.condition {
            let branch =
                if self.same_value(id, "", true).is_ok() { schema.then } else { schema.otherwise };
            if let Some(id) = branch {
                let outcome = self.same_value(id, "", false);
                self.keep(outcome);
            }
        }
    }

    fn any_of(&mut self) {
        let mut failures = Vec::new();
        let mut has_matched = self.schema.any_of.is_empty();
        for id in &self.schema.any_of {
            if let Err(error) = self.same_value(*id, "", false) {
                failures.push(*error);
                continue;
            }
            has_matched = true;
            // What is unevaluated depends on all of them.
            if self.uneval.is_empty() {
                break;
            }
        }
        if !has_matched {
            self.fail_with("'anyOf' failed", failures);
        }
    }

    fn one_of(&mut self) {
        let mut failures = Vec::new();
        let mut matched = None;
        for (at, id) in self.schema.one_of.iter().enumerate() {
            match (self.same_value(*id, "", matched.is_some()), matched) {
                (Err(error), None) => failures.push(*error),
                (Err(_), Some(_)) => {}
                (Ok(()), None) => matched = Some(at),
                (Ok(()), Some(first)) => {
                    self.fail(|| {
                        let (first, second) = (count(first), count(at));
                        format!("'oneOf' failed, subschemas {first}, {second} matched")
                    });
                    break;
                }
            }
        }
        if matched.is_none() && !self.schema.one_of.is_empty() {
            self.fail_with("'oneOf' failed, none matched", failures);
        }
    }

    fn dynamic_references(&mut self) {
        if let Some(mut target) = self.schema.recursive_ref {
            if self.schemas[target].recursive_anchor {
                target = self
                    .outermost(|scope| {
                        let resource = self.schemas[scope].resource;
                        self.schemas[resource].recursive_anchor.then_some(scope)
                    })
                    .unwrap_or(target);
            }
            let outcome = self.reference(target, "$recursiveRef");
            self.keep(outcome);
        }
        if let Some((mut target, anchor)) =
            self.schema.dynamic_ref.as_ref().map(|(id, anchor)| (*id, anchor.as_deref()))
        {
            if let Some(anchor) = anchor
                && self.schemas[target].dynamic_anchor == anchor
            {
                target = self
                    .outermost(|scope| {
                        let resource = self.schemas[scope].resource;
                        let anchors = &self.schemas[resource].dynamic_anchors;
                        anchors.iter().find(|(name, _)| name == anchor).map(|(_, id)| *id)
                    })
                    .unwrap_or(target);
            }
            let outcome = self.reference(target, "$dynamicRef");
            self.keep(outcome);
        }
    }

    /// What the outermost scope that has an answer says.
    fn outermost(&self, answer: impl Fn(Id) -> Option<Id>) -> Option<Id> {
        let mut found = None;
        let mut scope = Some(self.scope);
        while let Some(here) = scope {
            found = answer(here.schema).or(found);
            scope = here.parent;
        }
        found
    }

    fn unevaluated(&mut self) {
        if let (Some(id), Json::Object(map)) = (self.schema.unevaluated_properties, self.value) {
            for name in std::mem::take(&mut self.uneval.props) {
                if let Some(item) = map.get(name) {
                    self.member(id, item, name);
                }
            }
        }
        if let (Some(id), Json::Array(items)) = (self.schema.unevaluated_items, self.value) {
            for at in std::mem::take(&mut self.uneval.items) {
                self.item(id, &items[at], at);
            }
        }
    }

    fn member(&mut self, id: Id, item: &Json, name: &str) {
        let outcome = self.below(id, item, Path::Key(&self.path, name));
        self.keep(outcome);
    }

    fn item(&mut self, id: Id, item: &Json, at: usize) {
        let outcome = self.below(id, item, Path::Index(&self.path, at));
        self.keep(outcome);
    }

    /// Checks a part of the value.
    fn below(&self, id: Id, value: &Json, path: Path<'_>) -> Result<(), Box<Error>> {
        let scope = Scope {
            schema: id,
            keyword: "",
            value_id: self.scope.value_id + 1,
            parent: Some(self.scope),
        };
        let uneval = Uneval::from(value, &self.schemas[id], false);
        let (id, meta) = in_own_draft(id, self.meta, &path);
        let check = Check {
            schemas: self.schemas,
            schema: &self.schemas[id],
            value,
            path,
            scope: &scope,
            uneval,
            errors: Vec::new(),
            quick: self.quick,
            meta,
            budget: self.budget,
        };
        check.run().map(|_| ())
    }

    /// Checks the same value with another schema.
    fn same_value(&mut self, id: Id, keyword: &'static str, quick: bool) -> Result<(), Box<Error>> {
        let scope =
            Scope { schema: id, keyword, value_id: self.scope.value_id, parent: Some(self.scope) };
        let uneval = Uneval::from(self.value, &self.schemas[id], !self.uneval.is_empty());
        let (id, meta) = self.in_own_draft(id);
        let check = Check {
            schemas: self.schemas,
            schema: &self.schemas[id],
            value: self.value,
            path: self.path,
            scope: &scope,
            uneval,
            errors: Vec::new(),
            quick: self.quick || quick,
            meta,
            budget: self.budget,
        };
        let uneval = check.run()?;
        self.uneval.merge(&uneval);
        Ok(())
    }

    fn reference(&mut self, id: Id, keyword: &'static str) -> Result<(), Box<Error>> {
        self.same_value(id, keyword, false).map_err(|error| {
            let mut outer = self.error(|| "validation failed".into());
            outer.shape = Shape::Reference;
            outer.causes = error.into_causes();
            outer.into()
        })
    }

    fn in_own_draft(&self, id: Id) -> (Id, Option<Meta<'_>>) {
        in_own_draft(id, self.meta, &self.path)
    }

    /// Whether it is known to fail and nobody asks why.
    fn is_settled(&self) -> bool {
        self.quick && !self.errors.is_empty()
    }

    fn error(&self, text: impl FnOnce() -> String) -> Error {
        Budget::spend(&self.budget.failures);
        let (path, text) =
            if self.quick { (String::new(), String::new()) } else { (self.path.text(), text()) };
        Error { path, text, shape: Shape::Plain, causes: Vec::new() }
    }

    fn fail(&mut self, text: impl FnOnce() -> String) {
        let error = self.error(text);
        self.errors.push(error);
    }

    fn fail_with(&mut self, text: &str, causes: Vec<Error>) {
        let mut error = self.error(|| text.to_owned());
        error.causes = causes;
        self.errors.push(error);
    }

    fn keep(&mut self, outcome: Result<(), Box<Error>>) {
        if let Err(error) = outcome {
            self.errors.push(*error);
        }
    }
}

/// Where a metaschema meets an embedded resource, that resource's own draft takes over.
fn in_own_draft<'m>(id: Id, meta: Option<Meta<'m>>, path: &Path<'_>) -> (Id, Option<Meta<'m>>) {
    let Some(mut inner) = meta.filter(|meta| meta.schema == id) else { return (id, meta) };
    // Most schemas are one resource, whose place is the empty text.
    if inner.resources.len() == 1 && !matches!(path, Path::Root) {
        return (id, meta);
    }
    let Some(resource) = inner.resources.get(&path.text()) else { return (id, meta) };
    let Some(own) = inner.metaschemas.get(&resource.dialect.draft) else { return (id, meta) };
    inner.schema = *own;
    (*own, Some(inner))
}

fn missing<'r>(map: &BTreeMap<String, Json>, required: &'r [String]) -> Vec<&'r str> {
    required.iter().filter(|name| !map.contains_key(*name)).map(String::as_str).collect()
}

/// The first item that equals an earlier one, behind that one.
fn twins(items: &[Json]) -> Option<(usize, usize)> {
    (1..items.len()).find_map(|second| {
        (0..second).find(|first| items[*first].equals(&items[second])).map(|first| (first, second))
    })
}

fn type_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}
