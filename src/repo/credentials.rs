//! Credentials for registries: Helm's file, then Docker's; both have Docker's format.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::diag::Result;
use crate::diag::io::{mkdir_all, path_error, read_error};
use crate::host::Host;

use super::fault;

/// The files that hold credentials, Helm's first.
pub struct Store<'a> {
    /// The disk.
    pub host: &'a dyn Host,
    /// Helm's file, the only one that is written.
    pub path: &'a Path,
}

impl Store<'_> {
    /// User name and password for a host, if any file has them.
    pub fn get(&self, server: &str) -> Option<(String, String)> {
        let docker = || {
            let folder = self.host.env("DOCKER_CONFIG").filter(|text| !text.is_empty());
            folder
                .map(PathBuf::from)
                .or_else(|| Some(Path::new(&self.host.env("HOME")?).join(".docker")))
        };
        let files =
            [Some(self.path.to_path_buf()), docker().map(|folder| folder.join("config.json"))];
        files.into_iter().flatten().find_map(|path| {
            let config: Value = serde_json::from_slice(&self.host.read(&path).ok()?).ok()?;
            let entry = config.get("auths")?.get(key(server))?;
            let pair = STANDARD.decode(entry.get("auth")?.as_str()?).ok()?;
            let pair = String::from_utf8(pair).ok()?;
            let (username, password) = pair.split_once(':')?;
            Some((username.to_string(), password.to_string()))
        })
    }

    /// Keeps credentials for a host.
    ///
    /// Errors: a file that is no JSON, what the disk says.
    pub fn put(&self, server: &str, username: &str, password: &str) -> Result<()> {
        let pair = STANDARD.encode(format!("{username}:{password}"));
        self.change(|auths| {
            auths.insert(key(server), json!({ "auth": pair }));
        })
    }

    /// Forgets a host's credentials.
    ///
    /// Errors: a file that is no JSON, what the disk says.
    pub fn remove(&self, server: &str) -> Result<()> {
        self.change(|auths| {
            auths.shift_remove(&key(server));
        })
    }

    fn change(&self, change: impl FnOnce(&mut Map<String, Value>)) -> Result<()> {
        let path = self.path;
        let mut config = match self.host.read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                fault(format!("invalid config format in {}: {error}", path.display()))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => json!({}),
            Err(error) => return Err(fault(read_error(path, &error))),
        };
        let before = config.clone();
        let broken = || fault(format!("invalid config format in {}", path.display()));
        let members = config.as_object_mut().ok_or_else(broken)?;
        let auths = members.entry("auths").or_insert_with(|| json!({}));
        change(auths.as_object_mut().ok_or_else(broken)?);
        let is_empty = auths.as_object().is_some_and(Map::is_empty);
        if config == before || (is_empty && before.get("auths").is_none()) {
            return Ok(());
        }
        let mut text =
            serde_json::to_string_pretty(&config).unwrap_or_default().replace("  ", "\t");
        text.push('\n');
        if let Some(folder) = path.parent() {
            mkdir_all(self.host, folder).map_err(fault)?;
        }
        self.host
            .write_private(path, text.as_bytes())
            .map_err(|error| fault(path_error("open", path, &error)))
    }
}

/// Docker Hub's credentials have a name of their own.
fn key(server: &str) -> String {
    match server {
        "docker.io" | "registry-1.docker.io" => "https://index.docker.io/v1/".to_string(),
        other => other.to_string(),
    }
}
