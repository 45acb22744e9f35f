//! Snapshot files of helm-unittest: what a job's values were when someone last looked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::io::{mkdir_all, path_error};
use crate::golang::regexp::Regexp;
use crate::host::Host;
use crate::yaml::any::{Any, AnyMap, Entry};
use crate::yaml::any_read::read_first;
use crate::yaml::emit_pretty::any_to_yaml;

/// Texts by number, by the name of their job.
type Texts = BTreeMap<String, BTreeMap<i64, String>>;

/// Snapshots of a suite as they are counted at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotCounts {
    /// Compared.
    pub total: usize,
    /// Different from what is stored.
    pub failed: usize,
    /// Stored for the first time.
    pub created: usize,
    /// Stored and no longer asked for.
    pub vanished: usize,
}

/// The stored snapshots of a suite.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    cached: Texts,
    /// Whether differences are accepted.
    updating: bool,
    /// Jobs whose differences are accepted in any case.
    accepted: Vec<String>,
}

/// What a job compared, in order.
#[derive(Debug, Default)]
pub(super) struct Compared(Vec<Entered>);

#[derive(Debug)]
struct Entered {
    job: String,
    number: i64,
    text: String,
    created: bool,
    changed: bool,
}

/// The result of a comparison.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) passed: bool,
    pub(super) number: i64,
    pub(super) new: String,
    pub(super) cached: String,
    /// What an expression found or missed; empty where texts were compared.
    pub(super) message: String,
}

/// Compares the values of one job.
#[derive(Debug)]
pub(super) struct Comparer<'a> {
    store: &'a Store,
    job: &'a str,
    compared: Compared,
}

impl Store {
    /// Reads the snapshots of a suite file.
    ///
    /// Errors: a file that cannot be read or is no snapshot file.
    pub(super) fn read(
        host: &dyn Host,
        suite_file: &str,
        updating: bool,
        accepted: Vec<String>,
    ) -> Result<Self, String> {
        let file = Path::new(suite_file);
        let mut name = file.file_name().unwrap_or_default().to_os_string();
        name.push(".snap");
        let path = file.with_file_name("__snapshot__").join(name);
        let cached = match host.read(&path) {
            Ok(bytes) => parse(&String::from_utf8_lossy(&bytes))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Texts::new(),
            Err(error) => return Err(path_error("open", &path, &error)),
        };
        Ok(Store { path, cached, updating, accepted })
    }

    /// Whether differences of a job are accepted.
    fn accepts(&self, job: &str) -> bool {
        self.updating || self.accepted.iter().any(|accepted| accepted == job)
    }

    /// Starts the comparisons of a job.
    pub(super) fn comparer<'a>(&'a self, job: &'a str) -> Comparer<'a> {
        Comparer { store: self, job, compared: Compared::default() }
    }

    /// Counts what the jobs of a suite compared.
    pub(super) fn count(&self, jobs: &[Compared]) -> SnapshotCounts {
        let entries = || jobs.iter().flat_map(|job| &job.0);
        let failed = entries().filter(|entry| entry.changed && !self.accepts(&entry.job));
        SnapshotCounts {
            total: entries().count(),
            failed: failed.count(),
            created: entries().filter(|entry| entry.created).count(),
            vanished: 0,
        }
    }

    /// Writes the file where something is new, accepted or, with `complete`, gone; gives the
    /// number of snapshots that no job asked for. Suites of one file share its snapshots, so
    /// `jobs` are those of all of them.
    ///
    /// Errors: a file that cannot be written.
    pub(super) fn save(
        &self,
        host: &dyn Host,
        jobs: &[Compared],
        complete: bool,
    ) -> Result<usize, String> {
        let mut current = Texts::new();
        for entry in jobs.iter().flat_map(|job| &job.0) {
            current.entry(entry.job.clone()).or_default().insert(entry.number, entry.text.clone());
        }
        let has = |job: &String, number: &i64| {
            current.get(job).is_some_and(|texts| texts.contains_key(number))
        };
        let vanished = self
            .cached
            .iter()
            .flat_map(|(job, texts)| texts.keys().map(move |number| (job, number)))
            .filter(|(job, number)| !has(job, number))
            .count();
        let counts = self.count(jobs);
        let entries = || jobs.iter().flat_map(|job| &job.0);
        let accepted = entries().any(|entry| entry.changed && self.accepts(&entry.job));
        if accepted || counts.created > 0 || (complete && vanished > 0) {
            if !complete {
                // Jobs that did not run keep what they had.
                for (job, texts) in &self.cached {
                    let known = current.entry(job.clone()).or_default();
                    for (number, text) in texts {
                        known.entry(*number).or_insert_with(|| text.clone());
                    }
                }
            }
            self.write(host, &current)?;
        }
        Ok(vanished)
    }

