//! `--post-renderer`: what was rendered, through a plugin or a program of the user.

use std::path::Path;

use super::Failure;
use super::flags::GlobalFlags;
use super::persona::Persona;
use super::settings::Settings;
use crate::diag::{Fault, FaultKind};
use crate::host::{Host, Program};
use crate::manifest::{filenames, split};
use crate::plugin::{POST_RENDERER, Plugin, installed};
use crate::render::RenderedFile;

/// What `--post-renderer` names.
pub(super) enum PostRenderer {
    /// An installed plugin.
    Plugin(Box<Plugin>),
    /// A program, as Helm 3 takes it.
    Program(String),
}

impl PostRenderer {
    /// Finds a plugin of the name, else a program.
    ///
    /// Errors: neither is there, in Helm's words.
    pub(super) fn find(
        name: &str,
        host: &dyn Host,
        global: &GlobalFlags,
        log: &mut Vec<String>,
    ) -> Result<Self, Failure> {
        let folder = Settings::new(host, global).plugins();
        let plugins = installed(host, &folder, log);
        let plugin = plugins.into_iter().find(|it| it.name == name && it.kind == POST_RENDERER);
        if let Some(plugin) = plugin {
            return Ok(PostRenderer::Plugin(Box::new(plugin)));
        }
        let is_there = |path: &Path| host.stat(path, true).is_ok();
        let on_path = || {
            let path = host.env("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| is_there(&folder.join(name)))
        };
        if if name.contains('/') { is_there(Path::new(name)) } else { on_path() } {
            return Ok(PostRenderer::Program(name.to_string()));
        }
        Err(Failure::new(format!(
            "invalid argument \"{name}\" for \"--post-renderer\" flag: plugin: {{Name:{name} \
             Type:{POST_RENDERER}}} not found"
        )))
    }

    /// The files as the post-renderer leaves them; documents that it does not say a file of are
    /// named by their place.
    ///
    /// Errors: documents that are no YAML, a program that fails or writes nothing.
    pub(super) fn run(
        &self,
        files: &[RenderedFile],
        args: &[String],
        host: &dyn Host,
        global: &GlobalFlags,
        log: &mut Vec<String>,
    ) -> Result<Vec<RenderedFile>, Fault> {
        let fault = |text: String| Fault::new(FaultKind::Output, text);
        let input = merged(files).map_err(fault)?;
        let output = self
            .invoke(&input, args, host, global, log)
            .map_err(|why| fault(format!("error while running post render on files: {why}")))?;
        parted(&output)
            .map_err(|why| fault(format!("error while parsing post rendered output: {why}")))
    }

    fn invoke(
        &self,
        input: &str,
        args: &[String],
        host: &dyn Host,
        global: &GlobalFlags,
        log: &mut Vec<String>,
    ) -> Result<String, String> {
        let variables = Settings::new(host, global).variables();
        let settings: Vec<(String, String)> =
            variables.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        let (name, what, (path, mut words), env) = match self {
            PostRenderer::Plugin(plugin) => {
                let env = plugin.variables(&settings);
                let failed = |why: String| failed_plugin(&plugin.name, &why);
                (&plugin.name, "plugin", plugin.command(&env).map_err(failed)?, env)
            }
            PostRenderer::Program(path) => (path, "program", (path.clone(), Vec::new()), settings),
        };
        words.extend_from_slice(args);
        let program = Program { path: &path, args: &words, env: &env, input: input.as_bytes() };
        let output = host
            .pipe(&program)
            .map_err(|error| failed_plugin(name, &crate::diag::io::reason(&error)))?;
        if output.code != Some(0) {
            if global.persona == Persona::Rhumb {
                // Helm keeps it to itself.
                let said = String::from_utf8_lossy(&output.stderr).trim_end().to_string();
                log.extend(Some(said).filter(|said| !said.is_empty()));
            }
            return Err(failed_plugin(name, &format!("{what} \"{name}\" exited with error")));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if text.trim().is_empty() {
            return Err(format!("post-renderer \"{name}\" produced empty output"));
        }
        Ok(text)
    }
}

fn failed_plugin(name: &str, why: &str) -> String {
    format!("failed to invoke post-renderer plugin \"{name}\": {why}")
}

/// All documents in the order of their files' names, each with its file.
fn merged(files: &[RenderedFile]) -> Result<String, String> {
    let mut sorted: Vec<&RenderedFile> = files.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    let mut documents = Vec::new();
    for file in sorted {
        let base = file.path.rsplit('/').next().unwrap_or(&file.path);
        if base.starts_with('_') {
            continue;
        }
        for document in split::split(&file.text) {
            if split::trim(document).is_empty() {
                continue;
            }
            let text = String::from_utf8_lossy(document);
            let annotated = filenames::annotate(&text, &file.path)
                .map_err(|why| format!("parsing {}: {why}", file.path))?;
            documents.push(ended(annotated));
        }
    }
    Ok(documents.join("---\n"))
}

fn ended(text: String) -> String {
    format!("{}\n", text.trim_end())
}

/// The documents of a post-renderer's output by their files.
fn parted(output: &str) -> Result<Vec<RenderedFile>, String> {
    let mut files: Vec<(String, Vec<String>)> = Vec::new();
    for (at, document) in split::split(output.as_bytes()).into_iter().enumerate() {
        let text = String::from_utf8_lossy(document);
        let (file, text) = filenames::deannotate(&text)
            .map_err(|why| format!("error parsing YAML: MalformedYAMLError: {why}"))?;
        let file = file.unwrap_or_else(|| format!("generated-by-postrender-{at}.yaml"));
        match files.iter_mut().find(|(known, _)| *known == file) {
            Some((_, documents)) => documents.push(ended(text)),
            None => files.push((file, vec![ended(text)])),
        }
    }
    let files = files.into_iter().map(|(path, documents)| RenderedFile {
        path,
        text: documents.join("---\n").into(),
        ..RenderedFile::default()
    });
    Ok(files.collect())
}
