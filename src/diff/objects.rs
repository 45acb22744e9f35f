//! A stream of documents to objects, and the objects of two streams to pairs.

use crate::diag::Result;
use crate::doc::Doc;
use crate::kube::stream;
use crate::source::SourceId;
use crate::yaml::read::parse_part;

/// Which object it is; parts that it lacks are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Id {
    /// Group and version.
    pub api_version: String,
    /// Kind.
    pub kind: String,
    /// Namespace.
    pub namespace: String,
    /// Name, or the beginning of a generated one.
    pub name: String,
}

impl Id {
    fn of(doc: &Doc) -> Self {
        let text = |doc: Option<&Doc>| doc.and_then(Doc::as_str).unwrap_or_default().to_owned();
        let metadata = |key| doc.get("metadata").and_then(|metadata| metadata.get(key));
        Id {
            api_version: text(doc.get("apiVersion")),
            kind: text(doc.get("kind")),
            namespace: text(metadata("namespace")),
            name: text(metadata("name").or_else(|| metadata("generateName"))),
        }
    }

    /// The API group; empty for the core one.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether kind and name agree.
    fn is_namesake(&self, other: &Id) -> bool {
        self.kind == other.kind && self.name == other.name
    }
}

/// `apps/v1 Deployment shop/web`.
impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slash = if self.namespace.is_empty() { "" } else { "/" };
        let name = format!("{}{slash}{}", self.namespace, self.name);
        let parts = [&self.api_version, &self.kind, &name];
        let parts: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        f.write_str(if parts.is_empty() { "document without kind" } else { "" })?;
        f.write_str(&parts.join(" "))
    }
}

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Which one.
    pub id: Id,
    /// Its contents.
    pub doc: Doc,
}

/// The objects of a stream of YAML or JSON documents; lists are taken apart.
///
/// # Errors
/// A document that is no YAML.
pub fn read(text: &[u8], source: SourceId) -> Result<Vec<Object>> {
    let mut objects = Vec::new();
    for (start, end) in stream::split(text) {
        let (doc, _) = parse_part(&text[start..end], source, start)?;
        add(doc, &mut objects);
    }
    Ok(objects)
}

fn add(doc: Doc, objects: &mut Vec<Object>) {
    let is_list = doc.get("kind").and_then(Doc::as_str).is_some_and(|kind| kind.ends_with("List"));
    match doc.get("items").and_then(Doc::as_list).filter(|_| is_list) {
        Some(items) => items.iter().for_each(|item| add(item.clone(), objects)),
        None if doc.is_null() => {}
        None => objects.push(Object { id: Id::of(&doc), doc }),
    }
}

/// Whether two objects are one, by rules from strict to lenient.
const RULES: [fn(&Id, &Id) -> bool; 4] = [
    |a, b| a == b,
    // Another version of the group, then a kind that moved to another group.
    |a, b| a.is_namesake(b) && a.namespace == b.namespace && a.group() == b.group(),
    |a, b| a.is_namesake(b) && a.namespace == b.namespace,
    // A namespace that only one side names.
    |a, b| a.is_namesake(b) && (a.namespace.is_empty() || b.namespace.is_empty()),
];

/// The objects of two sides in pairs: those of the left in its order, then the rest of the right.
pub(super) fn pair(left: &[Object], right: &[Object]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut partners: Vec<Option<usize>> = vec![None; left.len()];
    let mut taken = vec![false; right.len()];
    for same in RULES {
        for (object, partner) in left.iter().zip(&mut partners).filter(|(_, it)| it.is_none()) {
            let free = right
                .iter()
                .zip(&taken)
                .position(|(other, taken)| !taken && same(&object.id, &other.id));
            if let Some(free) = free {
                (*partner, taken[free]) = (Some(free), true);
            }
        }
    }
    let pairs = partners.into_iter().enumerate().map(|(a, b)| (Some(a), b));
    let rest = taken.into_iter().enumerate().filter(|(_, taken)| !taken);
    pairs.chain(rest.map(|(b, _)| (None, Some(b)))).collect()
}
