//! Rules for templates and what they render to.

use super::{Linter, deprecations, names, rule};
use crate::chart::meta::Decoder;
use crate::chart::{Chart, load};
use crate::golang::quote::quote;
use crate::gotpl::RenderOptions;
use crate::host::FileKind;
use crate::manifest::split::trim;
use crate::render::capabilities::Capabilities;
use crate::render::{self, Job, Release, RenderedFile, native};
use crate::source::{SourceId, Sources};
use crate::typed;
use crate::values::{Final, compose_again};
use crate::yaml::documents::documents;
use crate::yaml::read::parse;

const FOLDER: &str = "templates/";

impl Linter<'_> {
    pub(super) fn templates(&mut self) {
        let kind = self.kind_of("templates");
        let found = if kind.is_some() { Ok(()) } else { Err("directory does not exist".into()) };
        if !self.check(&rule::TEMPLATES_FOLDER, FOLDER, found) {
            return;
        }
        let is_folder = kind == Some(FileKind::Dir);
        let found = if is_folder { Ok(()) } else { Err("not a directory".into()) };
        if !self.check(&rule::TEMPLATES, FOLDER, found) {
            return;
        }
        let sources = Sources::new();
        let folder = self.folder.clone();
        let loaded = load::load_any(self.host, &sources, &folder, self.log);
        let mut chart = match loaded {
            Ok(chart) => chart,
            Err(why) => {
                self.check(&rule::TEMPLATES, FOLDER, Err(why.message().to_string()));
                return;
            }
        };
        let Some(files) = self.rendered(&sources, &mut chart) else { return };
        for template in &chart.templates {
            if !self.template(&chart, &template.name, &files) {
                return;
            }
        }
    }

    /// The rendered files; none when there is nothing to go on with.
    fn rendered(&mut self, sources: &Sources, chart: &mut Chart) -> Option<Vec<RenderedFile>> {
        self.is_native = native::is_native(chart);
        let touched = self.touched.as_ref().filter(|_| !self.is_native);
        let composed = crate::values::compose(chart, touched.unwrap_or(self.given), self.log);
        // Helm says nothing of values that do not come together.
        let mut composed = composed.ok()?;
        let mut found = Ok(());
        if self.is_native {
            for advice in crate::models::advice(chart.name(), &composed.values, sources) {
                self.check(&rule::PRODUCTION, "values", Err(advice));
            }
            match typed::check(chart, &composed.values, sources) {
                Ok(checked) => composed = Final::from(checked),
                Err(why) => found = Err(why),
            }
        } else {
            composed = compose_again(chart, &composed.values, self.log).ok()?;
        }
        if found.is_ok() && !self.options.skip_schema_validation {
            let definitions = &typed::Definitions;
            found = crate::values::schema::validate(chart, &composed.values, definitions, self.log);
        }
        if self.options.debug && !self.options.skip_schema_validation {
            crate::values::schema::records(chart, self.log);
        }
        if let Err(why) = found {
            self.check(&rule::TEMPLATES, FOLDER, Err(why.message().to_string()));
            return None;
        }
        let mut capabilities = Capabilities::default();
        if let Some(version) = &self.options.kube_version {
            capabilities.kube_version = version.clone();
        }
        let release = Release {
            name: "test-release".into(),
            namespace: self.options.namespace.clone(),
            revision: 0,
            is_upgrade: false,
            is_install: false,
        };
        let options = RenderOptions { lint_mode: true, ..self.options.render.clone() };
        let job = Job { release, capabilities, options };
        match render::render(self.host, sources, chart, &composed, &job, self.log) {
            Ok(files) => Some(files),
            Err(why) => {
                self.check(&rule::TEMPLATES, FOLDER, Err(why.message().to_string()));
                None
            }
        }
    }

    /// Looks at one template; false when Helm would look no further.
    fn template(&mut self, chart: &Chart, name: &str, files: &[RenderedFile]) -> bool {
        // A Jinja template makes the file that it is named after.
        let made = name.strip_suffix(".j2").unwrap_or(name);
        let base = made.rsplit('/').next().unwrap_or(made);
        let extension = base.rfind('.').map_or("", |at| &base[at..]);
        let is_known = matches!(extension, ".yaml" | ".yml" | ".tpl" | ".txt");
        let found = if is_known || native::is_jinja(name) {
            Ok(())
        } else {
            Err(format!(
                "file extension '{extension}' not valid. Valid extensions are .yaml, .yml, .tpl, \
                 or .txt"
            ))
        };
        self.check(&rule::TEMPLATE_EXTENSION, name, found);
        if !matches!(extension.to_lowercase().as_str(), ".yaml" | ".yml") {
            return true;
        }
        let path = format!("{}/{made}", chart.name());
        let rendered = files.iter().find(|file| file.path == path);
        let text = rendered.map(|file| &*file.text).unwrap_or_default();
        if trim(text).is_empty() {
            return true;
        }
        self.check(&rule::MANIFEST_INDENT, name, top_indent(text));
        for document in documents(text) {
            let object = match document.map_err(unread).and_then(Object::read) {
                Ok(Some(object)) => object,
                Ok(None) => continue,
                Err(why) => {
                    self.check(&rule::MANIFEST_YAML, name, Err(why));
                    return false;
                }
            };
            let kube_version = self.options.kube_version.as_ref();
            let deprecated = deprecations::check(&object.api_version, &object.kind, kube_version);
            self.check(&rule::OBJECT_NAME, name, names::check(&object.kind, &object.name));
            self.check(&rule::DEPRECATED_API, name, deprecated);
            self.check(&rule::SELECTOR, name, selector(&object, text));
            self.check(&rule::LIST_ANNOTATION, name, list_annotations(&object, text));
        }
        true
    }
}

