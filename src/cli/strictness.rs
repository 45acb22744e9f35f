//! `--strict` and `--warn`: findings on stderr, as errors or as warnings.

use std::io::Write;

use super::Failure;
use crate::host::Host;
use crate::strict::Finding;

/// Whether to look for what Helm lets pass.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(super) struct StrictFlags {
    /// Fail on what Helm lets pass: unknown values, duplicate and missing keys, values whose type
    /// differs from the default's, nulls without effect, whole numbers that turn into exponents
    #[arg(long, help_heading = "Checks")]
    strict: bool,

    /// Like --strict, with warnings on standard error instead of a failure
    #[arg(long, conflicts_with = "strict", help_heading = "Checks")]
    warn: bool,
}

impl StrictFlags {
    /// Whether findings are wanted.
    pub(super) fn is_on(self) -> bool {
        self.strict || self.warn
    }

    /// Prints findings.
    ///
    /// Errors: with `--strict`, any finding.
    pub(super) fn report(
        self,
        findings: &[Finding],
        host: &dyn Host,
        err: &mut dyn Write,
    ) -> Result<(), Failure> {
        let level = if self.strict { "error" } else { "warning" };
        let folder = host.current_dir().map(|dir| format!("{}/", dir.display()));
        for finding in findings {
            let mut text = finding.to_string();
            if let Ok(folder) = &folder {
                text = text.replace(folder, "");
            }
            // Losing a line is no reason to fail.
            let _ = writeln!(err, "{level}: {text}");
        }
        match findings.len() {
            count if self.strict && count > 0 => {
                let noun = if count == 1 { "finding" } else { "findings" };
                Err(Failure::new(format!("{count} {noun} with --strict")))
            }
            _ => Ok(()),
        }
    }
}
