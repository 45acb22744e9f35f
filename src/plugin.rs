//! Helm's plugins, as far as rendering needs them: what is installed, and which program a
//! post-renderer runs.
//!
//! A plugin is a folder with a `plugin.yaml` in the folder of plugins. Blind to the command
//! line and to charts.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::host::Host;
use crate::source::SourceId;

/// The kind of plugin that changes what was rendered.
pub const POST_RENDERER: &str = "postrenderer/v1";

/// An installed plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plugin {
    /// Its folder.
    pub folder: PathBuf,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is: `cli/v1`, `getter/v1`, `postrenderer/v1`.
    pub kind: String,
    /// `v1`, or `legacy` for the form of Helm 3.
    pub api_version: String,
    /// Where it came from.
    pub source: String,
    commands: Vec<Command>,
    hooks: Vec<(String, Vec<Command>)>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
struct Command {
    #[serde(default)]
    os: String,
    #[serde(default)]
    arch: String,
    #[serde(default)]
    command: String,
    #[serde(default)]
    args: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default, rename = "sourceURL")]
    source: String,
    #[serde(default)]
    runtime: String,
    #[serde(default)]
    runtime_config: RuntimeConfig,
    #[serde(default)]
    downloaders: Vec<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuntimeConfig {
    #[serde(default)]
    platform_command: Vec<Command>,
    #[serde(default)]
    platform_hooks: std::collections::BTreeMap<String, Vec<Command>>,
}

impl Plugin {
    /// Reads the plugin in a folder.
    ///
    /// Errors: no plugin.yaml, or one that says too little.
    pub fn load(host: &dyn Host, folder: &Path) -> Result<Self, String> {
        let path = folder.join("plugin.yaml");
        let failed = |why: String| format!("failed to read plugin at {}: {why}", path.display());
        let bytes =
            host.read(&path).map_err(|error| failed(crate::diag::io::read_error(&path, &error)))?;
        crate::values::read::single(&bytes, SourceId::NONE).map_err(|fault| {
            let folder = crate::golang::quote::quote(folder.to_string_lossy().as_bytes());
            let why = fault.message().to_string();
            let why = why.trim_start_matches("error converting YAML to JSON: ");
            format!("failed to load plugin {folder}: failed to peek plugin.yaml API version: {why}")
        })?;
        let manifest: Manifest =
            serde_yaml::from_slice(&bytes).map_err(|error| failed(error.to_string()))?;
        let is_legacy = manifest.api_version.is_empty();
        let kind = match (is_legacy, manifest.downloaders.is_empty()) {
            (false, _) => manifest.kind,
            (true, true) => "cli/v1".into(),
            (true, false) => "getter/v1".into(),
        };
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if manifest.name.is_empty() || !manifest.name.chars().all(legal) {
            return Err(failed("invalid plugin `name`".into()));
        }
        if !is_legacy && kind.is_empty() {
            return Err(failed("`type` missing".into()));
        }
        if !is_legacy && kind == POST_RENDERER && manifest.runtime != "subprocess" {
            return Err(failed(format!("unsupported plugin runtime type: {:?}", manifest.runtime)));
        }
        Ok(Plugin {
            folder: folder.to_path_buf(),
            name: manifest.name,
            version: manifest.version,
            kind,
            api_version: if is_legacy { "legacy".into() } else { manifest.api_version },
            source: manifest.source,
            commands: manifest.runtime_config.platform_command,
            hooks: manifest.runtime_config.platform_hooks.into_iter().collect(),
        })
    }

    /// The program and its arguments on this machine, variables filled in.
    ///
    /// Errors: no command is meant for this machine.
    pub fn command(&self, env: &[(String, String)]) -> Result<(String, Vec<String>), String> {
        prepare(&self.commands, env).ok_or_else(|| {
            "failed to prepare plugin command: no plugin command is applicable".to_string()
        })
    }

