//! `rhumb version`: its own version, and that of the Helm whose place it takes.

use super::arguments::Usage;
use super::flags::GlobalFlags;
use super::persona::Persona;
use super::{Failure, Streams, write_out};
use crate::host::Host;
use crate::render;
use crate::render::capabilities::{DEFAULT_KUBE_MINOR, HELM_COMMIT, HELM_GO_VERSION, HELM_VERSION};
use crate::value::{Kind, Object, Value};

/// Print the version
///
/// Under the name `helm` this is the version of the Helm that rhumb stands in for, in the form
/// that Helm's clients read; `--short` and `--template` give that form under either name.
///
/// Clients that know only Helm 3 are served by RHUMB_HELM_VERSION=v3.20.0, say: that version is
/// reported then; nothing else changes.
///
/// The template sees .Version, .GitCommit, .GitTreeState, .GoVersion and .KubeClientVersion.
///
/// Example: rhumb version --template '{{ .Version }}'
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[arg(hide = true)]
    positional: Vec<String>,

    /// Print only the version number
    #[arg(long)]
    short: bool,

    /// Go template for what is printed
    #[arg(long, value_name = "TEMPLATE")]
    template: Option<String>,

    /// Accepted for clients that still ask so; there is no server
    #[arg(short, long, hide = true)]
    client: bool,
}

/// What the template of `--template` sees.
struct BuildInfo {
    version: String,
    kube: String,
}

impl Object for BuildInfo {
    fn type_name(&self) -> &'static str {
        "version.BuildInfo"
    }
    fn kind(&self) -> Kind {
        Kind::Struct
    }
    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find_map(|(field, value)| (field == name).then_some(value))
    }
    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", Value::str(self.version.as_str())),
            ("GitCommit", Value::str(HELM_COMMIT)),
            ("GitTreeState", Value::str("clean")),
            ("GoVersion", Value::str(HELM_GO_VERSION)),
            ("KubeClientVersion", Value::str(self.kube.as_str())),
        ]
    }
}

const USAGE: Usage = Usage { command: "version", rest: "[flags]" };

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    USAGE.none(global, &args.positional)?;
    let own = env!("CARGO_PKG_VERSION");
    let wished = host.env("RHUMB_HELM_VERSION").filter(|version| !version.is_empty());
    let helm = wished.as_deref().unwrap_or(HELM_VERSION);
    let kube = format!("v1.{DEFAULT_KUBE_MINOR}");
    if let Some(template) = args.template.as_deref().filter(|text| !text.is_empty()) {
        let build = BuildInfo { version: helm.to_owned(), kube };
        let text = render::value_template(host, template, &Value::object(build))?;
        return write_out(streams.out, &text);
    }
    let text = match (global.persona, args.short) {
        (Persona::Helm, true) => format!("{helm}+g{}\n", &HELM_COMMIT[..7]),
        // Clients take the first thing that looks like a version: it has to be Helm's.
        (Persona::Rhumb, true) => format!("{helm}+rhumb{own}\n"),
        (Persona::Helm, false) => format!(
            "version.BuildInfo{{Version:\"{helm}\", GitCommit:\"{HELM_COMMIT}\", \
             GitTreeState:\"clean\", GoVersion:\"{HELM_GO_VERSION}\", KubeClientVersion:\"{kube}\"}}\n"
        ),
        (Persona::Rhumb, false) => format!("rhumb {own} (renders as Helm {HELM_VERSION})\n"),
    };
    write_out(streams.out, text.as_bytes())
}
