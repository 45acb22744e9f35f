//! `--limit-…`: how much a command may use before it is stopped.

use std::time::Duration;

use crate::golang::time::Duration as GoDuration;
use crate::gotpl::RenderOptions;
use crate::host::{Budget, Host};

/// Flags of every subcommand about what it may use.
#[derive(clap::Args, Clone, Debug, Default)]
pub(super) struct LimitFlags {
    /// Longest time that the command may take: 30s, 5m [default: none]
    #[arg(long, global = true, value_name = "TIME", value_parser = time, help_heading = "Limits", hide_short_help = true)]
    limit_time: Option<Duration>,

    /// Most memory that it may use: 512Mi, 2Gi [default: none; 4Gi for native charts]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size, help_heading = "Limits", hide_short_help = true)]
    limit_memory: Option<u64>,

    /// Most text that one template may write, its includes counted in [default: 256Mi]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size, help_heading = "Limits", hide_short_help = true)]
    limit_output: Option<u64>,

    /// Most pipelines and turns of loops that one template may take [default: 20000000]
    #[arg(
        long,
        global = true,
        value_name = "COUNT",
        help_heading = "Limits",
        hide_short_help = true
    )]
    limit_steps: Option<u64>,

    /// Deepest nesting of templates in templates [default: as Helm]
    #[arg(
        long,
        global = true,
        value_name = "COUNT",
        help_heading = "Limits",
        hide_short_help = true
    )]
    limit_depth: Option<usize>,
}

impl LimitFlags {
    /// How templates are rendered within these limits.
    pub(super) fn render_options(&self) -> RenderOptions {
        let mut options = RenderOptions::default();
        if let Some(bytes) = self.limit_output {
            options.max_output_bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        }
        options.max_steps = self.limit_steps.unwrap_or(options.max_steps);
        options.max_depth = self.limit_depth.unwrap_or(options.max_depth);
        options
    }

    /// Has the host watch over time and memory, if that was asked for.
    pub(super) fn watch(&self, host: &dyn Host) {
        host.watch(Budget { time: self.limit_time, memory: self.limit_memory });
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let nanoseconds = GoDuration::parse(text.as_bytes()).map(|duration| duration.0);
    match nanoseconds.ok().and_then(|nanoseconds| u64::try_from(nanoseconds).ok()) {
        Some(nanoseconds) if nanoseconds > 0 => Ok(Duration::from_nanos(nanoseconds)),
        _ => Err("a time such as 30s or 5m is expected".to_owned()),
    }
}

fn size(text: &str) -> Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "" => Some(1),
        "k" => Some(1000),
        "Ki" => Some(1 << 10),
        "M" => Some(1_000_000),
        "Mi" => Some(1 << 20),
        "G" => Some(1_000_000_000),
        "Gi" => Some(1 << 30),
        _ => None,
    };
    let bytes = factor.and_then(|factor: u64| number.parse::<u64>().ok()?.checked_mul(factor));
    bytes.ok_or_else(|| "a size such as 100Mi or 2Gi is expected".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes() {
        assert_eq!(time("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(size("64Mi"), Ok(64 << 20));
        assert_eq!(size("12"), Ok(12));
        for bad in ["", "0s", "-1s", "5", "x"] {
            assert!(time(bad).is_err(), "{bad}");
        }
        for bad in ["", "Mi", "1.5Gi", "-1", "99999999999999Gi", "1mb"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
