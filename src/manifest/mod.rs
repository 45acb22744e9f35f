//! Rendered files to manifests and hooks in install order.
//!
//! Knows Helm's rules for splitting, heads, hooks and kinds; blind to templates and values.

pub mod filenames;
mod hooks;
pub mod print;
mod sort;
pub mod split;

use bytes::Bytes;

use crate::compat::Compat;
use crate::diag::{Fault, FaultKind, Result};
use crate::parallel;
use crate::yaml::head::{self, Head};

/// One document of a rendered file.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file it came from, as `# Source:` names it.
    pub path: String,
    /// Its text: left-trimmed, trailing white space kept.
    pub text: Bytes,
    /// Where it begins in the rendered file.
    pub offset: usize,
    /// Kind, name and annotations.
    pub head: Head,
}

impl Manifest {
    /// What is printed of it.
    pub fn printed(&self) -> print::Document<'_> {
        (&self.path, &self.text)
    }
}

/// A document that carries the annotation `helm.sh/hook`.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The document.
    pub manifest: Manifest,
    /// Its events, `test-success` counted as `test`.
    pub events: Vec<&'static str>,
}

impl Hook {
    /// Whether one of its events is `test`.
    pub fn is_test(&self) -> bool {
        self.events.contains(&"test")
    }
}

/// Every document of a render, in the order Helm prints them.
#[derive(Clone, Debug, Default)]
pub struct Sorted {
    /// Documents that are no hooks, by kind, then file, then place.
    pub manifests: Vec<Manifest>,
    /// Hooks in the same order; their weights do not count.
    pub hooks: Vec<Hook>,
}

impl Sorted {
    /// Takes the white space at the end of every document away, which Helm keeps; for output that
    /// need not be Helm's.
    pub fn trim_ends(&mut self) {
        let hooks = self.hooks.iter_mut().map(|hook| &mut hook.manifest);
        for manifest in self.manifests.iter_mut().chain(hooks) {
            manifest.text.truncate(manifest.text.trim_ascii_end().len());
        }
    }
}

/// Splits rendered files (sorted by path here), reads each document's head, sets hooks apart
/// and sorts by kind.
///
/// `log` receives Helm's records on unknown hooks.
/// Errors: a document whose YAML does not parse or is not a map, `YAML parse error on <path>`.
pub fn sort_manifests<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a Bytes)>,
    log: &mut Vec<String>,
) -> Result<Sorted> {
    sort_manifests_as(Compat::Helm4, files, log)
}

/// Like [`sort_manifests`], as a certain major version of Helm splits and sorts.
pub fn sort_manifests_as<'a>(
    compat: Compat,
    files: impl IntoIterator<Item = (&'a str, &'a Bytes)>,
    log: &mut Vec<String>,
) -> Result<Sorted> {
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_by_key(|(path, _)| *path);
    let is_partial = |path: &str| path.rsplit('/').next().unwrap_or(path).starts_with('_');
    let mut documents = Vec::new();
    for (path, text) in files.into_iter().filter(|(path, _)| !is_partial(path)) {
        let split = match compat {
            Compat::Helm3 => split::split_trimmed(text),
            Compat::Helm4 => split::split(text),
        };
        documents.extend(split.into_iter().map(|document| (path, text, document)));
    }
    let heads = parallel::map_texts(
        &documents,
        |(_, _, document)| document.len(),
        |(_, _, document)| head::read(document),
    );
    let mut sorted = Sorted::default();
    for ((path, text, document), head) in documents.into_iter().zip(heads) {
        let head = head.map_err(|fault| {
            fault.context(format_args!("YAML parse error on {path}")).with_kind(FaultKind::Output)
        })?;
        let hook = head.annotation("helm.sh/hook").map(str::to_string);
        let manifest = Manifest {
            path: path.to_string(),
            text: text.slice_ref(document),
            // Documents are slices of the file.
            offset: document.as_ptr() as usize - text.as_ptr() as usize,
            head,
        };
        match hook {
            None => sorted.manifests.push(manifest),
            Some(types) => match hooks::events(&types) {
                Some(events) => sorted.hooks.push(Hook { manifest, events }),
                None => log.push(format!(
                    "level=INFO msg=\"skipping unknown hooks\" hookTypes={}",
                    crate::diag::log::field(&types)
                )),
            },
        }
    }
    let by_kind = |a: &Manifest, b: &Manifest| sort::by_kind(compat, &a.head.kind, &b.head.kind);
    sorted.manifests.sort_by(by_kind);
    sorted.hooks.sort_by(|a, b| by_kind(&a.manifest, &b.manifest));
    Ok(sorted)
}