    fn write(&self, host: &dyn Host, texts: &Texts) -> Result<(), String> {
        if let Some(folder) = self.path.parent() {
            mkdir_all(host, folder)?;
        }
        let jobs = texts.iter().map(|(job, texts)| {
            let numbered = texts.iter().map(|(number, text)| Entry {
                key: Any::Int(*number),
                line: 0,
                value: Any::from(text.as_str()),
            });
            (job.as_str(), Any::Map(Arc::new(AnyMap::new(numbered.collect()))))
        });
        let text = any_to_yaml(&Any::map(jobs));
        host.write(&self.path, text.as_bytes())
            .map_err(|error| path_error("open", &self.path, &error))
    }
}

fn parse(text: &str) -> Result<Texts, String> {
    let Some(document) = read_first(text)? else { return Ok(Texts::new()) };
    let mut texts = Texts::new();
    let jobs = document.as_map().map(AnyMap::entries).unwrap_or_default();
    for Entry { key, line, value } in jobs {
        let job = key.scalar_text().unwrap_or_default().into_owned();
        for entry in value.as_map().map(AnyMap::entries).unwrap_or_default() {
            let (Any::Int(number), Some(text)) = (&entry.key, entry.value.scalar_text()) else {
                return Err(format!(
                    "yaml: unmarshal errors:\n  line {line}: cannot unmarshal into map[uint]string"
                ));
            };
            texts.entry(job.clone()).or_default().insert(*number, text.into_owned());
        }
    }
    Ok(texts)
}

impl Comparer<'_> {
    /// Compares the next value: its text with the stored one or, where expressions are given,
    /// with them alone.
    ///
    /// Errors: an expression that does not compile.
    pub(super) fn compare(
        &mut self,
        value: &Any,
        wanted: &str,
        unwanted: &str,
    ) -> Result<Comparison, String> {
        let number = self.compared.0.len() as i64 + 1;
        let stored = self.store.cached.get(self.job).and_then(|texts| texts.get(&number));
        let new = snapshot_text(value);
        let (wanted, unwanted) = (wanted.trim(), unwanted.trim());
        let matches = |pattern: &str| {
            Regexp::compile(pattern.as_bytes())
                .map(|it| it.is_match(new.as_bytes()))
                .map_err(|why| format!("failed to compile regex pattern {pattern}: {why}"))
        };
        let mut message = String::new();
        let mut changed = false;
        if !wanted.is_empty() && !matches(wanted)? {
            message = format!(" pattern '{wanted}' not found in snapshot");
        } else if !unwanted.is_empty() && matches(unwanted)? {
            message = format!(" pattern '{unwanted}' should not be in snapshot");
        } else if wanted.is_empty() && unwanted.is_empty() {
            // Before 1.0.3, helm-unittest stored texts with the line ends at their start.
            changed = stored.is_some_and(|stored| *stored != new && *stored != any_to_yaml(value));
        }
        let accepts = self.store.accepts(self.job);
        let passed = accepts || (message.is_empty() && !changed);
        let kept = match stored {
            Some(stored) if !accepts => stored.clone(),
            _ => new.clone(),
        };
        let created = stored.is_none();
        self.compared.0.push(Entered {
            job: self.job.to_owned(),
            number,
            text: kept,
            created,
            changed,
        });
        let cached = stored.cloned().unwrap_or_default();
        Ok(Comparison { passed, number, new, cached, message })
    }

    /// What was compared.
    pub(super) fn into_compared(self) -> Compared {
        self.compared
    }
}

/// A value as assertions and snapshots show it: YAML, without line ends at the start of texts.
pub(super) fn snapshot_text(value: &Any) -> String {
    match without_leading_breaks(value) {
        Some(value) => any_to_yaml(&value),
        None => any_to_yaml(value),
    }
}

/// The value with its texts trimmed at the start; none when there is nothing to trim.
fn without_leading_breaks(value: &Any) -> Option<Any> {
    match value {
        Any::Str(text) => text.starts_with('\n').then(|| Any::from(text.trim_start_matches('\n'))),
        Any::List(items) => {
            let trimmed: Vec<_> = items.iter().map(without_leading_breaks).collect();
            trimmed.iter().any(Option::is_some).then(|| {
                let pairs = items.iter().zip(trimmed);
                Any::list(pairs.map(|(old, new)| new.unwrap_or_else(|| old.clone())).collect())
            })
        }
        Any::Map(map) if map.has_text_keys() => {
            let entries = map.entries();
            let trimmed: Vec<_> =
                entries.iter().map(|entry| without_leading_breaks(&entry.value)).collect();
            trimmed.iter().any(Option::is_some).then(|| {
                let pairs = entries.iter().zip(trimmed);
                let entries = pairs.map(|(old, new)| Entry {
                    value: new.unwrap_or_else(|| old.value.clone()),
                    ..old.clone()
                });
                Any::Map(Arc::new(AnyMap::new(entries.collect())))
            })
        }
        _ => None,
    }
}
