//! `index.yaml`: the charts of a repository by name and version, newest first.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::chart::Metadata;
use crate::diag::log::field;
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::members::Members;
use crate::doc::{Doc, Node};
use crate::golang::semver::{Constraints, Version};
use crate::source::SourceId;
use crate::yaml::emit::doc_to_yaml;

/// One packaged chart of a repository.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartVersion {
    /// The fields of its Chart.yaml.
    pub metadata: Metadata,
    /// Where its archive is; the first counts.
    pub urls: Vec<String>,
    /// When it was added, as written.
    pub created: String,
    /// SHA-256 of its archive.
    pub digest: String,
    /// Whether it was taken back.
    pub removed: bool,
}

/// What a repository holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    /// When it was made, as written.
    pub generated: String,
    /// Charts by name, each with its versions, newest first.
    pub entries: BTreeMap<String, Vec<ChartVersion>>,
}

impl Index {
    /// Reads an index. Entries that Helm would not take are left out, with a record in `log`.
    ///
    /// `source` names the index in records.
    /// Errors: no YAML or JSON, no `apiVersion`.
    pub fn parse(bytes: &[u8], source: &str, log: &mut Vec<String>) -> Result<Self> {
        if bytes.is_empty() {
            return Err(super::fault("empty index.yaml file"));
        }
        let doc = crate::values::read::single(bytes, SourceId::NONE)?;
        if !doc.is_null() && doc.as_map().is_none() {
            let why = crate::yaml::read::not_a_map(&doc);
            return Err(super::fault(why.replace("map[string]interface {}", "repo.IndexFile")));
        }
        let mut index = Index { generated: text_of(&doc, "generated"), ..Index::default() };
        let entries = doc.get("entries").and_then(Doc::as_map);
        for (name, versions) in entries.into_iter().flatten() {
            let mut known = Vec::new();
            for version in versions.as_list().unwrap_or_default() {
                match ChartVersion::from_doc(version) {
                    Ok(version) => known.push(version),
                    Err(_) if version.is_null() => log.push(format!(
                        "level=WARN msg=\"skipping loading invalid entry for chart: empty entry\" \
                         name={} source={}",
                        field(name),
                        field(source)
                    )),
                    Err(fault) => log.push(format!(
                        "level=WARN msg=\"skipping loading invalid entry for chart\" name={} \
                         version={} source={} error={}",
                        field(name),
                        field(text_of(version, "version")),
                        field(source),
                        field(fault)
                    )),
                }
            }
            index.entries.insert(name.to_string(), known);
        }
        index.sort();
        if text_of(&doc, "apiVersion").is_empty() {
            return Err(super::fault("no API version specified"));
        }
        Ok(index)
    }

    /// Puts the newest version of each chart first.
    pub fn sort(&mut self) {
        for versions in self.entries.values_mut() {
            versions.sort_by(|a, b| newest_first(&a.metadata.version, &b.metadata.version));
        }
    }

    /// The version of a chart that a user asked for: this very one, else the newest in the
    /// range, else (for no wish) the newest that is no pre-release. `log` receives Helm's
    /// record when another than the wanted version is taken.
    ///
    /// Errors: no such chart, no such version, a range that is none; in Helm's words.
    pub fn get(&self, name: &str, wanted: &str, log: &mut Vec<String>) -> Result<&ChartVersion> {
        let none = |text: String| Fault::new(FaultKind::Chart, text);
        let Some(versions) = self.entries.get(name) else {
            return Err(none("no chart name found".into()));
        };
        if versions.is_empty() {
            return Err(none("no chart version found".into()));
        }
        let range = if wanted.is_empty() { "*" } else { wanted };
        let range = Constraints::parse(range).map_err(none)?;
        if let Some(exact) = versions.iter().find(|it| it.metadata.version == wanted) {
            return Ok(exact);
        }
        let fits = |it: &&ChartVersion| {
            Version::parse(&it.metadata.version).is_ok_and(|version| range.check(&version))
        };
        let found = versions.iter().find(fits);
        if let Some(found) = found
            && !wanted.is_empty()
            && !is_range(wanted)
        {
            log.push(format!(
                "level=WARN msg=\"unable to find exact version requested; falling back to \
                 closest available version\" chart={} requested={} selected={}",
                field(name),
                field(wanted),
                field(&found.metadata.version)
            ));
        }
        found.ok_or_else(|| none(format!("no chart version found for {name}-{wanted}")))
    }

    /// Adds the charts of another index that this one does not have.
    pub fn merge(&mut self, other: &Index) {
        for version in other.entries.values().flatten() {
            let name = &version.metadata.name;
            if self.get(name, &version.metadata.version, &mut Vec::new()).is_err() {
                self.entries.entry(name.clone()).or_default().push(version.clone());
            }
        }
    }

