//! A values schema as the typed model reads it: references resolved, siblings kept.

use crate::doc::{Doc, DocMap, Node};

/// A place in a schema: the whole document, for references, and the node.
#[derive(Clone, Copy)]
pub(super) struct Place<'s> {
    root: &'s Doc,
    node: &'s Doc,
}

/// References that lead to each other are followed no further than this.
const MAX_REFERENCES: usize = 50;

/// What a place says.
pub(super) enum Meaning<'s> {
    /// A JSON schema.
    Schema(Place<'s>),
    /// A definition of the Kubernetes API, by its full name.
    Kubernetes(&'s str),
    /// Nothing that can be looked up here: any value will do.
    Anything,
}

/// The Kubernetes definition that a reference names: `kubernetes:NAME`, or an address of one of
/// the files of definitions that are in use.
pub(super) fn definition(reference: &str) -> Option<&str> {
    reference
        .strip_prefix("kubernetes:")
        .or_else(|| Some(reference.split_once("_definitions.json#/definitions/")?.1))
}

/// Whether a schema has a property of its own for a key.
pub(super) fn declares(schema: &Doc, key: &str) -> bool {
    schema.get("properties").is_some_and(|properties| properties.get(key).is_some())
}

impl<'s> Place<'s> {
    /// The root of a schema.
    pub(super) fn root(schema: &'s Doc) -> Self {
        Place { root: schema, node: schema }
    }

    /// Another node of the same document.
    pub(super) fn at(self, node: &'s Doc) -> Self {
        Place { root: self.root, node }
    }

    /// A keyword.
    pub(super) fn get(self, keyword: &str) -> Option<&'s Doc> {
        self.node.get(keyword)
    }

    /// A keyword that is a text.
    pub(super) fn text(self, keyword: &str) -> Option<&'s str> {
        self.get(keyword)?.as_str()
    }

    /// A keyword that is a number.
    pub(super) fn number(self, keyword: &str) -> Option<f64> {
        match self.get(keyword)?.node {
            Node::Int(value) | Node::Int64(value) => Some(value as f64),
            Node::Float(value) => Some(value),
            _ => None,
        }
    }

    /// A keyword that is an object.
    pub(super) fn map(self, keyword: &str) -> Option<&'s DocMap> {
        self.get(keyword)?.as_map()
    }

    /// The schemas of a keyword that is a list of them.
    pub(super) fn branches(self, keyword: &str) -> impl Iterator<Item = Place<'s>> {
        let list = self.get(keyword).and_then(Doc::as_list).unwrap_or_default();
        list.iter().map(move |node| self.at(node))
    }

    /// The types that are allowed; none named allows all.
    pub(super) fn types(self) -> Vec<&'s str> {
        match self.get("type") {
            Some(one) if one.as_str().is_some() => one.as_str().into_iter().collect(),
            Some(list) => {
                list.as_list().unwrap_or_default().iter().filter_map(Doc::as_str).collect()
            }
            None => Vec::new(),
        }
    }

    /// Follows references to what is meant.
    pub(super) fn meaning(self) -> Meaning<'s> {
        let mut place = self;
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = place.text("$ref") else { return Meaning::Schema(place) };
            if let Some(name) = definition(reference) {
                return Meaning::Kubernetes(name);
            }
            let target = reference.strip_prefix('#').and_then(|pointer| self.look_up(pointer));
            match target {
                Some(node) => place = self.at(node),
                None => return Meaning::Anything,
            }
        }
        Meaning::Anything
    }

    fn look_up(self, pointer: &str) -> Option<&'s Doc> {
        let steps = pointer.split('/').skip(1);
        steps.map(|step| step.replace("~1", "/").replace("~0", "~")).try_fold(
            self.root,
            |node, step| match &node.node {
                Node::List(items) => items.get(step.parse::<usize>().ok()?),
                _ => node.get(&step),
            },
        )
    }

    /// The default, here or where a reference leads.
    pub(super) fn default(self) -> Option<&'s Doc> {
        self.get("default").or_else(|| match self.meaning() {
            Meaning::Schema(place) => place.get("default"),
            _ => None,
        })
    }

    /// Whether null is a value like any other: allowed by name, or not forbidden at all.
    pub(super) fn allows_null(self) -> bool {
        match self.meaning() {
            Meaning::Schema(place) => {
                let types = place.types();
                let choices = place.get("enum").and_then(Doc::as_list);
                let branches = || place.branches("anyOf").chain(place.branches("oneOf"));
                if choices.is_some_and(|choices| choices.iter().any(Doc::is_null)) {
                    return true;
                }
                types.contains(&"null")
                    || branches().any(Place::allows_null)
                    || types.is_empty() && choices.is_none() && branches().next().is_none()
            }
            Meaning::Kubernetes(_) => false,
            Meaning::Anything => true,
        }
    }

    /// Whether keys that are not named are refused: said so, or properties are listed and
    /// nothing is said.
    pub(super) fn is_closed(self) -> bool {
        match self.get("additionalProperties") {
            Some(extra) => extra.as_bool() == Some(false),
            None => {
                let composed = ["allOf", "anyOf", "oneOf", "if", "patternProperties", "$ref"];
                self.get("properties").is_some()
                    && composed.iter().all(|keyword| self.get(keyword).is_none())
            }
        }
    }
}
