//! `repositories.yaml`: the repositories that the user added.

use std::path::Path;

use crate::diag::io::read_error;
use crate::diag::{Result, io};
use crate::doc::Doc;
use crate::doc::members::Members;
use crate::host::Host;
use crate::source::SourceId;
use crate::yaml::emit::doc_to_yaml;

use super::{Access, fault};

/// A repository and how to reach it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The name that the user gave it.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Credentials and TLS.
    pub access: Access,
}

/// The known repositories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repositories {
    api_version: String,
    generated: String,
    /// The repositories in the order of the file.
    pub entries: Vec<Entry>,
}

impl Repositories {
    /// Reads the file; one that is not there holds nothing.
    ///
    /// Errors: a file that cannot be read, or is no YAML.
    pub fn load(host: &dyn Host, path: &Path) -> Result<Self> {
        let bytes = match host.read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(fault(format!(
                    "couldn't load repositories file ({}): {}",
                    path.display(),
                    read_error(path, &error)
                )));
            }
        };
        let doc = crate::values::read::single(&bytes, SourceId::NONE)?;
        if !doc.is_null() && doc.as_map().is_none() {
            let why = crate::yaml::read::not_a_map(&doc);
            return Err(fault(why.replace("map[string]interface {}", "repo.File")));
        }
        let text = |name: &str| text_of(&doc, name);
        let entries = doc.get("repositories").and_then(Doc::as_list).unwrap_or_default();
        Ok(Repositories {
            api_version: text("apiVersion"),
            generated: text("generated"),
            entries: entries.iter().filter(|entry| !entry.is_null()).map(Entry::from_doc).collect(),
        })
    }

    /// Writes the file, and the folder it is in.
    ///
    /// Errors: what the disk says.
    pub fn save(&self, host: &dyn Host, path: &Path) -> Result<()> {
        let mut members = Members::default();
        members.put_text("apiVersion", &self.api_version);
        let never = "0001-01-01T00:00:00Z";
        let generated = if self.generated.is_empty() { never } else { &self.generated };
        members.put_text("generated", generated);
        members.put("repositories", Doc::list(self.entries.iter().map(Entry::to_doc).collect()));
        let text = doc_to_yaml(&members.doc(), false);
        if let Some(folder) = path.parent() {
            io::mkdir_all(host, folder).map_err(fault)?;
        }
        host.write_private(path, &text).map_err(|error| fault(io::path_error("open", path, &error)))
    }

    /// The repository of a name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Adds a repository, or replaces the one of its name.
    pub fn update(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|known| known.name == entry.name) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
    }
}

fn text_of(doc: &Doc, name: &str) -> String {
    doc.get(name).and_then(Doc::as_str).unwrap_or_default().to_string()
}

impl Entry {
    fn from_doc(doc: &Doc) -> Self {
        let text = |name: &str| text_of(doc, name);
        let flag = |name: &str| doc.get(name).and_then(Doc::as_bool).unwrap_or(false);
        Entry {
            name: text("name"),
            url: text("url"),
            access: Access {
                username: text("username"),
                password: text("password"),
                pass_credentials: flag("pass_credentials_all"),
                cert_file: text("certFile"),
                key_file: text("keyFile"),
                ca_file: text("caFile"),
                insecure: flag("insecure_skip_tls_verify"),
                plain_http: false,
            },
        }
    }

    fn to_doc(&self) -> Doc {
        let access = &self.access;
        let mut members = Members::default();
        members.put_text("name", &self.name);
        members.put_text("url", &self.url);
        members.put_text("username", &access.username);
        members.put_text("password", &access.password);
        members.put_text("certFile", &access.cert_file);
        members.put_text("keyFile", &access.key_file);
        members.put_text("caFile", &access.ca_file);
        members.put_flag("insecure_skip_tls_verify", access.insecure);
        members.put_flag("pass_credentials_all", access.pass_credentials);
        members.doc()
    }
}
