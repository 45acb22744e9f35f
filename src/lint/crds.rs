//! Rules for the `crds` folder.

use super::templates::{Object, unread};
use super::{Linter, rule};
use crate::chart::load;
use crate::host::FileKind;
use crate::source::Sources;
use crate::yaml::documents::documents;

const FOLDER: &str = "crds/";

impl Linter<'_> {
    pub(super) fn crds(&mut self) {
        let Some(kind) = self.kind_of("crds") else { return };
        let found = if kind == FileKind::Dir { Ok(()) } else { Err("not a directory".into()) };
        if !self.check(&rule::CRD_FOLDER, FOLDER, found) {
            return;
        }
        let folder = self.folder.clone();
        let loaded = load::load_any(self.host, &Sources::new(), &folder, self.log);
        let chart = match loaded {
            Ok(chart) => chart,
            Err(why) => {
                self.check(&rule::CRD_FOLDER, FOLDER, Err(why.message().to_string()));
                return;
            }
        };
        for crd in chart.crds() {
            for text in documents(&crd.file.data) {
                let object = match text.map_err(unread).and_then(Object::read) {
                    Ok(Some(object)) => object,
                    Ok(None) => continue,
                    Err(why) => {
                        self.check(&rule::CRD_YAML, &crd.file.name, Err(why));
                        return;
                    }
                };
                let found = if object.api_version.starts_with("apiextensions.k8s.io") {
                    Ok(())
                } else {
                    Err("apiVersion is not in 'apiextensions.k8s.io'".into())
                };
                self.check(&rule::CRD_KIND, &crd.file.name, found);
                let found = if object.kind == "CustomResourceDefinition" {
                    Ok(())
                } else {
                    Err("object kind is not 'CustomResourceDefinition'".into())
                };
                self.check(&rule::CRD_KIND, &crd.file.name, found);
            }
        }
    }
}