    fn to_doc(&self) -> Doc {
        let mut entries = Members::default();
        for (name, versions) in &self.entries {
            entries.put(name, Doc::list(versions.iter().map(ChartVersion::to_doc).collect()));
        }
        let mut members = Members::default();
        members.put_text("apiVersion", "v1");
        members.put_text("generated", &self.generated);
        members.put("entries", entries.doc());
        members.doc()
    }

    /// The index as Helm writes it.
    pub fn to_yaml(&self) -> Vec<u8> {
        doc_to_yaml(&self.to_doc(), false)
    }

    /// The index as indented JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let compact = crate::json::write::doc_to_json(&self.to_doc());
        let value: serde_json::Value = serde_json::from_slice(&compact).unwrap_or_default();
        serde_json::to_vec_pretty(&value).unwrap_or(compact)
    }
}

impl ChartVersion {
    fn from_doc(doc: &Doc) -> Result<Self> {
        if doc.is_null() {
            return Err(super::fault("empty entry"));
        }
        let mut metadata = Metadata::default();
        metadata.decode(doc)?;
        if metadata.api_version.is_empty() {
            metadata.api_version = "v1".into();
        }
        match metadata.validate() {
            // Some repositories lose the alias, which makes names equal.
            Err(fault)
                if !fault.message().contains("more than one dependency with name or alias") =>
            {
                return Err(fault);
            }
            _ => {}
        }
        let urls = doc.get("urls").and_then(Doc::as_list).unwrap_or_default();
        Ok(ChartVersion {
            metadata,
            urls: urls.iter().filter_map(|url| url.as_str().map(str::to_string)).collect(),
            created: text_of(doc, "created"),
            digest: text_of(doc, "digest"),
            removed: doc.get("removed").and_then(Doc::as_bool).unwrap_or(false),
        })
    }

    fn to_doc(&self) -> Doc {
        let mut doc = self.metadata.to_doc();
        let mut members = Members::default();
        members
            .put("urls", Doc::list(self.urls.iter().map(|url| Doc::str(url.as_str())).collect()));
        let never = "0001-01-01T00:00:00Z";
        members.put_text("created", if self.created.is_empty() { never } else { &self.created });
        members.flag("removed", self.removed);
        members.text("digest", &self.digest);
        if let (Some(map), Node::Map(more)) = (doc.as_map_mut(), &members.doc().node) {
            map.extend(more.iter().map(|(name, item)| (name.clone(), item.clone())));
        }
        doc
    }
}

fn text_of(doc: &Doc, name: &str) -> String {
    doc.get(name).and_then(Doc::as_str).unwrap_or_default().to_string()
}

/// Newer versions first, what is no version last.
pub fn newest_first(a: &str, b: &str) -> Ordering {
    match (Version::parse(a), Version::parse(b)) {
        (Ok(a), Ok(b)) => b.compare(&a),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => Ordering::Equal,
    }
}

/// Whether a text asks for a range and not for one version.
fn is_range(text: &str) -> bool {
    if text.contains(['^', '~', '<', '>', '=', '!', '*'])
        || text.contains("||")
        || text.contains(" - ")
    {
        return true;
    }
    text.split(['-', '+']).next().unwrap_or(text).contains(['x', 'X'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "apiVersion: v1\nentries:\n  kid:\n  - {apiVersion: v2, name: kid, version: 0.1.0, urls: [kid-0.1.0.tgz]}\n  - {apiVersion: v2, name: kid, version: 0.10.0, urls: [kid-0.10.0.tgz], digest: ab}\n  - {name: kid, version: 0.11.0-rc.1, urls: []}\n  - {name: kid, version: nonsense}\n";

    #[test]
    fn the_newest_that_fits_is_taken() {
        let mut log = Vec::new();
        let index = Index::parse(TEXT.as_bytes(), "test", &mut log).expect("an index");
        assert_eq!(log.len(), 1, "{log:?}");
        assert!(log[0].contains("version=nonsense"), "{log:?}");
        for (wanted, found) in [
            ("", Some("0.10.0")),
            ("0.1.0", Some("0.1.0")),
            ("~0.1.0", Some("0.1.0")),
            (">0.0.0-0", Some("0.11.0-rc.1")),
            ("9", None),
        ] {
            let got = index.get("kid", wanted, &mut log);
            let got = got.ok().map(|it| it.metadata.version.as_str());
            assert_eq!(got, found, "{wanted}");
        }
        let error = index.get("other", "", &mut log).expect_err("no chart");
        assert_eq!(error.message(), "no chart name found");
        let again = Index::parse(&index.to_yaml(), "test", &mut log).expect("an index");
        assert_eq!(again.to_yaml(), index.to_yaml());
    }
}
