//! Flag groups shared by subcommands, with Helm's names.

use clap::Args;

use super::limits::LimitFlags;
use super::persona::Persona;
use super::pflag;
use crate::compat::Compat;
use crate::host::{Host, Stream};
use crate::repo::Access;
use crate::values::ValueOptions;

/// Flags of every subcommand.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct GlobalFlags {
    /// Namespace of the release
    #[arg(short, long, global = true, value_name = "NAMESPACE", help_heading = "Global options")]
    pub namespace: Option<String>,

    /// Print debug records, and manifests even when they fail
    #[arg(long, global = true, help_heading = "Global options")]
    pub debug: bool,

    /// Colours on stderr: never, auto, always
    #[arg(
        long,
        alias = "colour",
        global = true,
        default_value = "auto",
        value_name = "WHEN",
        help_heading = "Global options"
    )]
    pub color: String,

    /// Kubernetes configuration file that names the default namespace
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub kubeconfig: Option<String>,

    /// Context of the Kubernetes configuration
    #[arg(long, global = true, value_name = "NAME", help_heading = "Global options")]
    pub kube_context: Option<String>,

    /// Use nothing but what is on this machine: files and caches
    #[arg(long, global = true, help_heading = "Global options")]
    pub offline: bool,

    #[command(flatten)]
    pub limits: LimitFlags,

    #[command(flatten)]
    pub client: ClientFlags,

    /// Who the program is to its caller; not a flag
    #[arg(skip)]
    pub persona: Persona,

    /// The program's name as it was called; not a flag
    #[arg(skip)]
    pub started_as: String,
}

impl GlobalFlags {
    /// Whether a stream takes colours: as told, or when it is a terminal and neither `NO_COLOR`
    /// nor a dumb terminal says otherwise.
    pub(super) fn colors(&self, host: &dyn Host, stream: Stream) -> bool {
        let unwanted = || {
            host.env("NO_COLOR").is_some_and(|value| !value.is_empty())
                || host.env("TERM").is_some_and(|value| value == "dumb")
        };
        match self.color.as_str() {
            "always" => true,
            "auto" => host.is_terminal(stream) && !unwanted(),
            _ => false,
        }
    }
}

/// Flags of Helm about clusters, and where it keeps files about registries and repositories.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ClientFlags {
    #[arg(long, global = true, hide = true, value_parser = pflag::parse_int)]
    pub burst_limit: Option<i64>,
    /// Folder of downloaded charts, by digest
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help_heading = "Global options",
        hide_short_help = true
    )]
    pub content_cache: Option<String>,
    #[arg(long, global = true, hide = true)]
    pub kube_apiserver: Option<String>,
    #[arg(long, global = true, hide = true)]
    pub kube_as_group: Vec<String>,
    #[arg(long, global = true, hide = true)]
    pub kube_as_user: Option<String>,
    #[arg(long, global = true, hide = true)]
    pub kube_ca_file: Option<String>,
    #[arg(long, global = true, hide = true)]
    pub kube_insecure_skip_tls_verify: bool,
    #[arg(long, global = true, hide = true)]
    pub kube_tls_server_name: Option<String>,
    #[arg(long, global = true, hide = true)]
    pub kube_token: Option<String>,
    #[arg(long, global = true, hide = true, value_parser = pflag::parse_float)]
    pub qps: Option<f64>,
    /// File of the credentials for registries
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help_heading = "Global options",
        hide_short_help = true
    )]
    pub registry_config: Option<String>,
    /// Folder of the repositories' indexes
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help_heading = "Global options",
        hide_short_help = true
    )]
    pub repository_cache: Option<String>,
    /// File of the known repositories
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help_heading = "Global options",
        hide_short_help = true
    )]
    pub repository_config: Option<String>,
}

/// Where values come from.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ValueFlags {
    /// Values file, `-` for standard input; later files win [repeatable, or comma-separated]
    #[arg(short = 'f', long = "values", value_name = "FILE", value_parser = pflag::parse_list, help_heading = "Values")]
    values: Vec<String>,

    /// Set values: `a.b=1,list[0]=x` [repeatable]
    #[arg(long, value_name = "PATH=VALUE", help_heading = "Values")]
    set: Vec<String>,

    /// Set values as strings [repeatable]
    #[arg(long, value_name = "PATH=VALUE", help_heading = "Values")]
    set_string: Vec<String>,

    /// Set values as JSON: `a.b={"c":1}`, or one whole object [repeatable]
    #[arg(long, value_name = "PATH=JSON", help_heading = "Values")]
    set_json: Vec<String>,

    /// Set values to the contents of files: `a.b=path` [repeatable]
    #[arg(long, value_name = "PATH=FILE", help_heading = "Values")]
    set_file: Vec<String>,

    /// Set one value to the text after `=`, without escapes [repeatable]
    #[arg(long, value_name = "PATH=TEXT", help_heading = "Values")]
    set_literal: Vec<String>,
}

