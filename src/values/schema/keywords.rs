//! The keywords of one schema object.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::golang::quote::quote;
use crate::golang::regexp::Regexp;

use super::compile::{Compiler, Dependency, Extra, Id, Resource, Schema, TYPES};
use super::draft::Draft;
use super::format::Format;
use super::json::{Decimal, Json};
use super::url;

/// One schema object on its way into a [`Schema`].
pub(super) struct Object<'a, 'f> {
    pub(super) map: &'a BTreeMap<String, Json>,
    pub(super) address: &'a str,
    pub(super) pointer: &'a str,
    pub(super) resource: &'a Resource,
    pub(super) compiler: &'a mut Compiler<'f>,
    pub(super) queue: &'a mut Vec<(Id, String, String)>,
}

impl Object<'_, '_> {
    /// Reads all keywords.
    pub(super) fn fill(mut self, to: &mut Schema) -> Result<(), String> {
        let draft = self.resource.dialect.draft;
        to.reference = self.reference("$ref")?;
        if draft < Draft::D2019 && to.reference.is_some() {
            // Old drafts ignore whatever stands beside a reference.
            return Ok(());
        }
        if self.resource.dialect.has("applicator") {
            self.applicators(to)?;
        }
        if self.resource.dialect.has("validation") {
            self.validations(to)?;
        }
        let asserts_format = self.compiler.is_meta
            || draft < Draft::D2019
            || self.resource.dialect.has(if draft == Draft::D2019 {
                "format"
            } else {
                "format-assertion"
            });
        if asserts_format && let Some(name) = self.text("format") {
            to.format = Format::named(name);
        }
        if draft >= Draft::D2019 {
            to.recursive_ref = self.reference("$recursiveRef")?;
            to.recursive_anchor = self.flag("$recursiveAnchor");
            let keyword = if draft == Draft::D2019 { "applicator" } else { "unevaluated" };
            if self.resource.dialect.has(keyword) {
                to.unevaluated_items = self.one("unevaluatedItems");
                to.unevaluated_properties = self.one("unevaluatedProperties");
            }
        }
        if draft >= Draft::D2020 {
            if let Some(target) = self.reference("$dynamicRef")? {
                let text = self.text("$dynamicRef").unwrap_or("");
                let (_, fragment) = url::split_fragment(text)?;
                let is_anchor = !fragment.is_empty() && !fragment.starts_with('/');
                to.dynamic_ref = Some((target, is_anchor.then_some(fragment)));
            }
            self.text("$dynamicAnchor").unwrap_or("").clone_into(&mut to.dynamic_anchor);
        }
        Ok(())
    }

    fn applicators(&mut self, to: &mut Schema) -> Result<(), String> {
        let draft = self.resource.dialect.draft;
        to.all_of = self.listed("allOf");
        to.any_of = self.listed("anyOf");
        to.one_of = self.listed("oneOf");
        to.not = self.one("not");
        if draft >= Draft::D2020 {
            to.prefix_items = self.listed("prefixItems");
            to.items = self.one("items");
        } else if self.map.get("items").is_some_and(|items| items.as_array().is_some()) {
            to.prefix_items = self.listed("items");
            to.additional_items = self.extra("additionalItems");
        } else {
            to.items = self.one("items");
        }
        to.properties = self.named("properties").into_iter().collect();
        for (pattern, id) in self.named("patternProperties") {
            let regexp = self.regexp("patternProperties", &pattern)?;
            to.pattern_properties.push((regexp, id));
        }
        to.additional_properties = self.extra("additionalProperties");
        let map = self.map;
        for (name, value) in map.get("dependencies").and_then(Json::as_object).into_iter().flatten()
        {
            let dependency = match value {
                Json::Array(items) => Dependency::Properties(texts(items)),
                _ => Dependency::Schema(self.at(&["dependencies", name])),
            };
            to.dependencies.push((name.clone(), dependency));
        }
        if draft >= Draft::D6 {
            to.contains = self.one("contains");
            to.property_names = self.one("propertyNames");
        }
        if draft >= Draft::D7 {
            to.condition = self.one("if");
            if to.condition.is_some() {
                let fixed = map.get("if").and_then(Json::as_bool);
                if fixed != Some(false) {
                    to.then = self.one("then");
                }
                if fixed != Some(true) {
                    to.otherwise = self.one("else");
                }
            }
        }
        if draft >= Draft::D2019 {
            to.dependent_schemas = self.named("dependentSchemas");
        }
        Ok(())
    }

