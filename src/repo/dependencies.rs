//! `dependency update` and `build`: what Chart.yaml asks for, fetched into `charts/` and locked.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::chart::{Chart, Dependency, Lock, load};
use crate::diag::io::{mkdir_all, path_error};
use crate::diag::{Fault, Result};
use crate::golang::filepath;
use crate::golang::quote::quote;
use crate::golang::semver::{Constraints, Version};
use crate::golang::url::Url;
use crate::host::FileKind;
use crate::package;
use crate::source::Sources;

use super::config::{Entry, Repositories};
use super::digest::{lock_digest, old_digest};
use super::locate::{Provenance, Source, unknown_repositories, unmanaged_name};
use super::{Client, fault, url};

/// Brings the `charts/` folder of one chart in line with its Chart.yaml or Chart.lock.
pub struct Manager<'a> {
    /// Repositories, disk and network.
    pub client: &'a Client<'a>,
    /// The chart's folder, as the user named it.
    pub chart_path: String,
    /// Whether indexes are taken as they are.
    pub skip_refresh: bool,
    /// Whether to tell more.
    pub debug: bool,
    /// Whether the dependencies that are folders get theirs first.
    pub recursive: bool,
    /// Whether charts must be signed.
    pub provenance: Provenance,
    /// The time for packed charts, from `SOURCE_DATE_EPOCH`.
    pub epoch: Option<u64>,
    /// Where progress goes.
    pub out: &'a mut dyn Write,
    /// Helm's records for standard error.
    pub log: &'a mut Vec<String>,
}

