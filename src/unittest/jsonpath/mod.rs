//! The paths of assertions: the JSONPath dialect of yaml-jsonpath.
//!
//! A path is parsed once ([`parse`]) and then followed from the root of a document. Several
//! nodes may match; they come in the order of the document, map keys in the order in which yaml
//! v3 writes them. Blind to charts and assertions.

mod filter;
mod parse;
mod slice;

use crate::yaml::any::Any;
use filter::Filter;
use slice::Slice;

/// A parsed path.
#[derive(Debug)]
pub(super) struct Path {
    steps: Vec<Step>,
}

/// One step from a node to others.
#[derive(Debug)]
enum Step {
    /// To the members of these names.
    Children(Vec<String>),
    /// To every member or item.
    AllChildren,
    /// To the node itself and everything below it, keys included.
    Descend,
    /// To items of a list; `[*]` also to the members of a map.
    Items(Vec<Slice>),
    /// To items of a list, or the node itself, that pass a test.
    Filter(Filter),
    /// To the node itself, if it passes a test.
    FilterSelf(Filter),
    /// To the keys of these names.
    Keys(Vec<String>),
    /// To every key.
    AllKeys,
}

impl Path {
    /// Parses a path; the empty one is the root.
    ///
    /// Errors: yaml-jsonpath's sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        parse::path(text)
    }

    /// The nodes that match below `root`.
    pub(super) fn find<'a>(&self, root: &'a Any) -> Vec<&'a Any> {
        self.find_from(root, root)
    }

    fn find_from<'a>(&self, node: &'a Any, root: &'a Any) -> Vec<&'a Any> {
        let mut found = Vec::new();
        follow(&self.steps, node, root, &mut found);
        found
    }
}

fn follow<'a>(steps: &[Step], node: &'a Any, root: &'a Any, found: &mut Vec<&'a Any>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(node);
        return;
    };
    let mut next = |node| follow(rest, node, root, found);
    match (step, node) {
        (Step::Children(names), Any::Map(map)) => {
            for name in names {
                let named = map.entries().iter().filter(|entry| is_named(&entry.key, name));
                named.for_each(|entry| next(&entry.value));
            }
        }
        (Step::Keys(names), Any::Map(map)) => {
            for name in names {
                let named = map.entries().iter().filter(|entry| is_named(&entry.key, name));
                named.for_each(|entry| next(&entry.key));
            }
        }
        (Step::AllKeys, Any::Map(map)) => map.entries().iter().for_each(|it| next(&it.key)),
        (Step::AllChildren, Any::Map(map)) => map.entries().iter().for_each(|it| next(&it.value)),
        (Step::AllChildren, Any::List(items)) => items.iter().for_each(next),
        (Step::Descend, _) => descend(node, &mut next),
        (Step::Items(slices), Any::Map(map)) if Slice::is_all(slices) => {
            map.entries().iter().for_each(|entry| next(&entry.value));
        }
        (Step::Items(slices), Any::List(items)) => {
            let indices = slices.iter().flat_map(|slice| slice.indices(items.len()));
            indices.for_each(|index| next(&items[index]));
        }
        (Step::Filter(filter), Any::List(items)) => {
            items.iter().filter(|item| filter.accepts(item, root)).for_each(next);
        }
        (Step::Filter(filter) | Step::FilterSelf(filter), _) => {
            if filter.accepts(node, root) {
                next(node);
            }
        }
        _ => {}
    }
}

fn is_named(key: &Any, name: &str) -> bool {
    key.scalar_text().is_some_and(|text| text == name)
}

fn descend<'a>(node: &'a Any, next: &mut impl FnMut(&'a Any)) {
    next(node);
    match node {
        Any::Map(map) => {
            for entry in map.entries() {
                next(&entry.key);
                descend(&entry.value, next);
            }
        }
        Any::List(items) => items.iter().for_each(|item| descend(item, next)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::any_read::read_first;
    use crate::yaml::emit_pretty::any_to_yaml;

    const DOCUMENT: &str = "\
metadata:
  labels: {app.kubernetes.io/name: x, b: w, 'it''s': q}
spec:
  ports:
    - {name: http, port: 80}
    - {name: https, port: 443, tls: true}
    - {name: debug, port: 8080.5}
  1: one
";

    fn find(path: &str) -> String {
        let document = read_first(DOCUMENT).unwrap().unwrap();
        let path = match Path::parse(path) {
            Ok(path) => path,
            Err(error) => return error,
        };
        let found = path.find(&document);
        found
            .iter()
            .map(|any| any_to_yaml(any).trim().replace('\n', ";"))
            .collect::<Vec<_>>()
            .join("|")
    }

    #[test]
    fn steps() {
        for (path, want) in [
            ("metadata.labels.b", "w"),
            ("$.metadata.labels['app.kubernetes.io/name']", "x"),
            ("$[ 'metadata' ].labels[\"app.kubernetes.io/name\" , 'b' ]", "x|w"),
            ("metadata.labels['it\\'s']", "q"),
            ("metadata.labels.*", "x|w|q"),
            ("metadata.labels[*]", "x|w|q"),
            ("spec.1", "one"),
            ("spec.ports[0].name", "http"),
            ("spec.ports[-1].name", "debug"),
            ("spec.ports[0:2].port", "80|443"),
            ("spec.ports[::-1].name", "debug|https|http"),
            ("spec.ports[0,2].name", "http|debug"),
            ("spec.ports[7].name", ""),
            ("..port", "80|443|8080.5"),
            ("spec..name", "http|https|debug"),
            ("metadata.labels.b~", "b"),
            ("metadata.labels[*]~", "app.kubernetes.io/name|b|it's"),
            ("nothing.here", ""),
        ] {
            assert_eq!(find(path), want, "{path}");
        }
    }

    #[test]
    fn filters() {
        for (path, want) in [
            ("spec.ports[?(@.name=='http')].port", "80"),
            ("spec.ports[?(@.name == \"https\" && @.tls)].port", "443"),
            ("spec.ports[?(@.port >= 443)].name", "https|debug"),
            ("spec.ports[?(!(@.tls))].name", "http|debug"),
            ("spec.ports[?(@.name=~/^http/ || @.port > 8000)].port", "80|443|8080.5"),
            ("spec.ports[?(@.tls == true)].name", "https"),
            ("spec.ports[?(@.name != 'http')].name", "https|debug"),
            ("$.spec.ports[?(@.name == $.metadata.labels.b)]", ""),
            ("metadata.labels[?(@.b == 'w')].b", "w"),
            ("..[?(@.port == 80)].name", "http"),
        ] {
            assert_eq!(find(path), want, "{path}");
        }
    }

    #[test]
    fn errors() {
        for (path, want) in [
            ("a b", "invalid character ' ' at position 1, following \"a\""),
            ("a.", "child name missing at position 2, following \"a.\""),
            ("a[", "unmatched [ at position 2, following \"a[\""),
            ("a[x]", "invalid array index [x] before position 4: non-integer array index"),
            ("a[?(@.x]", "missing end of filter at position 8"),
        ] {
            let found = find(path);
            assert!(found.starts_with(want), "{path}: {found}");
        }
    }
}
