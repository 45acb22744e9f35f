//! Custom resources that a chart stands for.
//!
//! A chart says in its annotations which resource its values are the spec of, and what that must
//! hold:
//!
//! ```yaml
//! annotations:
//!   rhumb.dev/stands-for: ojs.openjobspec.dev/v1alpha1/OJSWorker
//!   rhumb.dev/requires: clusterRef, jobTypes, image
//! ```
//!
//! Blind to templates.

use super::Metadata;
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::Doc;
use crate::doc::decode::Problem;

/// The annotation that names the resource: `group/version/Kind`.
pub const STANDS_FOR: &str = "rhumb.dev/stands-for";

/// The annotation that lists, with commas between, the dotted paths that the spec must hold.
pub const REQUIRES: &str = "rhumb.dev/requires";

/// A kind of custom resource, as a chart describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custom {
    /// `group/version`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// Dotted paths that the spec must hold.
    pub requires: Vec<String>,
}

/// What may stand at the root of a resource.
pub const ROOT: [&str; 5] = ["apiVersion", "kind", "metadata", "spec", "status"];

impl Custom {
    /// What a chart stands for, if anything.
    ///
    /// # Errors
    /// An annotation that is not `group/version/Kind`.
    pub fn of(metadata: &Metadata) -> Result<Option<Self>> {
        let annotation = |name: &str| {
            let mut all = metadata.annotations.iter().flatten();
            all.find(|(key, _)| key.as_str() == name).map(|(_, value)| value.as_str())
        };
        let Some(text) = annotation(STANDS_FOR) else { return Ok(None) };
        let parts: Vec<_> = text.split('/').map(str::trim).collect();
        let [group, version, kind] = parts[..] else {
            let message = format!(
                "Chart.yaml of {}: annotation {STANDS_FOR} must read group/version/Kind, not {text:?}",
                metadata.name
            );
            return Err(Fault::new(FaultKind::Chart, message));
        };
        let requires = annotation(REQUIRES).unwrap_or_default().split(',');
        Ok(Some(Custom {
            api_version: format!("{group}/{version}"),
            kind: kind.to_owned(),
            requires: requires
                .map(str::trim)
                .filter(|path| !path.is_empty())
                .map(str::to_owned)
                .collect(),
        }))
    }

    /// Whether a document is such a resource.
    pub fn describes(&self, doc: &Doc) -> bool {
        let is = |key: &str, text: &str| doc.get(key).and_then(Doc::as_str) == Some(text);
        is("apiVersion", &self.api_version) && is("kind", &self.kind)
    }

    /// What is wrong with the shape of such a resource: the values in its spec are the chart's to
    /// check.
    pub fn problems(&self, doc: &Doc) -> Vec<Problem> {
        let mut found = Vec::new();
        for (key, item) in doc.as_map().into_iter().flatten() {
            if !ROOT.contains(&&**key) {
                found.push(Problem {
                    path: key.to_string(),
                    span: item.span,
                    message: "unknown key".to_owned(),
                    hint: Some("what belongs to metadata or spec is indented below it".to_owned()),
                });
            }
        }
        for path in ["metadata.name", "spec"] {
            found.extend(self.missing(doc, path, path));
        }
        // A spec that is not there lacks everything; one word is enough.
        if let Some(spec) = doc.get("spec").filter(|spec| !spec.is_null()) {
            found.extend(self.missing_values(spec));
        }
        found
    }

    /// What a spec lacks; the paths begin with `spec`.
    pub fn missing_values(&self, spec: &Doc) -> Vec<Problem> {
        let missing = |path: &String| self.missing(spec, path, &format!("spec.{path}"));
        self.requires.iter().filter_map(missing).collect()
    }

    /// A problem when nothing stands at a path of a document.
    fn missing(&self, doc: &Doc, path: &str, shown: &str) -> Option<Problem> {
        let mut last = doc;
        let is_there = path.split('.').all(|step| match last.get(step) {
            Some(next) => {
                last = next;
                true
            }
            None => false,
        });
        let is_empty = last.is_null()
            || last.as_str() == Some("")
            || last.as_list().is_some_and(<[Doc]>::is_empty);
        (!is_there || is_empty).then(|| Problem {
            path: shown.to_owned(),
            span: last.span,
            message: format!("is required: every {} has one", self.kind),
            hint: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn worker() -> Custom {
        let annotations = [
            (STANDS_FOR, "ojs.openjobspec.dev/v1alpha1/OJSWorker"),
            (REQUIRES, "clusterRef, jobTypes, code.image"),
        ];
        let annotations = annotations.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let mut metadata = Metadata::default();
        metadata.annotations = Some(annotations.into_iter().collect());
        Custom::of(&metadata).unwrap().unwrap()
    }

    #[test]
    fn what_is_missing_is_named() {
        let head = "apiVersion: ojs.openjobspec.dev/v1alpha1\nkind: OJSWorker\n";
        for (text, expected) in [
            ("metadata:\nname: a\nspec:\n", "name, metadata.name, spec"),
            (
                "metadata: {name: a}\nspec: {jobTypes: []}\n",
                "spec.clusterRef, spec.jobTypes, spec.code.image",
            ),
            ("metadata: {name: a}\nspec: {clusterRef: a, jobTypes: [b], code: {image: c}}\n", ""),
        ] {
            let text = format!("{head}{text}");
            let doc = crate::yaml::read::parse(text.as_bytes(), SourceId::NONE).unwrap();
            assert!(worker().describes(&doc));
            let paths: Vec<_> =
                worker().problems(&doc).into_iter().map(|problem| problem.path).collect();
            assert_eq!(paths.join(", "), expected);
        }
    }

    #[test]
    fn charts_without_or_with_odd_annotations() {
        assert_eq!(Custom::of(&Metadata::default()).unwrap(), None);
        let annotations = [(STANDS_FOR.to_owned(), "OJSWorker".to_owned())].into_iter().collect();
        let mut metadata = Metadata::default();
        metadata.annotations = Some(annotations);
        assert!(Custom::of(&metadata).unwrap_err().message().contains("group/version/Kind"));
    }
}
