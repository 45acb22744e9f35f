//! From a chart's name to its archive: `repository/chart`, an address, or a chart of a
//! repository that is named by its address.

use std::path::{Path, PathBuf};

use crate::diag::io::read_error;
use crate::diag::{Fault, Result};
use crate::golang::quote::quote;
use crate::golang::url::Url;
use crate::provenance::{Verification, verify};

use super::cache::{Cache, Kind};
use super::config::{Entry, Repositories};
use super::digest::sha256_hex;
use super::fetch::CHART_TYPES;
use super::index::Index;
use super::oci::{Reference, summary};
use super::{Access, Client, fault, url};

/// Where a chart's archive is.
#[derive(Clone, Debug)]
pub struct Source {
    /// Address of the archive.
    pub address: String,
    /// Name that its file gets.
    pub file_name: String,
    /// SHA-256 by the repository's index; may be empty.
    pub digest: String,
    reference: Option<Reference>,
    base: String,
    access: Access,
}

/// A downloaded chart.
#[derive(Clone, Debug, Default)]
pub struct Fetched {
    /// The archive.
    pub chart: Vec<u8>,
    /// The provenance file, where it was asked for; or why there is none.
    pub provenance: Option<Result<Vec<u8>, Fault>>,
    /// Who signed it, where that was to be checked.
    pub verified: Option<Verification>,
}

/// What to do about a chart's provenance file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Provenance {
    /// Nothing.
    #[default]
    Unwanted,
    /// Fetch it.
    Wanted,
    /// Fetch it, and refuse the chart unless it is signed by a key of this keyring.
    Verified(PathBuf),
}