impl ValueFlags {
    /// As the values layer takes them; `-f` is split at commas as pflag splits CSV.
    pub(super) fn options(&self) -> ValueOptions {
        ValueOptions {
            files: self.values.iter().flat_map(|files| split_list(files)).collect(),
            set: self.set.clone(),
            set_string: self.set_string.clone(),
            set_json: self.set_json.clone(),
            set_file: self.set_file.clone(),
            set_literal: self.set_literal.clone(),
            compat: Compat::default(),
        }
    }
}

/// Which Helm to follow.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(super) struct CompatFlag {
    /// Major version of Helm to render like, where 3.20 and 4.3 differ: 3 or 4
    #[arg(long, value_name = "3|4", default_value = "4", value_parser = compat)]
    pub compat: Compat,
}

fn compat(text: &str) -> Result<Compat, String> {
    match text {
        "3" => Ok(Compat::Helm3),
        "4" => Ok(Compat::Helm4),
        _ => Err("must be 3 or 4".to_owned()),
    }
}

/// Splits a list flag at commas; double quotes protect a comma, as in pflag's CSV.
pub(super) fn split_list(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut item = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                item.push('"');
            }
            '"' if quoted || item.is_empty() => quoted = !quoted,
            ',' if !quoted => items.push(std::mem::take(&mut item)),
            c => item.push(c),
        }
    }
    if !text.is_empty() {
        items.push(item);
    }
    items
}

/// Flags of `helm template` that only an installation would obey: accepted, without effect.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct InstallFlags {
    #[arg(long, hide = true)]
    atomic: bool,
    #[arg(long, hide = true)]
    rollback_on_failure: bool,
    #[arg(long, hide = true)]
    create_namespace: bool,
    #[arg(long, hide = true)]
    description: Option<String>,
    #[arg(long, hide = true)]
    disable_openapi_validation: bool,
    #[arg(long, hide = true)]
    force: bool,
    #[arg(long, hide = true)]
    force_replace: bool,
    #[arg(long, hide = true)]
    force_conflicts: bool,
    #[arg(long, hide = true)]
    hide_notes: bool,
    /// With `--notes`: those of the charts below, too
    #[arg(long, hide = true)]
    pub render_subchart_notes: bool,
    #[arg(long, hide = true)]
    replace: bool,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = pflag::parse_bool)]
    server_side: Option<bool>,
    #[arg(long, hide = true)]
    skip_crds: bool,
    #[arg(long, hide = true)]
    take_ownership: bool,
    #[arg(long, hide = true, value_parser = pflag::parse_duration)]
    timeout: Option<crate::golang::time::duration::Duration>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "watcher", value_parser = pflag::parse_wait)]
    wait: Option<String>,
    #[arg(long, hide = true)]
    wait_for_jobs: bool,
    /// Labels of the release's metadata, which is not rendered
    #[arg(short = 'l', long, hide = true, value_parser = pflag::parse_labels)]
    pub labels: Vec<String>,
}

impl InstallFlags {
    /// What Helm says on stderr of flags that it means to drop.
    pub(super) fn deprecations(&self) -> Vec<&'static str> {
        const NO_EFFECT: &str =
            "this flag has no effect for 'helm template' and will be removed in Helm 5";
        const TEXTS: [[&str; 2]; 4] = [
            ["Flag --atomic has been deprecated, use --rollback-on-failure instead", ""],
            ["Flag --force has been deprecated, use --force-replace instead", ""],
            ["Flag --hide-notes has been deprecated, ", NO_EFFECT],
            ["Flag --render-subchart-notes has been deprecated, ", NO_EFFECT],
        ];
        let given = [self.atomic, self.force, self.hide_notes, self.render_subchart_notes];
        let texts = TEXTS.iter().zip(given).filter(|(_, given)| *given);
        texts.flat_map(|(text, _)| [text[0], text[1], "\n"]).collect()
    }

    /// Flags that exclude each other.
    ///
    /// Errors: both given, in Helm's words.
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, given) in [("force-replace", self.force_replace), ("force", self.force)] {
            if given && self.force_conflicts {
                let mut both = ["force-conflicts", name];
                both.sort_unstable();
                return Err(format!(
                    "if any flags in the group [{name} force-conflicts] are set none of the \
                     others can be; [{}] were all set",
                    both.join(" ")
                ));
            }
        }
        Ok(())
    }
}