    fn validations(&mut self, to: &mut Schema) -> Result<(), String> {
        let draft = self.resource.dialect.draft;
        to.types = match self.map.get("type") {
            Some(Json::String(name)) => type_bit(name),
            Some(Json::Array(names)) => {
                names.iter().filter_map(Json::as_str).fold(0, |bits, name| bits | type_bit(name))
            }
            _ => 0,
        };
        to.choices = self.map.get("enum").and_then(Json::as_array).map(<[Json]>::to_vec);
        if draft >= Draft::D6 {
            to.constant = self.map.get("const").cloned();
        }
        to.multiple_of = self.number("multipleOf");
        to.maximum = self.number("maximum");
        to.minimum = self.number("minimum");
        // In the oldest draft these are booleans that change the bounds.
        to.exclusive_maximum = if self.flag("exclusiveMaximum") {
            to.maximum.take()
        } else {
            self.number("exclusiveMaximum")
        };
        to.exclusive_minimum = if self.flag("exclusiveMinimum") {
            to.minimum.take()
        } else {
            self.number("exclusiveMinimum")
        };
        to.min_length = self.count("minLength");
        to.max_length = self.count("maxLength");
        if let Some(pattern) = self.text("pattern") {
            to.pattern = Some((pattern.to_owned(), self.regexp("pattern", pattern)?));
        }
        to.min_items = self.count("minItems");
        to.max_items = self.count("maxItems");
        to.unique_items = self.flag("uniqueItems");
        to.max_properties = self.count("maxProperties");
        to.min_properties = self.count("minProperties");
        to.required =
            self.map.get("required").and_then(Json::as_array).map(texts).unwrap_or_default();
        if draft >= Draft::D2019 {
            if to.contains.is_some() {
                to.min_contains = self.count("minContains");
                to.max_contains = self.count("maxContains");
            }
            for (name, value) in
                self.map.get("dependentRequired").and_then(Json::as_object).into_iter().flatten()
            {
                if let Some(items) = value.as_array() {
                    to.dependent_required.push((name.clone(), texts(items)));
                }
            }
        }
        Ok(())
    }

    fn at(&mut self, tokens: &[&str]) -> Id {
        let mut pointer = self.pointer.to_owned();
        for token in tokens {
            pointer.push('/');
            pointer.push_str(&url::escape(token));
        }
        self.compiler.enqueue(self.queue, self.address, &pointer)
    }

    fn one(&mut self, keyword: &str) -> Option<Id> {
        self.map.contains_key(keyword).then(|| self.at(&[keyword]))
    }

    fn listed(&mut self, keyword: &str) -> Vec<Id> {
        let len = self.map.get(keyword).and_then(Json::as_array).map_or(0, <[Json]>::len);
        (0..len).map(|at| self.at(&[keyword, &at.to_string()])).collect()
    }

    fn named(&mut self, keyword: &str) -> Vec<(String, Id)> {
        let map = self.map;
        let Some(members) = map.get(keyword).and_then(Json::as_object) else { return Vec::new() };
        members.keys().map(|name| (name.clone(), self.at(&[keyword, name]))).collect()
    }

    fn extra(&mut self, keyword: &str) -> Extra {
        match self.map.get(keyword) {
            None => Extra::Unsaid,
            Some(Json::Bool(allowed)) => Extra::Allowed(*allowed),
            Some(_) => Extra::Schema(self.at(&[keyword])),
        }
    }

    fn reference(&mut self, keyword: &str) -> Result<Option<Id>, String> {
        let Some(text) = self.text(keyword) else { return Ok(None) };
        let (reference, fragment) = url::split_fragment(text)?;
        url::check(reference).map_err(|reason| {
            format!("error in parsing {}: {reason}", quote(reference.as_bytes()))
        })?;
        let target = url::resolve(&self.resource.id, reference);
        let root = &self.compiler.roots[self.address];
        let local = if target == root.url {
            root.resources.get("")
        } else {
            root.resources.values().find(|resource| resource.id == target)
        };
        if let Some(resource) = local {
            let pointer = root.pointer(&fragment, resource)?;
            return Ok(Some(self.compiler.enqueue(self.queue, self.address, &pointer)));
        }
        self.compiler.load_root(&target)?;
        let root = &self.compiler.roots[&target];
        let pointer = root.pointer(&fragment, &root.resources[""])?;
        Ok(Some(self.compiler.enqueue(self.queue, &target, &pointer)))
    }

    fn regexp(&self, keyword: &str, pattern: &str) -> Result<Rc<Regexp>, String> {
        Regexp::compile(pattern.as_bytes()).map_err(|reason| {
            let here = format!("{}#{}/{keyword}", self.address, url::encode(self.pointer));
            format!(
                "invalid regex {} at {}: {reason}",
                quote(pattern.as_bytes()),
                quote(here.as_bytes())
            )
        })
    }

    fn text(&self, keyword: &str) -> Option<&'_ str> {
        self.map.get(keyword).and_then(Json::as_str)
    }

    fn flag(&self, keyword: &str) -> bool {
        self.map.get(keyword).and_then(Json::as_bool) == Some(true)
    }

    fn number(&self, keyword: &str) -> Option<Decimal> {
        match self.map.get(keyword) {
            Some(Json::Number(number)) => Some(number.value.clone()),
            _ => None,
        }
    }

    fn count(&self, keyword: &str) -> Option<usize> {
        self.number(keyword)?.to_i64().and_then(|count| usize::try_from(count).ok())
    }
}

fn texts(items: &[Json]) -> Vec<String> {
    items.iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

fn type_bit(name: &str) -> u8 {
    TYPES.iter().position(|known| *known == name).map_or(0, |at| 1 << at)
}