    /// The program that is to run at an event (`install`, `delete`), if there is one.
    pub fn hook(&self, event: &str, env: &[(String, String)]) -> Option<(String, Vec<String>)> {
        let (_, commands) = self.hooks.iter().find(|(name, _)| name == event)?;
        prepare(commands, env)
    }

    /// The variables that a plugin's programs see, on top of `settings`.
    pub fn variables(&self, settings: &[(String, String)]) -> Vec<(String, String)> {
        let own = [
            ("HELM_PLUGIN_NAME".to_string(), self.name.clone()),
            ("HELM_PLUGIN_DIR".to_string(), self.folder.display().to_string()),
        ];
        settings.iter().cloned().chain(own).collect()
    }
}

/// The plugins in a list of folders, in the order of their own folders' names. What cannot be
/// read is no plugin; `log` receives a record of it.
pub fn installed(host: &dyn Host, folders: &Path, log: &mut Vec<String>) -> Vec<Plugin> {
    let mut found = Vec::new();
    for folder in std::env::split_paths(folders.as_os_str()) {
        for name in host.read_dir(&folder).unwrap_or_default() {
            let folder = folder.join(name);
            if host.stat(&folder.join("plugin.yaml"), true).is_err() {
                continue;
            }
            match Plugin::load(host, &folder) {
                Ok(plugin) => found.push(plugin),
                Err(why) => {
                    let why = crate::diag::log::field(why);
                    let place = crate::diag::log::field(folder.join("plugin.yaml").display());
                    log.push(format!(
                        "level=WARN msg=\"failed to load plugin (ignoring)\" plugin_yaml={place} \
                         error={why}"
                    ));
                }
            }
        }
    }
    found
}

fn prepare(commands: &[Command], env: &[(String, String)]) -> Option<(String, Vec<String>)> {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    // The most particular wins; of equals the first.
    let rank = |command: &Command| {
        let is = |wanted: &str, own: &str| wanted.eq_ignore_ascii_case(own);
        match (command.os.as_str(), command.arch.as_str()) {
            (wanted, other) if is(wanted, os) && is(other, arch) => Some(0),
            (wanted, "") if is(wanted, os) => Some(1),
            ("", "") => Some(2),
            _ => None,
        }
    };
    let (_, chosen) = commands
        .iter()
        .filter_map(|command| Some((rank(command)?, command)))
        .min_by_key(|(rank, _)| *rank)?;
    let mut words = chosen.command.split(' ').map(|word| expand(word, env));
    let program = words.next().filter(|program| !program.is_empty())?;
    let args = words.chain(chosen.args.iter().map(|arg| expand(arg, env))).collect();
    Some((program, args))
}

/// Fills `$NAME` and `${NAME}` in; what is not set is nothing.
fn expand(text: &str, env: &[(String, String)]) -> String {
    let value = |name: &str| {
        let found = env.iter().rfind(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        rest = match after.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
            Some((name, after)) => {
                out.push_str(value(name));
                after
            }
            None => {
                let end = after.find(|c| !is_part(c)).unwrap_or(after.len());
                out.push_str(if end == 0 { "$" } else { value(&after[..end]) });
                &after[end..]
            }
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in() {
        let env = [("A".to_string(), "x".to_string())];
        assert_eq!(expand("${A}/b $A-$NOPE.", &env), "x/b x-.");
        assert_eq!(expand("a$ b", &env), "a$ b");
    }

    #[test]
    fn the_most_particular_command_is_taken() {
        let command = |os: &str, name: &str| Command {
            os: os.into(),
            command: name.into(),
            args: vec!["1".into()],
            ..Command::default()
        };
        let commands = [command("", "any"), command("plan9", "other"), command("linux", "lin")];
        let want = if cfg!(target_os = "linux") { "lin" } else { "any" };
        assert_eq!(prepare(&commands, &[]), Some((want.into(), vec!["1".into()])));
        assert_eq!(prepare(&commands[1..2], &[]), None);
    }
}
