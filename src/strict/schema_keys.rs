//! Which keys a values schema knows, without judging any value.

use serde_json::Value as Json;

/// A place in a schema: the root of its document, for references, and the node.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    root: &'a Json,
    node: &'a Json,
}

const DEPTH: u32 = 20;

impl<'a> Place<'a> {
    /// The root of a schema.
    pub(crate) fn root(schema: &'a Json) -> Self {
        Place { root: schema, node: schema }
    }

    /// This node and all that it combines or refers to.
    fn all(self) -> Vec<Place<'a>> {
        let mut found = Vec::new();
        self.collect(&mut found, 0);
        found
    }

    fn collect(self, found: &mut Vec<Place<'a>>, depth: u32) {
        if depth > DEPTH {
            return;
        }
        found.push(self);
        let place = |node| Place { root: self.root, node };
        for name in ["allOf", "anyOf", "oneOf"] {
            for node in self.node.get(name).and_then(Json::as_array).into_iter().flatten() {
                place(node).collect(found, depth + 1);
            }
        }
        for name in ["if", "then", "else"] {
            if let Some(node) = self.node.get(name) {
                place(node).collect(found, depth + 1);
            }
        }
        let target = self.node.get("$ref").and_then(Json::as_str);
        if let Some(node) = target.and_then(|target| self.root.pointer(target.strip_prefix('#')?)) {
            place(node).collect(found, depth + 1);
        }
    }

    /// Whether it allows any key by intention: extra members are described, patterns are given,
    /// or it refers to what cannot be looked up.
    pub(crate) fn is_free(self) -> bool {
        self.all().iter().any(|place| {
            let has = |name: &str| place.node.get(name);
            let reference = has("$ref").and_then(Json::as_str);
            has("patternProperties").is_some()
                || has("additionalProperties").is_some_and(|it| it.is_object() || *it == true)
                || reference.is_some_and(|it| !it.starts_with('#'))
        })
    }

    /// The schemas of a property that is named.
    pub(crate) fn property(self, key: &str) -> Vec<Place<'a>> {
        let all = self.all().into_iter();
        all.filter_map(|place| {
            let node = place.node.get("properties")?.get(key)?;
            Some(Place { root: place.root, node })
        })
        .collect()
    }

    /// Names of the properties.
    pub(crate) fn names(self) -> Vec<&'a str> {
        let all = self.all().into_iter();
        all.filter_map(|place| place.node.get("properties")?.as_object())
            .flat_map(|map| map.keys().map(String::as_str))
            .collect()
    }

    /// The schemas of the items of a list.
    pub(crate) fn items(self) -> Vec<Place<'a>> {
        let all = self.all().into_iter();
        all.filter_map(|place| Some(Place { root: place.root, node: place.node.get("items")? }))
            .collect()
    }

    /// Whether it says what kind of value belongs here.
    pub(crate) fn is_typed(self) -> bool {
        let words = ["type", "enum", "const"];
        self.all().iter().any(|place| words.iter().any(|word| place.node.get(word).is_some()))
    }
}
