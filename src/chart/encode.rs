//! Metadata and locks back to text: the fields of Helm's structs under their JSON names, empty
//! ones left out where Helm leaves them out.

use crate::doc::members::{Members, sorted};
use crate::doc::{Doc, DocMap};
use crate::yaml::emit::doc_to_yaml;

use super::{Dependency, ImportValue, Lock, Maintainer, Metadata};

impl Metadata {
    /// The fields as a document.
    pub fn to_doc(&self) -> Doc {
        let mut members = Members::default();
        members.text("name", &self.name);
        members.text("home", &self.home);
        members.texts("sources", &self.sources);
        members.text("version", &self.version);
        members.text("description", &self.description);
        members.texts("keywords", &self.keywords);
        members.list("maintainers", self.maintainers.iter().map(Maintainer::to_doc).collect());
        members.text("icon", &self.icon);
        members.text("apiVersion", &self.api_version);
        members.text("condition", &self.condition);
        members.text("tags", &self.tags);
        members.text("appVersion", &self.app_version);
        members.flag("deprecated", self.deprecated);
        let annotations = self.annotations.iter().flatten();
        let annotations: DocMap = annotations
            .map(|(name, text)| (name.as_str().into(), Doc::str(text.as_str())))
            .collect();
        if !annotations.is_empty() {
            members.put("annotations", Doc::map(annotations));
        }
        members.text("kubeVersion", &self.kube_version);
        let dependencies = self.dependencies.iter().flatten();
        members.list("dependencies", dependencies.map(Dependency::to_doc).collect());
        members.text("type", &self.kind);
        members.doc()
    }

    /// `Chart.yaml` as Helm writes it.
    pub fn to_yaml(&self) -> Vec<u8> {
        doc_to_yaml(&self.to_doc(), false)
    }
}

impl Maintainer {
    fn to_doc(&self) -> Doc {
        let mut members = Members::default();
        members.text("name", &self.name);
        members.text("email", &self.email);
        members.text("url", &self.url);
        members.doc()
    }
}

impl Dependency {
    /// The fields as a document, in the order of Helm's struct.
    pub fn to_doc(&self) -> Doc {
        let mut members = Members::default();
        members.put("name", Doc::str(self.name.as_str()));
        members.text("version", &self.version);
        members.put("repository", Doc::str(self.repository.as_str()));
        members.text("condition", &self.condition);
        members.texts("tags", &self.tags);
        members.flag("enabled", self.enabled);
        members.list("import-values", self.import_values.iter().map(ImportValue::to_doc).collect());
        members.text("alias", &self.alias);
        members.doc()
    }
}

impl ImportValue {
    fn to_doc(&self) -> Doc {
        match self {
            ImportValue::Raw(doc) => sorted(doc),
            ImportValue::Pair { child, parent } => {
                let mut members = Members::default();
                members.put("child", Doc::str(child.as_str()));
                members.put("parent", Doc::str(parent.as_str()));
                members.doc()
            }
        }
    }
}

impl Lock {
    /// A lock file as Helm writes it.
    pub fn to_yaml(&self) -> Vec<u8> {
        let mut members = Members::default();
        members.put("generated", Doc::str(self.generated.as_str()));
        members.put("digest", Doc::str(self.digest.as_str()));
        let dependencies = self.dependencies.iter().map(Dependency::to_doc).collect();
        members.put("dependencies", Doc::list(dependencies));
        doc_to_yaml(&members.doc(), false)
    }
}