/// The documents of finished output that come from the given template paths, in the order of
/// the arguments; a pattern in Go's `filepath.Match` syntax may select several.
///
/// Errors: a path that selects nothing, `could not find template <path> in chart`.
pub fn show_only<'a>(compat: Compat, output: &'a [u8], paths: &[String]) -> Result<Vec<&'a [u8]>> {
    let documents = match compat {
        Compat::Helm3 => split::split_trimmed(output),
        Compat::Helm4 => split::split(output),
    };
    let named: Vec<(Option<String>, &[u8])> =
        documents.into_iter().map(|text| (source_path(text), text)).collect();
    let mut shown = Vec::new();
    for path in paths {
        let before = shown.len();
        for (name, text) in &named {
            let matches = name.as_ref().is_some_and(|name| {
                crate::golang::filepath::matches(path.as_bytes(), name.as_bytes()).unwrap_or(false)
            });
            if matches {
                shown.push(*text);
            }
        }
        if shown.len() == before {
            let message = format!("could not find template {path} in chart");
            return Err(Fault::new(FaultKind::Usage, message));
        }
    }
    Ok(shown)
}

/// The template path below the chart that the first `# Source: chart/path` in a document names.
fn source_path(text: &[u8]) -> Option<String> {
    const MARK: &[u8] = b"# Source: ";
    text.split(|&byte| byte == b'\n').find_map(|line| {
        let mut from = 0;
        // The mark may stand anywhere in a line; the chart's name has at least one byte, and
        // so has the path.
        while let Some(at) = line[from..].windows(MARK.len()).position(|window| window == MARK) {
            let rest = &line[from + at + MARK.len()..];
            if let Some(slash) = rest.iter().position(|&byte| byte == b'/')
                && slash > 0
                && slash + 1 < rest.len()
            {
                return Some(String::from_utf8_lossy(&rest[slash + 1..]).into_owned());
            }
            from += at + 1;
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(files: &[(&str, &str)]) -> (String, Vec<String>) {
        let mut log = Vec::new();
        let files: Vec<(&str, Bytes)> =
            files.iter().map(|(path, text)| (*path, Bytes::from((*text).to_owned()))).collect();
        let files = files.iter().map(|(path, text)| (*path, text));
        let sorted = sort_manifests(files, &mut log).expect("sorts");
        let mut names: Vec<String> =
            sorted.manifests.iter().map(|m| format!("{}:{}", m.path, m.head.kind)).collect();
        names.extend(sorted.hooks.iter().map(|h| format!("hook {}", h.manifest.path)));
        (names.join(" "), log)
    }

    #[test]
    fn kinds_then_paths_then_hooks() {
        let (names, log) = sorted(&[
            ("c/b", "kind: Service\n---\nkind: Zed\n"),
            ("c/a", "kind: Deployment\n---\nkind: Service\n"),
            ("c/h", "kind: Job\nmetadata: {annotations: {helm.sh/hook: \"test, pre-install\"}}"),
            ("c/u", "kind: Job\nmetadata: {annotations: {helm.sh/hook: crd-install}}"),
            ("c/_p", "kind: Service"),
        ]);
        assert_eq!(names, "c/a:Service c/b:Service c/a:Deployment c/b:Zed hook c/h");
        assert_eq!(log, ["level=INFO msg=\"skipping unknown hooks\" hookTypes=crd-install"]);
    }

    #[test]
    fn show_only_matches_below_the_chart() {
        let output =
            b"---\n# Source: c/templates/a.yaml\na: 1\n\n---\n# Source: c/templates/b.yaml\nb: 1\n";
        let shown = |paths: &[&str]| {
            let paths: Vec<String> = paths.iter().map(|path| (*path).to_string()).collect();
            show_only(Compat::Helm4, output, &paths).map(|documents| documents.len())
        };
        assert_eq!(shown(&["templates/*.yaml"]).ok(), Some(2));
        assert_eq!(shown(&["templates/b.yaml", "templates/b.yaml"]).ok(), Some(2));
        let fault = shown(&["templates/*.yaml", "nope"]).expect_err("no match");
        assert_eq!(fault.message(), "could not find template nope in chart");
    }
}
