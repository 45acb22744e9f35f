//! `rhumb search`: charts of the known repositories by a word.

use super::flags::GlobalFlags;
use super::output::{self, Format};
use super::table::table;
use super::{Failure, Streams, pflag, repository, write_out};
use crate::diag::log::debug;
use crate::diag::log::field;
use crate::doc::Doc;
use crate::doc::members::Members;
use crate::golang::filepath;
use crate::golang::regexp::Regexp;
use crate::golang::semver::{Constraints, Version};
use crate::host::Host;
use crate::repo::config::Repositories;
use crate::repo::index::{ChartVersion, newest_first};

/// Search for charts
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(super) struct Args {
    #[command(subcommand)]
    place: Place,
}

#[derive(clap::Subcommand, Debug)]
enum Place {
    /// Search the Artifact Hub; rhumb does not, and says so
    Hub(HubArgs),
    /// Search the repositories that were added, by what is known of them here
    ///
    /// The newest release of each chart whose name, description or keywords hold the words.
    ///
    /// Example: rhumb search repo postgres --version '^12'
    Repo(RepoArgs),
}

#[derive(clap::Args, Debug)]
struct HubArgs {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

#[derive(clap::Args, Debug)]
struct RepoArgs {
    /// Words to look for; without any, all charts are listed
    #[arg(value_name = "WORD")]
    positional: Vec<String>,

    /// The words are a regular expression
    #[arg(short, long)]
    regexp: bool,

    /// List every version, not only the newest
    #[arg(short = 'l', long)]
    versions: bool,

    /// Versions that count, as a range
    #[arg(long, value_name = "RANGE")]
    version: Option<String>,

    /// Take pre-releases, too: the same as --version '>0.0.0-0'
    #[arg(long)]
    devel: bool,

    /// Fail when nothing is found
    #[arg(long)]
    fail_on_no_result: bool,

    /// Cut wider columns; 0 does not
    #[arg(long, value_name = "WIDTH", value_parser = pflag::parse_uint, default_value = "50")]
    max_col_width: usize,

    /// Format: table, json, yaml
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = output::parse)]
    output: Format,
}

/// A chart that was found.
struct Found {
    name: String,
    score: usize,
    version: ChartVersion,
}

pub(super) fn run(
    args: &Args,
    global: &GlobalFlags,
    host: &dyn Host,
    streams: &mut Streams<'_>,
) -> Result<(), Failure> {
    let args = match &args.place {
        Place::Hub(_) => {
            return Err(Failure::new(
                "rhumb does not ask the Artifact Hub: see https://artifacthub.io, or add a \
                 repository and use search repo",
            ));
        }
        Place::Repo(args) => args,
    };
    if global.debug {
        let given = args.version.as_deref().unwrap_or_default();
        let mut log = vec![debug("original chart version", &[("version", &given)])];
        if given.is_empty() {
            let pre_releases = if args.devel { "-0" } else { "" };
            log.push(debug(&format!("setting version to >0.0.0{pre_releases}"), &[]));
        }
        super::flush_log(&mut log, streams.err);
    }
    let client = repository::client(host, global, crate::repo::Access::default());
    let known = Repositories::load(host, &client.paths.repository_config);
    let known = known.unwrap_or_default().entries;
    if known.is_empty() {
        return Err(Failure::new("no repositories configured"));
    }
    let matcher = Matcher::new(args)?;
    let range = match args.version.as_deref().unwrap_or_default() {
        "" if args.devel => ">0.0.0-0",
        "" => ">0.0.0",
        range => range,
    };
    let mut found = Vec::new();
    for entry in &known {
        let mut log = Vec::new();
        let index = client.cached_index(&entry.name, &mut log);
        super::flush_log(&mut log, streams.err);
        let index = match index {
            Ok(index) => index,
            Err(why) => {
                let (name, why) = (field(&entry.name), field(why));
                let _ = writeln!(
                    streams.err,
                    "level=WARN msg=\"repo is corrupt or missing\" repo={name} error={why}"
                );
                continue;
            }
        };
        for (name, versions) in index.entries {
            for version in versions {
                if let Some(score) = matcher.score(&entry.name, &version) {
                    let name = filepath::join(&entry.name, &name);
                    found.push(Found { name, score, version });
                }
            }
        }
    }
    found.sort_by(|a, b| {
        let versions = || newest_first(&a.version.metadata.version, &b.version.metadata.version);
        a.score.cmp(&b.score).then_with(|| a.name.cmp(&b.name)).then_with(versions)
    });
    let range = Constraints::parse(range)
        .map_err(|why| Failure::new(format!("an invalid version/constraint format: {why}")))?;
    let mut seen = std::collections::HashSet::new();
    found.retain(|it| {
        let fits = Version::parse(&it.version.metadata.version).is_ok_and(|it| range.check(&it));
        fits && (seen.insert(it.name.clone()) || args.versions)
    });
    print(args, &found, streams)
}

fn print(args: &RepoArgs, found: &[Found], streams: &mut Streams<'_>) -> Result<(), Failure> {
    if found.is_empty() && args.fail_on_no_result {
        return Err(Failure::new("no results found"));
    }
    if args.output == Format::Table {
        if found.is_empty() {
            return write_out(streams.out, b"No results found\n");
        }
        let mut rows = vec![vec!["NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION"]];
        for it in found {
            let chart = &it.version.metadata;
            rows.push(vec![&it.name, &chart.version, &chart.app_version, &chart.description]);
        }
        return write_out(streams.out, table(&rows, args.max_col_width).as_bytes());
    }
    let docs = found.iter().map(|it| {
        let chart = &it.version.metadata;
        let mut members = Members::default();
        members.put_text("name", &it.name);
        members.put_text("version", &chart.version);
        members.put_text("app_version", &chart.app_version);
        members.put_text("description", &chart.description);
        members.doc()
    });
    write_out(streams.out, &args.output.encode(&Doc::list(docs.collect())))
}

/// What a chart is compared with.
enum Matcher {
    All,
    Words(String),
    Pattern(regex::Regex),
}

impl Matcher {
    fn new(args: &RepoArgs) -> Result<Self, Failure> {
        let words = args.positional.join(" ");
        if args.positional.is_empty() {
            return Ok(Matcher::All);
        }
        if !args.regexp {
            return Ok(Matcher::Words(words.to_lowercase()));
        }
        Regexp::compile(words.as_bytes()).map_err(Failure::new)?;
        let pattern = regex::Regex::new(&words);
        Ok(Matcher::Pattern(pattern.map_err(|error| Failure::new(error.to_string()))?))
    }

    /// How far from the name a chart matches: 0 is the name itself.
    fn score(&self, repository: &str, version: &ChartVersion) -> Option<usize> {
        let chart = &version.metadata;
        let line = [
            chart.name.clone(),
            format!("{repository}/{}", chart.name),
            chart.description.clone(),
            chart.keywords.join(" "),
        ]
        .join("\u{b}");
        let (at, line) = match self {
            Matcher::All => return Some(0),
            Matcher::Words(words) => {
                let line = line.to_lowercase();
                (line.find(words)?, line)
            }
            Matcher::Pattern(pattern) => (pattern.find(&line)?.start(), line),
        };
        // A match that begins on a separator counts for the part before it.
        let ends = line.match_indices('\u{b}').map(|(end, _)| end);
        Some(ends.filter(|end| *end < at).count())
    }
}
