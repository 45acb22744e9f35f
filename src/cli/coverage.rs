//! `--coverage` and its companions, as the commands have them that run tests.

use std::path::Path;

use super::{Failure, Streams, exit, write_out};
use crate::coverage::Coverage;
use crate::host::Host;
use crate::testing::coverage::{Format, Minimum, shortfalls, text};

/// Flags about coverage.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Coverage")]
pub(super) struct CoverageFlags {
    /// Say which lines, branches and named templates of the chart, and which of its values, no
    /// test has reached
    #[arg(long)]
    coverage: bool,

    /// Form of the coverage file: text, lcov, cobertura, json; default: what the file's name says
    #[arg(long, value_name = "FORM")]
    coverage_format: Option<String>,

    /// Write the coverage to this file, too; default with --coverage-format: lcov.info,
    /// coverage.xml, coverage.json
    #[arg(long, value_name = "FILE")]
    coverage_output: Option<String>,

    /// Exit with 3 when less is covered: 80 for lines, or branches=70, templates=90, values=90
    /// [repeatable]
    #[arg(long, value_name = "[WHAT=]PERCENT")]
    coverage_min: Vec<String>,
}

/// What is done with the coverage of a run.
#[derive(Debug)]
pub(super) struct Plan {
    is_wanted: bool,
    file: Option<(String, Format)>,
    minima: Vec<Minimum>,
}

impl CoverageFlags {
    /// Whether any of the flags is given.
    pub(super) fn is_wanted(&self) -> bool {
        self.coverage
            || self.coverage_format.is_some()
            || self.coverage_output.is_some()
            || !self.coverage_min.is_empty()
    }

    /// Reads the flags.
    ///
    /// Errors: unknown forms; a percentage that is none.
    pub(super) fn plan(&self) -> Result<Plan, Failure> {
        let format = match &self.coverage_format {
            Some(text) => Some(Format::parse(text).ok_or_else(|| {
                let known = "text, lcov, cobertura and json are known";
                Failure::new(format!("--coverage-format {text:?} is unknown: {known}"))
            })?),
            None => None,
        };
        let file = match (&self.coverage_output, format) {
            (Some(file), Some(format)) => Some((file.clone(), format)),
            (Some(file), None) => {
                let format = Format::of_file(file).ok_or_else(|| {
                    Failure::new(format!(
                        "--coverage-output {file}: the name says no form; add --coverage-format \
                         lcov, cobertura, json or text"
                    ))
                })?;
                Some((file.clone(), format))
            }
            (None, Some(format)) => format.default_file().map(|file| (file.to_owned(), format)),
            (None, None) => None,
        };
        let minima = self.coverage_min.iter().map(|text| {
            Minimum::parse(text)
                .map_err(|why| Failure::new(format!("--coverage-min {text}: {why}")))
        });
        Ok(Plan {
            is_wanted: self.is_wanted(),
            file,
            minima: minima.collect::<Result<_, Failure>>()?,
        })
    }
}

impl Plan {
    /// Prints the coverage of charts behind what else was printed, and writes the file.
    ///
    /// Errors: what cannot be written.
    pub(super) fn report(
        &self,
        charts: &[&Coverage],
        colors: bool,
        host: &dyn Host,
        streams: &mut Streams<'_>,
    ) -> Result<(), Failure> {
        if self.is_wanted && !charts.is_empty() {
            write_out(streams.out, format!("\n{}", text(charts, colors)).as_bytes())?;
        }
        self.write_file(charts, host)
    }

    /// Writes the file.
    ///
    /// Errors: what cannot be written.
    pub(super) fn write_file(&self, charts: &[&Coverage], host: &dyn Host) -> Result<(), Failure> {
        let Some((file, format)) = &self.file else { return Ok(()) };
        let path = Path::new(file);
        let failed = |error| Failure::new(format!("cannot write {file}: {error}"));
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            host.create_dir_all(folder).map_err(failed)?;
        }
        host.write(path, format.write(charts, host).as_bytes()).map_err(failed)
    }

    /// Whether enough is covered.
    ///
    /// Errors: what is missing, with an exit code of its own.
    pub(super) fn check(&self, charts: &[&Coverage]) -> Result<(), Failure> {
        let short = shortfalls(charts, &self.minima);
        if short.is_empty() {
            return Ok(());
        }
        Err(Failure { message: short.join("\n       "), code: exit::COVERED_TOO_LITTLE })
    }
}
