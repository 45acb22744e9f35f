//! `--schema-location`: folders of JSON schemas and definitions, in the ways that people coming
//! from other validators have them.

use std::path::{Path, PathBuf};

use super::Failure;
use super::validate::{could_not_run, files, read_definitions};
use crate::doc::Doc;
use crate::host::{FileKind, Host};
use crate::kube::custom::Customs;
use crate::kube::folder::structural;
use crate::render::text_template;
use crate::source::{SourceId, Sources};

/// One place that schemas come from.
#[derive(Debug)]
enum Location {
    /// What is built in.
    BuiltIn,
    /// A folder, in one of the known layouts.
    Folder(PathBuf),
    /// A Go template of a path.
    Template(String),
}

/// What the template of a path may name.
struct Wanted<'a> {
    api_version: &'a str,
    kind: String,
    kubernetes: &'a str,
    strict: bool,
}

impl Wanted<'_> {
    fn group(&self) -> &str {
        self.api_version.split('/').next().unwrap_or_default()
    }

    fn version(&self) -> &str {
        self.api_version.rsplit('/').next().unwrap_or_default()
    }

    /// The first part of the group and the version: `-networking-v1`.
    fn suffix(&self) -> String {
        let group = self.group().split('.').next().unwrap_or_default().to_lowercase();
        match self.api_version.split_once('/') {
            Some((_, version)) => format!("-{group}-{}", version.to_lowercase()),
            None => format!("-{group}"),
        }
    }

    /// Where a folder may hold the schema, the likeliest place first.
    fn paths(&self) -> Vec<String> {
        let (kind, suffix) = (&self.kind, self.suffix());
        let (group, version, release) = (self.group(), self.version(), self.kubernetes);
        let standalone = |strict| format!("{release}-standalone{strict}/{kind}{suffix}.json");
        let mut paths = vec![standalone("-strict"), standalone("")];
        if !self.strict {
            paths.reverse();
        }
        paths.push(format!("{group}/{kind}_{version}.json"));
        paths.push(format!("{kind}{suffix}.json"));
        paths.push(format!("{kind}_{version}.json"));
        paths.push(format!("{kind}-{group}-{version}.json"));
        paths
    }
}

/// Reads the schemas of the kinds that occur, and adds them to the custom kinds.
///
/// `kinds` are pairs of apiVersion and kind; `release` is the Kubernetes version that templates
/// of paths see, with its `v`.
///
/// Errors: a place that is no folder and no template of one, an address on the network, a schema
/// that is no JSON.
pub(super) fn add(
    locations: &[String],
    kinds: &[(String, String)],
    release: &str,
    strict: bool,
    customs: &mut Customs,
    host: &dyn Host,
    sources: &Sources,
) -> Result<(), Failure> {
    let mut places = Vec::new();
    for text in locations {
        places.push(location(text, host)?);
    }
    for place in &places {
        if let Location::Folder(folder) = place {
            definitions(folder, customs, host, sources)?;
        }
    }
    for (api_version, kind) in kinds {
        let kind_lower = kind.to_lowercase();
        let wanted = Wanted { api_version, kind: kind_lower, kubernetes: release, strict };
        let mut before_built_in = true;
        for place in &places {
            let paths = match place {
                Location::BuiltIn => {
                    before_built_in = false;
                    continue;
                }
                Location::Folder(folder) => {
                    wanted.paths().iter().map(|path| folder.join(path)).collect()
                }
                Location::Template(text) => vec![expand(text, &wanted, host)?],
            };
            let is_file = |path: &&PathBuf| {
                host.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::File)
            };
            if let Some(path) = paths.iter().find(is_file) {
                let schema = schema(path, host)?;
                customs.add_schema(api_version, kind, schema, before_built_in);
                break;
            }
        }
    }
    Ok(())
}

fn location(text: &str, host: &dyn Host) -> Result<Location, Failure> {
    if text == "default" {
        return Ok(Location::BuiltIn);
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return Err(could_not_run(format!(
            "--schema-location {text}: rhumb never uses the network; download the schemas and \
             name their folder (what Kubernetes and the Prometheus operator define is built in)"
        )));
    }
    if text.contains("{{") {
        return Ok(Location::Template(text.to_owned()));
    }
    match host.stat(Path::new(text), true) {
        Ok(stat) if stat.kind == FileKind::Dir => Ok(Location::Folder(PathBuf::from(text))),
        Ok(_) => Err(could_not_run(format!(
            "--schema-location {text}: neither a folder nor a template such as \
             DIR/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json"
        ))),
        Err(error) => Err(could_not_run(format!("--schema-location {text}: {error}"))),
    }
}

/// Custom resource definitions that lie in a folder as YAML.
fn definitions(
    folder: &Path,
    customs: &mut Customs,
    host: &dyn Host,
    sources: &Sources,
) -> Result<(), Failure> {
    for path in files(folder, host)? {
        if path.extension().is_some_and(|end| !end.eq_ignore_ascii_case("json")) {
            read_definitions(&path, customs, host, sources)?;
        }
    }
    Ok(())
}

fn expand(text: &str, wanted: &Wanted<'_>, host: &dyn Host) -> Result<PathBuf, Failure> {
    let suffix = wanted.suffix();
    let fields = [
        ("NormalizedKubernetesVersion", wanted.kubernetes),
        ("StrictSuffix", if wanted.strict { "-strict" } else { "" }),
        ("ResourceKind", &wanted.kind),
        ("ResourceAPIVersion", wanted.version()),
        ("Group", wanted.group()),
        ("KindSuffix", &suffix),
    ];
    let path = text_template(host, text, &fields)
        .map_err(|fault| could_not_run(format!("--schema-location {text}: {fault}")))?;
    Ok(PathBuf::from(String::from_utf8_lossy(&path).into_owned()))
}

/// The schema of a file; its references may lead to files beside it.
fn schema(path: &Path, host: &dyn Host) -> Result<Doc, Failure> {
    let failed = |error: String| could_not_run(format!("{}: {error}", path.display()));
    let text = host.read(path).map_err(|error| failed(error.to_string()))?;
    let doc = crate::json::read::parse(&text, SourceId::NONE)
        .map_err(|fault| failed(fault.to_string()))?;
    let beside = |name: &str| {
        // Only plain names: a schema has no business elsewhere on the disk.
        let plain = !name.contains(['/', '\\']) && !name.is_empty();
        let text = plain.then(|| host.read(&path.with_file_name(name)).ok()).flatten()?;
        crate::json::read::parse(&text, SourceId::NONE).ok()
    };
    Ok(structural(&doc, &beside))
}