/// How a chart that is not on disk is fetched.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ChartFlags {
    #[command(flatten)]
    pub server: ServerFlags,

    /// Address of the repository that holds the chart
    #[arg(long, value_name = "URL", help_heading = FETCHING, hide_short_help = true)]
    pub repo: Option<String>,

    /// Version of the chart, or a range: 1.2.3, ^2.0.0; without it the newest
    #[arg(long, value_name = "VERSION", help_heading = FETCHING, hide_short_help = true)]
    pub version: Option<String>,

    /// Take pre-releases, too: the same as --version '>0.0.0-0'
    #[arg(long, help_heading = FETCHING, hide_short_help = true)]
    pub devel: bool,

    /// Send the credentials to other hosts, too
    #[arg(long, help_heading = FETCHING, hide_short_help = true)]
    pub pass_credentials: bool,

    #[command(flatten)]
    pub verify: VerifyFlags,
}

impl ChartFlags {
    /// The version or range that is wanted; empty for the newest.
    pub(super) fn wanted(&self) -> &str {
        match self.version.as_deref().map(str::trim).unwrap_or_default() {
            "" if self.devel => ">0.0.0-0",
            version => version,
        }
    }

    /// The version as it was given.
    pub(super) fn version(&self) -> &str {
        self.version.as_deref().unwrap_or_default()
    }

    /// Whether `--devel` stands for a version.
    pub(super) fn takes_devel(&self) -> bool {
        self.devel && self.version().is_empty()
    }

    /// What the flags say of servers.
    pub(super) fn access(&self) -> Access {
        Access { pass_credentials: self.pass_credentials, ..self.server.access() }
    }
}

const FETCHING: &str = "Fetching";

/// How a server is reached.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ServerFlags {
    /// User name for the repository or registry
    #[arg(long, value_name = "NAME", help_heading = FETCHING, hide_short_help = true)]
    pub username: Option<String>,

    /// Password for the repository or registry
    #[arg(long, value_name = "PASSWORD", help_heading = FETCHING, hide_short_help = true)]
    pub password: Option<String>,

    /// Certificates (PEM) to trust instead of the system's
    #[arg(long, value_name = "FILE", help_heading = FETCHING, hide_short_help = true)]
    pub ca_file: Option<String>,

    /// Certificate (PEM) by which the server knows this client
    #[arg(long, value_name = "FILE", help_heading = FETCHING, hide_short_help = true)]
    pub cert_file: Option<String>,

    /// Key (PEM) of that certificate
    #[arg(long, value_name = "FILE", help_heading = FETCHING, hide_short_help = true)]
    pub key_file: Option<String>,

    /// Do not check the server's certificate
    #[arg(long, help_heading = FETCHING, hide_short_help = true)]
    pub insecure_skip_tls_verify: bool,

    /// Ask registries over HTTP
    #[arg(long, help_heading = FETCHING, hide_short_help = true)]
    pub plain_http: bool,
}

impl ServerFlags {
    /// As the repositories' code takes them.
    pub(super) fn access(&self) -> Access {
        let text = |flag: &Option<String>| flag.clone().unwrap_or_default();
        Access {
            username: text(&self.username),
            password: text(&self.password),
            pass_credentials: false,
            cert_file: text(&self.cert_file),
            key_file: text(&self.key_file),
            ca_file: text(&self.ca_file),
            insecure: self.insecure_skip_tls_verify,
            plain_http: self.plain_http,
        }
    }
}

/// Whether and by what charts are verified.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct VerifyFlags {
    /// Check the chart's signature first
    #[arg(long, help_heading = FETCHING, hide_short_help = true)]
    pub verify: bool,

    /// Public keys to check signatures by
    #[arg(long, value_name = "FILE", help_heading = FETCHING, hide_short_help = true)]
    pub keyring: Option<String>,
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_split_like_csv() {
        assert_eq!(super::split_list("a,b"), ["a", "b"]);
        assert_eq!(super::split_list("\"a,b\",c"), ["a,b", "c"]);
        assert!(super::split_list("").is_empty());
    }
}