/// What lint knows of an object.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) api_version: String,
    pub(super) kind: String,
    name: String,
}

impl Object {
    /// Reads one document; none for one that says nothing.
    ///
    /// Errors: no YAML, or fields of the wrong kind, in Helm's words.
    pub(super) fn read(text: &[u8]) -> Result<Option<Self>, String> {
        let doc = parse(text, SourceId::NONE)
            .map_err(|fault| unread(fault.context("error converting YAML to JSON").to_string()))?;
        if doc.is_null() {
            return Ok(None);
        }
        let mut object = Object::default();
        let mut decoder = Decoder::default();
        decoder.fields(&doc, "rules.k8sYamlStruct", |decoder, key, item| match key {
            "apiversion" => decoder.text(item, &mut object.api_version),
            "kind" => decoder.text(item, &mut object.kind),
            "metadata" => {
                decoder.fields(item, "rules.k8sYamlMetadata", |decoder, key, item| match key {
                    "name" => decoder.text(item, &mut object.name),
                    "namespace" => decoder.text(item, &mut String::new()),
                    _ => {}
                });
            }
            _ => {}
        });
        decoder.finish().map_err(|fault| unread(fault.to_string()))?;
        Ok(Some(object))
    }
}

/// The complaint about a document that is none.
pub(super) fn unread(why: String) -> String {
    format!("unable to parse YAML: {why}")
}

fn top_indent(text: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(text);
    let first = text.lines().find(|line| !line.trim().is_empty());
    match first.filter(|line| line.starts_with([' ', '\t'])) {
        None => Ok(()),
        Some(line) => Err(format!(
            "document starts with an illegal indent: {}, which may cause parsing problems",
            quote(line.as_bytes())
        )),
    }
}

/// Helm looks for the words anywhere in the file.
fn selector(object: &Object, text: &[u8]) -> Result<(), String> {
    let kind = object.kind.as_str();
    if !matches!(kind, "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet") {
        return Ok(());
    }
    let text = String::from_utf8_lossy(text);
    if text.contains("matchLabels") || text.contains("matchExpressions") {
        return Ok(());
    }
    let name = quote(object.name.as_bytes());
    Err(format!("a {kind} must contain matchLabels or matchExpressions, and {name} does not"))
}

/// Of a file, Helm reads the first document again for every list in it.
fn list_annotations(object: &Object, text: &[u8]) -> Result<(), String> {
    if object.kind != "List" {
        return Ok(());
    }
    let doc = parse(text, SourceId::NONE)
        .map_err(|fault| format!("unable to parse YAML: error converting YAML to JSON: {fault}"))?;
    let items = doc.get("items").and_then(crate::doc::Doc::as_list).unwrap_or_default();
    let is_kept = |item: &crate::doc::Doc| {
        let annotations = item.get("metadata").and_then(|metadata| metadata.get("annotations"));
        annotations.is_some_and(|it| it.get("helm.sh/resource-policy").is_some())
    };
    if items.iter().any(is_kept) {
        return Err("annotation 'helm.sh/resource-policy' within List objects are ignored".into());
    }
    Ok(())
}
