//! Rules for Chart.yaml.

use std::sync::LazyLock;

use regex::Regex;

use super::{Linter, mail, rule};
use crate::chart::Metadata;
use crate::diag::io::read_error;
use crate::doc::{Doc, Node};
use crate::golang::quote::quote;
use crate::golang::semver::{Constraints, Version};
use crate::golang::url::Url;
use crate::host::FileKind;
use crate::source::{SourceId, line_col};
use crate::yaml::read::parse_noting_duplicates;

const FILE: &str = "Chart.yaml";

impl Linter<'_> {
    pub(super) fn chartfile(&mut self) {
        let is_folder = self.kind_of(FILE) == Some(FileKind::Dir);
        let found =
            if is_folder { Err("should be a file, not a directory".into()) } else { Ok(()) };
        self.check(&rule::CHART_FILE, FILE, found);
        let path = self.folder.join(FILE);
        let bytes = self.host.read(&path).map_err(|error| read_error(&path, &error));
        let read = bytes.and_then(|bytes| {
            let parsed = parse_noting_duplicates(&bytes, SourceId::NONE);
            let parsed = parsed.map_err(|fault| fault.context("error converting YAML to JSON"));
            let (doc, twice) = parsed.map_err(|fault| fault.message().to_string())?;
            let mut metadata = Metadata::default();
            metadata.decode(&doc).map_err(|fault| fault.message().to_string())?;
            let twice: Vec<String> = twice
                .iter()
                .map(|it| {
                    let line = line_col(&bytes, it.second.start as usize).line;
                    let key = quote(it.key.as_bytes());
                    format!("  line {line}: key {key} already set in map")
                })
                .collect();
            Ok((doc, metadata, twice))
        });
        let (doc, chart, twice) = match read {
            Ok(read) => read,
            Err(why) => {
                let text = Err(format!("unable to parse YAML\n\t{why}"));
                self.check(&rule::CHART_FILE, FILE, text);
                return;
            }
        };
        self.check(&rule::CHART_STRICT, FILE, strict(&doc, &twice));
        self.check(&rule::CHART_NAME, FILE, name(&chart));
        self.check(&rule::CHART_API_VERSION, FILE, api_version(&chart));
        self.check(&rule::CHART_VERSION, FILE, is_text(&doc, "version"));
        self.check(&rule::CHART_VERSION, FILE, version(&chart));
        self.check(&rule::CHART_APP_VERSION, FILE, is_text(&doc, "appVersion"));
        self.check(&rule::CHART_MAINTAINERS, FILE, maintainers(&doc, &chart));
        self.check(&rule::CHART_SOURCES, FILE, sources(&chart));
        let icon = if chart.icon.is_empty() { Err("icon is recommended".into()) } else { Ok(()) };
        self.check(&rule::CHART_ICON, FILE, icon);
        let is_bad = !chart.icon.is_empty() && !is_request_url(&chart.icon);
        let icon = if is_bad { Err(format!("invalid icon URL '{}'", chart.icon)) } else { Ok(()) };
        self.check(&rule::CHART_ICON_URL, FILE, icon);
        let is_v2 = chart.api_version == "v2";
        let kind = if !chart.kind.is_empty() && !is_v2 {
            Err(format!(
                "chart type is not valid in apiVersion '{}'. It is valid in apiVersion 'v2'",
                chart.api_version
            ))
        } else {
            Ok(())
        };
        self.check(&rule::CHART_TYPE, FILE, kind);
        let dependencies = if chart.dependencies.iter().flatten().next().is_some() && !is_v2 {
            Err(format!(
                "dependencies are not valid in the Chart file with apiVersion '{}'. They are \
                 valid in apiVersion 'v2'",
                chart.api_version
            ))
        } else {
            Ok(())
        };
        self.check(&rule::CHART_DEPENDENCIES, FILE, dependencies);
        let strict = Version::parse_strict(&chart.version)
            .map(|_| ())
            .map_err(|_| format!("version '{}' is not a valid SemVerV2", chart.version));
        self.check(&rule::CHART_SEMVER, FILE, strict);
    }
}

/// Keys that are set twice, else the first that Helm does not know.
fn strict(doc: &Doc, twice: &[String]) -> Result<(), String> {
    let failed = "failed to strictly parse chart metadata file\n\t";
    if !twice.is_empty() {
        return Err(format!(
            "{failed}error converting YAML to JSON: yaml: unmarshal errors:\n{}",
            twice.join("\n")
        ));
    }
    match unknown_field(doc, METADATA) {
        Some(name) => {
            let name = quote(name.as_bytes());
            Err(format!(
                "{failed}error unmarshaling JSON: while decoding JSON: json: unknown field {name}"
            ))
        }
        None => Ok(()),
    }
}

const METADATA: &[&str] = &[
    "name",
    "home",
    "sources",
    "version",
    "description",
    "keywords",
    "maintainers",
    "icon",
    "apiVersion",
    "condition",
    "tags",
    "appVersion",
    "deprecated",
    "annotations",
    "kubeVersion",
    "dependencies",
    "type",
];
const MAINTAINER: &[&str] = &["name", "email", "url"];
const DEPENDENCY: &[&str] =
    &["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];

/// The first key, in the order of Go's JSON, that is no field.
fn unknown_field<'a>(doc: &'a Doc, fields: &[&str]) -> Option<&'a str> {
    let mut members: Vec<_> = doc.as_map()?.iter().collect();
    members.sort_by(|a, b| a.0.cmp(b.0));
    members.into_iter().find_map(|(key, item)| {
        let known = fields.iter().find(|field| field.eq_ignore_ascii_case(key));
        let below = match known {
            None => return Some(&**key),
            Some(&"maintainers") => MAINTAINER,
            Some(&"dependencies") => DEPENDENCY,
            Some(_) => return None,
        };
        item.as_list()?.iter().find_map(|item| unknown_field(item, below))
    })
}

