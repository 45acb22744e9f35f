//! `rhumb show`: what a chart says of itself.

use super::arguments::Usage;
use super::flags::{ChartFlags, GlobalFlags};
use super::locate::locate_or_fetch;
use super::{Failure, Streams, jsonpath, write_out};
use crate::chart::{Chart, File};
use crate::diag::log::debug;
use crate::host::Host;
use crate::source::Sources;

/// Show a chart's definition, values, README or custom resource definitions
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    part: Part,
}

#[derive(clap::Subcommand, Debug)]
enum Part {
    /// Show everything: definition, values, README and custom resource definitions
    ///
    /// Example: rhumb show all ./web
    All(ChartArgs),
    /// Show the chart's definition (Chart.yaml)
    ///
    /// Example: rhumb show chart web-1.2.3.tgz
    Chart(ChartArgs),
    /// Show the chart's custom resource definitions
    ///
    /// Example: rhumb show crds ./web | kubectl apply -f -
    Crds(ChartArgs),
    /// Show the chart's README
    ///
    /// Example: rhumb show readme ./web
    Readme(ChartArgs),
    /// Show the chart's default values (values.yaml)
    ///
    /// Example: rhumb show values ./web > my-values.yaml
    Values(ValuesArgs),
}

#[derive(clap::Args, Debug)]
struct ChartArgs {
    /// Folder, archive, address, or NAME/CHART of a known repository
    #[arg(value_name = "CHART")]
    positional: Vec<String>,

    #[command(flatten)]
    chart: ChartFlags,
}

#[derive(clap::Args, Debug)]
struct ValuesArgs {
    /// Print only what this JSONPath finds, as kubectl would: `{.image.tag}`
    #[arg(long, value_name = "PATH")]
    jsonpath: Option<String>,

    #[command(flatten)]
    chart: ChartArgs,
}

/// The parts of a chart to show.
#[derive(Clone, Copy, Default)]
struct Wanted<'a> {
    chart: bool,
    values: bool,
    readme: bool,
    crds: bool,
    /// Each part after a line `---`.
    separated: bool,
    jsonpath: Option<&'a str>,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let none = Wanted::default();
    let (command, args, wanted) = match &args.part {
        Part::All(args) => {
            let all = Wanted { chart: true, values: true, readme: true, crds: true, ..none };
            ("show all", args, Wanted { separated: true, ..all })
        }
        Part::Chart(args) => ("show chart", args, Wanted { chart: true, ..none }),
        Part::Crds(args) => ("show crds", args, Wanted { crds: true, ..none }),
        Part::Readme(args) => ("show readme", args, Wanted { readme: true, ..none }),
        Part::Values(args) => {
            let jsonpath = args.jsonpath.as_deref().filter(|path| !path.is_empty());
            ("show values", &args.chart, Wanted { values: true, jsonpath, ..none })
        }
    };
    Usage { command, rest: "[CHART] [flags]" }.exactly(global, &args.positional, 1)?;
    let mut log = Vec::new();
    if global.debug {
        log.push(debug("original chart version", &[("version", &args.chart.version())]));
        if args.chart.takes_devel() {
            log.push(debug("setting version to >0.0.0-0", &[]));
        }
    }
    let path = locate_or_fetch(&args.positional[0], &args.chart, global, host, &mut log);
    let loaded = path
        .and_then(|path| Ok(crate::chart::load::load_any(host, &Sources::new(), &path, &mut log)?));
    super::flush_log(&mut log, streams.err);
    let text = shown(&loaded?, wanted)?;
    write_out(streams.out, &text)
}

fn shown(chart: &Chart, wanted: Wanted<'_>) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let mut add = |head: bool, body: &[u8]| {
        if head {
            text.extend_from_slice(b"---\n");
        }
        text.extend_from_slice(body);
    };
    let line = |bytes: &[u8]| [bytes, b"\n"].concat();
    if wanted.chart {
        add(false, &line(&chart.metadata.to_yaml()));
    }
    if wanted.values
        && let Some(values) = &chart.raw_values
    {
        match wanted.jsonpath {
            Some(path) => {
                let found = jsonpath::find(path, &chart.values).map_err(Failure::new)?;
                add(false, found.as_bytes());
            }
            None => add(wanted.separated, &line(values)),
        }
    }
    if wanted.readme
        && let Some(file) = readme(&chart.files)
    {
        add(wanted.separated, &line(&file.data));
    }
    if wanted.crds {
        for crd in chart.crds() {
            add(!crd.file.data.starts_with(b"---"), &line(&crd.file.data));
        }
    }
    Ok(text)
}

fn readme(files: &[File]) -> Option<&File> {
    let names = ["readme.md", "readme.txt", "readme"];
    files.iter().find(|file| names.iter().any(|name| file.name.eq_ignore_ascii_case(name)))
}