impl Manager<'_> {
    /// Fetches what Chart.lock names; without a lock it is [`update`](Self::update).
    ///
    /// Errors: in Helm's words: a lock that does not answer Chart.yaml, unknown repositories,
    /// charts that are not to be had.
    pub fn build(&mut self) -> Result<()> {
        let chart = self.load()?;
        let Some(lock) = &chart.lock else { return self.update() };
        self.recurse(&chart)?;
        let mut wanted = chart.metadata.dependencies.clone().unwrap_or_default();
        let is_old = chart.metadata.api_version == "v1";
        let old = old_digest(&wanted);
        self.resolve_names(&mut wanted)?;
        if lock_digest(&wanted, &lock.dependencies) != lock.digest {
            if !is_old {
                return Err(fault(
                    "the lock file (Chart.lock) is out of sync with the dependencies file \
                     (Chart.yaml). Please update the dependencies with 'helm dependency update'",
                ));
            }
            self.log.push(
                "level=INFO msg=\"warning: a valid Helm v3 hash was not found. Checking against \
                 Helm v2 hash...\""
                    .into(),
            );
            if old != lock.digest {
                return Err(fault(
                    "the lock file (requirements.lock) is out of sync with the dependencies file \
                     (requirements.yaml). Please update the dependencies",
                ));
            }
        }
        self.check_known(&lock.dependencies)?;
        if !self.skip_refresh {
            self.update_known()?;
        }
        let mut locked = lock.dependencies.clone();
        self.download(&mut locked)
    }

    /// Chooses versions by Chart.yaml, fetches them and writes Chart.lock.
    ///
    /// Errors: in Helm's words: unknown repositories, ranges that nothing fits, charts that are
    /// not to be had.
    pub fn update(&mut self) -> Result<()> {
        let chart = self.load()?;
        let Some(mut wanted) = chart.metadata.dependencies.clone() else { return Ok(()) };
        self.recurse(&chart)?;
        let names = self.resolve_names(&mut wanted)?;
        let names = self.refresh_unmanaged(names, &wanted)?;
        if !self.skip_refresh {
            self.update_known()?;
        }
        let mut locked = self.resolve(&wanted, &names)?;
        self.download(&mut locked)?;
        let digest = lock_digest(&wanted, &locked);
        if chart.lock.as_ref().is_some_and(|lock| lock.digest == digest) {
            return Ok(());
        }
        let (seconds, nanos) = self.client.host.now();
        let (seconds, nanos) = self.epoch.map_or((seconds, nanos), |epoch| (epoch as i64, 0));
        let generated = package::timestamp(seconds, nanos).unwrap_or_default();
        let lock = Lock { generated, digest, dependencies: locked };
        self.write_lock(&lock, chart.metadata.api_version == "v1")
    }

    fn load(&mut self) -> Result<Chart> {
        let path = Path::new(&self.chart_path);
        match self.client.host.stat(path, true) {
            Err(error) => Err(fault(format!(
                "could not find {}: {}",
                self.chart_path,
                path_error("stat", path, &error)
            ))),
            Ok(stat) if stat.kind != FileKind::Dir => {
                Err(fault("only unpacked charts can be updated"))
            }
            Ok(_) => load::load_any(self.client.host, &Sources::new(), path, self.log),
        }
    }

    /// With `--recursive`, charts that lie in folders get their dependencies first.
    fn recurse(&mut self, chart: &Chart) -> Result<()> {
        if !self.recursive {
            return Ok(());
        }
        for dependency in chart.metadata.dependencies.iter().flatten() {
            let folder = if dependency.repository.is_empty() {
                filepath::join(&self.chart_path, &format!("charts/{}", dependency.name))
            } else if dependency.repository.starts_with("file://") {
                self.local(&dependency.repository)?.display().to_string()
            } else {
                continue;
            };
            if !self
                .client
                .host
                .stat(Path::new(&folder), true)
                .is_ok_and(|it| it.kind == FileKind::Dir)
            {
                continue;
            }
            let _ = writeln!(self.out, "Updating {folder}");
            let mut below = Manager {
                client: self.client,
                chart_path: folder,
                out: &mut *self.out,
                log: &mut *self.log,
                provenance: self.provenance.clone(),
                ..*self
            };
            below.build()?;
        }
        Ok(())
    }

    /// The folder of a `file://` repository.
    fn local(&self, repository: &str) -> Result<PathBuf> {
        let path = repository.strip_prefix("file://").unwrap_or(repository);
        let folder = if path.starts_with('/') {
            filepath::clean_text(path)
        } else {
            filepath::join(&self.chart_path, path)
        };
        match self.client.host.stat(Path::new(&folder), true) {
            Ok(_) => Ok(folder.into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(fault(format!("directory {folder} not found")))
            }
            Err(error) => Err(fault(path_error("stat", Path::new(&folder), &error))),
        }
    }

    fn known(&self) -> Result<Repositories> {
        Repositories::load(self.client.host, &self.client.paths.repository_config)
    }

    /// Names of the known repositories by dependency; `@name` becomes the address.
    fn resolve_names(&mut self, wanted: &mut [Dependency]) -> Result<HashMap<String, String>> {
        let known = self.known()?;
        let mut names = HashMap::new();
        let mut missing = Vec::new();
        for dependency in wanted {
            let repository = dependency.repository.clone();
            if repository.is_empty() {
                continue;
            }
            if repository.starts_with("file://") {
                self.local(&repository)?;
                if self.debug {
                    let _ = writeln!(self.out, "Repository from local path: {repository}");
                }
                names.insert(dependency.name.clone(), repository);
                continue;
            }
            if url::is_oci(&repository) {
                names.insert(dependency.name.clone(), repository);
                continue;
            }
            let alias = repository.strip_prefix('@').or_else(|| repository.strip_prefix("alias:"));
            let found = known
                .entries
                .iter()
                .find(|entry| alias == Some(&*entry.name) || url::equal(&entry.url, &repository));
            if let Some(entry) = found {
                if alias == Some(&*entry.name) {
                    dependency.repository = entry.url.clone();
                }
                names.insert(dependency.name.clone(), entry.name.clone());
            } else if !is_request_address(&repository) {
                missing.push(repository);
            }
        }
        if missing.is_empty() {
            return Ok(names);
        }
        let mut text = format!(
            "no repository definition for {}. Please add them via 'helm repo add'",
            missing.join(", ")
        );
        let is_bare = |name: &String| {
            !name.contains("//") && !name.starts_with('@') && !name.starts_with("alias:")
        };
        if missing.iter().any(is_bare) {
            text.push_str(
                "\nNote that repositories must be URLs or aliases. For example, to refer to the \
                 \"example\"\nrepository, use \"https://charts.example.com/\" or \"@example\" \
                 instead of\n\"example\". Don't forget to add the repo, too ('helm repo add').",
            );
        }
        Err(fault(text))
    }

    /// Indexes of repositories that only Chart.yaml names.
    fn refresh_unmanaged(
        &mut self,
        mut names: HashMap<String, String>,
        wanted: &[Dependency],
    ) -> Result<HashMap<String, String>> {
        let mut entries = Vec::new();
        for dependency in wanted {
            if dependency.repository.is_empty() || names.contains_key(&dependency.name) {
                continue;
            }
            let name = unmanaged_name(&dependency.repository);
            names.insert(dependency.name.clone(), name.clone());
            let url = dependency.repository.clone();
            entries.push(Entry { name, url, access: super::Access::default() });
        }
        if !self.skip_refresh && !entries.is_empty() {
            let _ = writeln!(self.out, "Getting updates for unmanaged Helm repositories...");
            entries.iter().try_for_each(|entry| url::check_scheme(&entry.url))?;
            self.refresh(&entries);
        }
        Ok(names)
    }

    fn update_known(&mut self) -> Result<()> {
        let known = self.known()?.entries;
        if known.is_empty() {
            return Ok(());
        }
        let _ = writeln!(
            self.out,
            "Hang tight while we grab the latest from your chart repositories..."
        );
        self.refresh(&known);
        let _ = writeln!(self.out, "Update Complete. ⎈Happy Helming!⎈");
        Ok(())
    }

    fn refresh(&mut self, entries: &[Entry]) {
        let mut seen: Vec<&str> = Vec::new();
        for entry in entries {
            let address = entry.url.trim_end_matches('/');
            if seen.contains(&address) {
                continue;
            }
            seen.push(address);
            let shown = if entry.name.starts_with("helm-manager-") {
                quote(entry.url.as_bytes())
            } else {
                quote(entry.name.as_bytes())
            };
            let told = match self.client.update_index(entry, self.log) {
                Ok(_) => writeln!(
                    self.out,
                    "...Successfully got an update from the {shown} chart repository"
                ),
                Err(why) if entry.name.starts_with("helm-manager-") => writeln!(
                    self.out,
                    "...Unable to get an update from the {shown} chart repository:\n\t{why}"
                ),
                Err(why) => writeln!(
                    self.out,
                    "...Unable to get an update from the {shown} chart repository ({}):\n\t{why}",
                    entry.url
                ),
            };
            let _ = told;
        }
    }

    /// Every repository of a lock must be known: nobody else's index is asked.
    fn check_known(&self, locked: &[Dependency]) -> Result<()> {
        let known = self.known()?;
        let missing: Vec<String> = locked
            .iter()
            .map(|dependency| dependency.repository.clone())
            .filter(|repository| {
                !repository.is_empty()
                    && !repository.starts_with("file://")
                    && !url::is_oci(repository)
                    && !known
                        .entries
                        .iter()
                        .any(|entry| url::equal(&entry.url, repository.trim_end_matches('/')))
            })
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(unknown_repositories(&missing)) }.map_err(
            |fault| {
                let text = format!(
                    "{}. Please add the missing repos via 'helm repo add'",
                    fault.message()
                );
                fault.reworded(text)
            },
        )
    }

    /// Chooses one version for each dependency.
    fn resolve(
        &mut self,
        wanted: &[Dependency],
        names: &HashMap<String, String>,
    ) -> Result<Vec<Dependency>> {
        let mut locked = Vec::new();
        let mut missing = Vec::new();
        for dependency in wanted {
            let lock = |version: &str| Dependency {
                name: dependency.name.clone(),
                version: version.to_string(),
                repository: dependency.repository.clone(),
                ..Dependency::default()
            };
            let range = range_of(dependency, &dependency.name, true)?;
            let found = if dependency.repository.is_empty() {
                self.local(&format!("charts/{}", dependency.name))?;
                Some(dependency.version.clone())
            } else if dependency.repository.starts_with("file://") {
                let folder = self.local(&dependency.repository)?;
                let chart = load::load_any(self.client.host, &Sources::new(), &folder, self.log)?;
                let version = chart.metadata.version;
                let fits = Version::parse(&version).is_ok_and(|version| range.check(&version));
                fits.then_some(version)
            } else if url::is_oci(&dependency.repository) {
                Some(self.oci_version(dependency, &range)?)
            } else {
                let name = names.get(&dependency.name).cloned().unwrap_or_default();
                self.indexed_version(dependency, &name, &range)?
            };
            match found {
                Some(version) => locked.push(lock(&version)),
                None => missing.push(format!(
                    "{} (repository {}, version {})",
                    quote(dependency.name.as_bytes()),
                    quote(dependency.repository.as_bytes()),
                    quote(dependency.version.as_bytes())
                )),
            }
        }
        if missing.is_empty() {
            return Ok(locked);
        }
        Err(fault(format!(
            "can't get a valid version for {} subchart(s): {}. Make sure a matching chart version \
             exists in the repo, or change the version constraint in Chart.yaml",
            missing.len(),
            missing.join(", ")
        )))
    }

    fn oci_version(&self, dependency: &Dependency, range: &Constraints) -> Result<String> {
        if Version::parse(&dependency.version).is_ok() {
            return Ok(dependency.version.clone());
        }
        let address =
            format!("{}/{}", dependency.repository.trim_end_matches('/'), dependency.name);
        let reference = super::oci::Reference::parse(&address)?;
        let tags = self.client.oci_tags(&reference).map_err(|fault| {
            fault.context(format_args!(
                "could not retrieve list of tags for repository {}",
                dependency.repository
            ))
        })?;
        let fits = |tag: &&String| Version::parse(tag).is_ok_and(|version| range.check(&version));
        Ok(tags.iter().find(fits).unwrap_or(&dependency.version).clone())
    }

    fn indexed_version(
        &mut self,
        dependency: &Dependency,
        name: &str,
        range: &Constraints,
    ) -> Result<Option<String>> {
        let index = self.client.cached_index(name, self.log).map_err(|fault| {
            fault.context(format_args!(
                "no cached repository for {name} found. (try 'helm repo update')"
            ))
        })?;
        let Some(versions) = index.entries.get(&dependency.name) else {
            return Err(fault(format!(
                "{} chart not found in repo {}",
                dependency.name, dependency.repository
            )));
        };
        let fits = versions.iter().find(|version| {
            !version.urls.is_empty()
                && Version::parse(&version.metadata.version).is_ok_and(|it| range.check(&it))
        });
        Ok(fits.map(|version| version.metadata.version.clone()))
    }

    /// Fetches all charts, and only then touches `charts/`.
    fn download(&mut self, locked: &mut [Dependency]) -> Result<()> {
        let folder = PathBuf::from(filepath::join(&self.chart_path, "charts"));
        let known = self.known()?.entries;
        match self.client.host.stat(&folder, true) {
            Ok(stat) if stat.kind != FileKind::Dir => {
                let shown = quote(folder.display().to_string().as_bytes());
                return Err(fault(format!("{shown} is not a directory")));
            }
            Ok(_) => {}
            Err(_) => mkdir_all(self.client.host, &folder).map_err(fault)?,
        }
        let _ = writeln!(self.out, "Saving {} charts", locked.len());
        let mut archives: Vec<(String, Vec<u8>)> = Vec::new();
        let mut addresses = Vec::new();
        for dependency in locked.iter_mut() {
            match self.archive(dependency, &known, &mut addresses) {
                Ok(archive) => archives.extend(archive),
                Err(why) => {
                    let _ = writeln!(self.out, "Save error occurred:  {why}");
                    return Err(why);
                }
            }
        }
        self.store(locked, &folder, archives)
    }

    /// One dependency's archive and its name; none for what is in `charts/` by hand, or was
    /// fetched for another dependency already.
    fn archive(
        &mut self,
        dependency: &mut Dependency,
        known: &[Entry],
        addresses: &mut Vec<String>,
    ) -> Result<Option<(String, Vec<u8>)>> {
        let name = dependency.name.clone();
        if dependency.repository.is_empty() {
            let _ = writeln!(
                self.out,
                "Dependency {name} did not declare a repository. Assuming it exists in the charts \
                 directory"
            );
            self.check_unpacked(dependency)?;
            return Ok(None);
        }
        if dependency.repository.starts_with("file://") {
            if self.debug {
                let from = &dependency.repository;
                let _ = writeln!(self.out, "Archiving {name} from repo {from}");
            }
            let folder = self.local(&dependency.repository)?;
            let chart = load::load_any(self.client.host, &Sources::new(), &folder, self.log)?;
            let range = range_of(dependency, &name, true)?;
            let version = Version::parse(&chart.metadata.version).map_err(fault)?;
            if !range.check(&version) {
                return Err(fault(format!("can't get a valid version for dependency {name}")));
            }
            dependency.version = chart.metadata.version.clone();
            let file = format!("{}-{}.tgz", chart.metadata.name, chart.metadata.version);
            return Ok(Some((file, package::archive(&chart, self.epoch)?)));
        }
        let source = self
            .find(dependency, known)
            .map_err(|why| why.context(format_args!("could not find {}", "")))?;
        let from = &dependency.repository;
        if addresses.contains(&source.address) {
            let _ = writeln!(self.out, "Already downloaded {name} from repo {from}");
            return Ok(None);
        }
        let _ = writeln!(self.out, "Downloading {name} from repo {from}");
        let mut told = Vec::new();
        let fetched = self.client.fetch(&source, &self.provenance, &mut told);
        for text in told {
            let _ = writeln!(self.out, "{text}");
        }
        let fetched = fetched.map_err(|why| {
            let address = source.address.clone();
            // Without its tag, as Helm tells it.
            let shown = match address.rsplit_once(':') {
                Some((before, _)) if url::is_oci(&address) => before.to_string(),
                _ => address,
            };
            why.context(format_args!("could not download {shown}"))
        })?;
        addresses.push(source.address.clone());
        Ok(Some((source.file_name, fetched.chart)))
    }

    fn find(&mut self, dependency: &Dependency, known: &[Entry]) -> Result<Source> {
        let (name, version) = (&dependency.name, &dependency.version);
        if url::is_oci(&dependency.repository) {
            let address = format!("{}/{name}", dependency.repository.trim_end_matches('/'));
            return self.client.resolve(&address, version, self.log);
        }
        let entry = known.iter().find(|entry| url::equal(&dependency.repository, &entry.url));
        if let Some(entry) = entry {
            return self.client.resolve(&format!("{}/{name}", entry.name), version, self.log);
        }
        let access = super::Access::default();
        self.client
            .find_in_repository(&dependency.repository, name, version, &access, self.log)
            .map_err(|why| {
                why.context(format_args!("chart {name} not found in {}", dependency.repository))
            })
    }

    fn check_unpacked(&mut self, dependency: &Dependency) -> Result<()> {
        let path = filepath::join(&self.chart_path, &format!("charts/{}", dependency.name));
        let chart =
            load::load_any(self.client.host, &Sources::new(), Path::new(&path), self.log)
                .map_err(|fault| fault.context(format_args!("unable to load chart '{path}'")))?;
        let range = range_of(dependency, &dependency.name, false)?;
        let found = &chart.metadata.version;
        let version = Version::parse(found).map_err(|why| {
            fault(format!(
                "invalid version {} for dependency {}: {why}",
                dependency.version, dependency.name
            ))
        })?;
        if range.check(&version) {
            return Ok(());
        }
        Err(fault(format!(
            "dependency {} at version {found} does not satisfy the constraint {}",
            dependency.name, dependency.version
        )))
    }

    /// Writes the archives and deletes those of other versions.
    fn store(
        &mut self,
        locked: &[Dependency],
        folder: &Path,
        archives: Vec<(String, Vec<u8>)>,
    ) -> Result<()> {
        let host = self.client.host;
        let before = host.read_dir(folder).unwrap_or_default();
        for (name, bytes) in &archives {
            let path = folder.join(name);
            if let Err(why) = crate::chart::archive::read(bytes) {
                let shown = path.display();
                let _ = write!(self.out, "Could not verify {shown} for moving: {why} (Skipping)");
                continue;
            }
            host.write(&path, bytes).map_err(|error| fault(path_error("open", &path, &error)))?;
        }
        let _ = writeln!(self.out, "Deleting outdated charts");
        for name in before {
            let path = folder.join(&name);
            let is_kept = archives.iter().any(|(kept, _)| name == kept.as_str());
            let is_folder = host.stat(&path, true).is_ok_and(|stat| stat.kind == FileKind::Dir);
            if is_kept || is_folder {
                continue;
            }
            let shown = path.display();
            match load::load_any(host, &Sources::new(), &path, &mut Vec::new()) {
                Err(why) => {
                    let _ = writeln!(
                        self.out,
                        "Could not verify {shown} for deletion: {why} (Skipping)"
                    );
                }
                Ok(chart) => {
                    let is_local = |it: &Dependency| {
                        it.repository.is_empty() && it.name == chart.metadata.name
                    };
                    if locked.iter().any(is_local) {
                        continue;
                    }
                    if let Err(error) = host.remove_file(&path) {
                        let why = path_error("remove", &path, &error);
                        let _ = write!(self.out, "Could not delete {shown}: {why} (Skipping)");
                    }
                }
            }
        }
        Ok(())
    }

    fn write_lock(&self, lock: &Lock, is_old: bool) -> Result<()> {
        let name = if is_old { "requirements.lock" } else { "Chart.lock" };
        let path = PathBuf::from(filepath::join(&self.chart_path, name));
        let host = self.client.host;
        if host.stat(&path, false).is_ok_and(|stat| stat.kind == FileKind::Symlink) {
            let target = host.read_link(&path).unwrap_or_default().display().to_string();
            let target = quote(target.as_bytes());
            return Err(fault(format!("the {name} file is a symlink to {target}")));
        }
        host.write(&path, &lock.to_yaml()).map_err(|error| fault(path_error("open", &path, &error)))
    }
}

fn range_of(dependency: &Dependency, name: &str, quoted: bool) -> Result<Constraints, Fault> {
    Constraints::parse(&dependency.version).map_err(|why| {
        let shown = if quoted { quote(name.as_bytes()) } else { name.to_string() };
        fault(format!("dependency {shown} has an invalid version/constraint format: {why}"))
    })
}

/// `url.ParseRequestURI`: an address with a scheme, or an absolute path.
fn is_request_address(text: &str) -> bool {
    Url::parse(text.as_bytes()).is_ok_and(|url| !url.scheme.is_empty() || text.starts_with('/'))
}