fn is_text(doc: &Doc, key: &str) -> Result<(), String> {
    let kind = match doc.get(key).map(|item| &item.node) {
        None | Some(Node::Str(_)) => return Ok(()),
        Some(Node::Null) => "<nil>",
        Some(Node::Bool(_)) => "bool",
        Some(Node::Int(_) | Node::Int64(_) | Node::Float(_)) => "float64",
        Some(Node::List(_)) => "[]interface {}",
        Some(Node::Map(_)) => "map[string]interface {}",
    };
    Err(format!("{key} should be of type string but it's of type {kind}"))
}

fn name(chart: &Metadata) -> Result<(), String> {
    if chart.name.is_empty() {
        return Err("name is required".into());
    }
    let trimmed = chart.name.trim_end_matches('/');
    let base = if trimmed.is_empty() { "/" } else { trimmed };
    let base = base.rsplit('/').next().filter(|base| !base.is_empty()).unwrap_or("/");
    if base == chart.name {
        return Ok(());
    }
    Err(format!("chart name {} is invalid", quote(chart.name.as_bytes())))
}

fn api_version(chart: &Metadata) -> Result<(), String> {
    match chart.api_version.as_str() {
        "" => Err("apiVersion is required. The value must be either \"v1\" or \"v2\"".into()),
        "v1" | "v2" => Ok(()),
        other => Err(format!(
            "apiVersion '{other}' is not valid. The value must be either \"v1\" or \"v2\""
        )),
    }
}

fn version(chart: &Metadata) -> Result<(), String> {
    if chart.version.is_empty() {
        return Err("version is required".into());
    }
    let Ok(version) = Version::parse(&chart.version) else {
        return Err(format!("version '{}' is not a valid SemVer", chart.version));
    };
    match Constraints::parse(">0.0.0-0") {
        Ok(range) if !range.check(&version) => {
            Err(format!("version {} is less than or equal to 0.0.0-0", chart.version))
        }
        _ => Ok(()),
    }
}

fn maintainers(doc: &Doc, chart: &Metadata) -> Result<(), String> {
    let entries = doc.get("maintainers").and_then(Doc::as_list).unwrap_or_default();
    for (at, person) in chart.maintainers.iter().enumerate() {
        let name = &person.name;
        if entries.get(at).is_some_and(Doc::is_null) {
            return Err("a maintainer entry is empty".into());
        }
        if name.is_empty() {
            return Err("each maintainer requires a name".into());
        }
        if !person.email.is_empty() && !mail::is_email(&person.email) {
            return Err(format!("invalid email '{}' for maintainer '{name}'", person.email));
        }
        if !person.url.is_empty() && !is_url(&person.url) {
            return Err(format!("invalid url '{}' for maintainer '{name}'", person.url));
        }
    }
    Ok(())
}

fn sources(chart: &Metadata) -> Result<(), String> {
    match chart.sources.iter().find(|source| !is_request_url(source)) {
        Some(source) => Err(format!("invalid source URL '{source}'")),
        None => Ok(()),
    }
}

/// An address that a request could be sent to: it parses, and has a scheme.
fn is_request_url(text: &str) -> bool {
    !text.is_empty()
        && Url::parse(text.split('#').next().unwrap_or(text).as_bytes())
            .is_ok_and(|url| !url.scheme.is_empty() && url.opaque.is_empty())
}

/// What people write for an address: the scheme may be missing.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^((ftp|tcp|udp|wss?|https?)://)?(\S+(:\S*)?@)?((\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])|(([\p{L}\p{N}]([\p{L}\p{N}_-]*[\p{L}\p{N}])?)(\.[\p{L}\p{N}]([\p{L}\p{N}_-]*[\p{L}\p{N}])?)*))\.?(:\d{1,5})?((/|\?|#)\S*)?$",
    )
    .expect("a fixed pattern")
});

fn is_url(text: &str) -> bool {
    if text.chars().count() >= 2083 || text.len() <= 3 || text.starts_with('.') {
        return false;
    }
    let schemeless = text.contains(':') && !text.contains("://");
    let with_scheme = if schemeless { format!("http://{text}") } else { text.to_string() };
    let Ok(url) = Url::parse(with_scheme.as_bytes()) else { return false };
    if url.host.starts_with(b".")
        || (url.host.is_empty() && !url.path.is_empty() && !url.path.contains(&b'.'))
    {
        return false;
    }
    ADDRESS.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["https://a.b/c", "a.bc", "http://localhost:80/x?y", "github.com/x", "a.b:80"] {
            assert!(is_url(good), "{good}");
        }
        for bad in ["::", "x", "http://", "not an url", ".a.b"] {
            assert!(!is_url(bad), "{bad}");
        }
        assert!(!is_request_url("nourl"));
    }
}