impl Client<'_> {
    /// Finds the archive of a chart that is not on disk.
    ///
    /// Takes: `oci://…`, an address, or `REPOSITORY/CHART` of a known repository; a version or
    /// a range, empty for the newest. `log` receives Helm's records.
    /// Errors: in Helm's words.
    pub fn resolve(&self, name: &str, version: &str, log: &mut Vec<String>) -> Result<Source> {
        let parsed = Url::parse(name.as_bytes())
            .map_err(|_| fault(format!("invalid chart URL format: {name}")))?;
        // An empty address is no registry's.
        if url::is_oci(name) && name.len() > "oci://".len() {
            return self.oci_source(name, version);
        }
        let known = Repositories::load(self.host, &self.paths.repository_config)?;
        if !parsed.scheme.is_empty() && !parsed.host.is_empty() && !parsed.path.is_empty() {
            let owner = self.owner(name, &known, log)?;
            let access =
                owner.map_or_else(|| self.access.clone(), |owner| self.merged(&owner.access));
            let base = owner.map_or(name, |owner| owner.url.as_str());
            return Ok(source(name, base, access, ""));
        }
        let path = String::from_utf8_lossy(&parsed.path).into_owned();
        let Some((repository, chart)) = path.split_once('/') else {
            let address = parsed.to_bytes();
            let address = String::from_utf8_lossy(&address);
            return Err(fault(format!(
                "non-absolute URLs should be in form of repo_name/path_to_chart, got: {address}"
            )));
        };
        let entry =
            known.get(repository).ok_or_else(|| fault(format!("repo {repository} not found")))?;
        if entry.url.is_empty() {
            return Err(fault(format!("no URL found for repository {repository}")));
        }
        let index = self
            .cached_index(&entry.name, log)
            .map_err(|fault| fault.context("no cached repo found. (try 'helm repo update')"))?;
        let found = index.get(chart, version, log).map_err(|fault| {
            let chart = quote(chart.as_bytes());
            fault.context(format_args!(
                "chart {chart} matching {version} not found in {repository} index. (try 'helm \
                 repo update')"
            ))
        })?;
        let Some(address) = found.urls.first() else {
            let shown = quote(name.as_bytes());
            return Err(fault(format!("chart {shown} has no downloadable URLs")));
        };
        let address = url::resolve(&entry.url, address)
            .map_err(|_| fault(format!("invalid chart URL format: {name}")))?;
        if url::is_oci(&address) {
            return self.oci_source(&address, version);
        }
        Ok(source(&address, &entry.url, self.merged(&entry.access), &found.digest))
    }

    /// Finds the archive of a chart in a repository that need not be known.
    ///
    /// Errors: in Helm's words, which clients look for.
    pub fn find_in_repository(
        &self,
        repository: &str,
        chart: &str,
        version: &str,
        access: &Access,
        log: &mut Vec<String>,
    ) -> Result<Source> {
        url::check_scheme(repository)?;
        let index = self.index_at(repository, access, log).map_err(|fault| {
            let repository = quote(repository.as_bytes());
            fault.context(format_args!(
                "looks like {repository} is not a valid chart repository or cannot be reached"
            ))
        })?;
        let mut what = format!("chart {}", quote(chart.as_bytes()));
        if !version.is_empty() {
            what = format!("{what} version {}", quote(version.as_bytes()));
        }
        let found = index
            .get(chart, version, log)
            .map_err(|_| fault(format!("{what} not found in {repository} repository")))?;
        let Some(address) = found.urls.first() else {
            return Err(fault(format!("{what} has no downloadable URLs")));
        };
        let address = url::resolve(repository, address)
            .map_err(|why| fault(format!("failed to make chart URL absolute: {why}")))?;
        if url::is_oci(&address) {
            return self.oci_source(&address, version);
        }
        Ok(source(&address, repository, access.clone(), &found.digest))
    }

    fn oci_source(&self, address: &str, version: &str) -> Result<Source> {
        let reference = self.resolve_oci(address, version)?;
        let mut found = source(&format!("oci://{reference}"), address, self.access.clone(), "");
        found.file_name = reference.file_name();
        found.reference = Some(reference);
        Ok(found)
    }

    /// Downloads an archive; a known digest finds it in the cache, and is checked. `told`
    /// receives what Helm tells of charts from registries.
    ///
    /// Errors: what fetching says, bytes that do not have the digest, a chart that is not signed
    /// as it should be.
    pub fn fetch(
        &self,
        source: &Source,
        provenance: &Provenance,
        told: &mut Vec<String>,
    ) -> Result<Fetched> {
        let is_wanted = *provenance != Provenance::Unwanted;
        let mut fetched = match &source.reference {
            Some(reference) => {
                let pulled = self.pull_oci(reference, is_wanted)?;
                // Helm fetches the two one after the other, and tells so each time.
                let has_provenance = matches!(pulled.provenance, Some(Ok(_)));
                let times = 1 + usize::from(has_provenance);
                told.extend(vec![summary(reference, &pulled.digest); times]);
                Fetched { chart: pulled.chart, provenance: pulled.provenance, verified: None }
            }
            None => self.fetch_file(source, is_wanted)?,
        };
        if let Provenance::Verified(keyring) = provenance {
            let Some(Ok(file)) = &fetched.provenance else {
                let address = quote(format!("{}.prov", source.address).as_bytes());
                return Err(fault(format!("failed to fetch provenance {address}")));
            };
            let keyring = super::signed::load_keyring(self.host, keyring)?;
            let now = self.host.now().0;
            let verified = verify(&fetched.chart, &source.file_name, file, &keyring, now);
            fetched.verified = Some(verified.map_err(fault)?);
        }
        Ok(fetched)
    }

    fn fetch_file(&self, source: &Source, provenance: bool) -> Result<Fetched> {
        let cache = Cache { host: self.host, root: &self.paths.content_cache };
        // Without a network the last archive from this address has to do.
        let key = if source.digest.is_empty() && self.offline {
            let pointer = cache.get(&sha256_hex(source.address.as_bytes()), Kind::Manifest);
            pointer.map(|(_, text)| String::from_utf8_lossy(&text).into_owned())
        } else {
            Some(source.digest.clone())
        };
        let chart = match cache.get(key.as_deref().unwrap_or_default(), Kind::Chart) {
            Some((_, bytes)) => bytes,
            None => {
                let bytes = self.get(&source.address, &source.base, &source.access, CHART_TYPES)?;
                let digest = sha256_hex(&bytes);
                let wanted = source.digest.rsplit(':').next().unwrap_or_default();
                if !wanted.is_empty() && wanted != digest {
                    return Err(fault(format!(
                        "{} has the digest {digest}, and the repository's index says {wanted}",
                        source.address
                    )));
                }
                cache.put(&digest, Kind::Chart, &bytes);
                cache.put(
                    &sha256_hex(source.address.as_bytes()),
                    Kind::Manifest,
                    digest.as_bytes(),
                );
                bytes
            }
        };
        let provenance = provenance.then(|| {
            let digest = sha256_hex(&chart);
            if let Some((_, bytes)) = cache.get(&digest, Kind::Provenance) {
                return Ok(bytes);
            }
            let address = format!("{}.prov", source.address);
            let bytes = self.get(&address, &source.base, &source.access, CHART_TYPES)?;
            cache.put(&digest, Kind::Provenance, &bytes);
            Ok(bytes)
        });
        Ok(Fetched { chart, provenance, ..Fetched::default() })
    }

    /// Downloads an archive into the cache and returns its path there. `log` receives what Helm
    /// tells.
    ///
    /// Errors: what fetching says; a cache that cannot be written.
    pub fn fetch_to_cache(
        &self,
        source: &Source,
        provenance: &Provenance,
        log: &mut Vec<String>,
    ) -> Result<PathBuf> {
        let fetched = self.fetch(source, provenance, log)?;
        let cache = Cache { host: self.host, root: &self.paths.content_cache };
        let digest = sha256_hex(&fetched.chart);
        if let Some((path, _)) = cache.get(&digest, Kind::Chart) {
            return Ok(path);
        }
        cache.put(&digest, Kind::Chart, &fetched.chart).ok_or_else(|| {
            let folder = self.paths.content_cache.display();
            fault(format!("cannot write to the cache {folder}: name another by --content-cache"))
        })
    }

    /// The index of a known repository, as it was when it was last updated.
    ///
    /// Errors: no file, or one that is no index.
    pub fn cached_index(&self, name: &str, log: &mut Vec<String>) -> Result<Index> {
        let path = index_path(&self.paths.repository_cache, name);
        let bytes = self.host.read(&path).map_err(|error| fault(read_error(&path, &error)))?;
        let shown = path.display().to_string();
        Index::parse(&bytes, &shown, log)
            .map_err(|fault| fault.context(format_args!("error loading {shown}")))
    }

    /// Downloads the index of a repository and keeps it under the repository's name.
    ///
    /// Errors: what fetching says, an answer that is no index. A cache that cannot be written
    /// is no error: the index is there.
    pub fn update_index(&self, entry: &Entry, log: &mut Vec<String>) -> Result<Index> {
        let address = url::resolve(&entry.url, "index.yaml").map_err(fault)?;
        let bytes = self.get(&address, &entry.url, &entry.access, "")?;
        let index = Index::parse(&bytes, &entry.url, log)?;
        let folder = &self.paths.repository_cache;
        if self.host.create_dir_all(folder).is_ok() {
            let names: String = index.entries.keys().flat_map(|name| [name, "\n"]).collect();
            let list = folder.join(format!("{}-charts.txt", entry.name));
            // The list serves completion only, the index the next commands.
            let _ = self.host.write(&list, names.as_bytes());
            let _ = self.host.write(&index_path(folder, &entry.name), &bytes);
        }
        Ok(index)
    }

    fn index_at(&self, repository: &str, access: &Access, log: &mut Vec<String>) -> Result<Index> {
        let name = unmanaged_name(repository);
        if self.offline {
            return self.cached_index(&name, log);
        }
        let entry = Entry { name, url: repository.to_string(), access: access.clone() };
        self.update_index(&entry, log)
    }

    /// The known repository that lists an address: its credentials apply.
    fn owner<'a>(
        &self,
        address: &str,
        known: &'a Repositories,
        log: &mut Vec<String>,
    ) -> Result<Option<&'a Entry>> {
        for entry in &known.entries {
            let index = self
                .cached_index(&entry.name, log)
                .map_err(|fault| fault.context("no cached repo found. (try 'helm repo update')"))?;
            let mut urls = index.entries.values().flatten().flat_map(|version| &version.urls);
            if urls.any(|listed| url::equal(address, listed)) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// A repository's own settings over those of the flags.
    fn merged(&self, own: &Access) -> Access {
        let mut access = self.access.clone();
        if !(own.cert_file.is_empty() && own.key_file.is_empty() && own.ca_file.is_empty()) {
            access.cert_file = own.cert_file.clone();
            access.key_file = own.key_file.clone();
            access.ca_file = own.ca_file.clone();
        }
        if !own.username.is_empty() && !own.password.is_empty() {
            access.username = own.username.clone();
            access.password = own.password.clone();
            access.pass_credentials = own.pass_credentials;
        }
        access.insecure |= own.insecure;
        access
    }
}

fn source(address: &str, base: &str, access: Access, digest: &str) -> Source {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    Source {
        address: address.to_string(),
        file_name: path.rsplit('/').next().unwrap_or(path).to_string(),
        digest: digest.to_string(),
        reference: None,
        base: base.to_string(),
        access,
    }
}

/// The file of a repository's index below the folder of indexes.
pub fn index_path(folder: &Path, name: &str) -> PathBuf {
    let file = format!("{name}-index.yaml");
    crate::golang::filepath::join(&folder.display().to_string(), &file).into()
}

/// The name under which the index of a repository is kept that the user did not add.
pub(super) fn unmanaged_name(address: &str) -> String {
    format!("helm-manager-{}", sha256_hex(address.as_bytes()))
}

/// Whether a fault says that a repository is not known.
pub(super) fn unknown_repositories(names: &[String]) -> Fault {
    fault(format!("no repository definition for {}", names.join(", ")))
}
