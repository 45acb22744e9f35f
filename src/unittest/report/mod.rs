//! Files for other programs to read: JUnit, xUnit, NUnit, Sonar.
//!
//! Names, order of attributes and layout are those of helm-unittest, without an XML header.

pub(crate) mod junit;
mod nunit;
mod sonar;
pub(crate) mod xml;
mod xunit;

use std::time::Duration;

use super::result::{Report, SuiteResult};
use crate::golang::time::{Time, Zone};
use crate::host::Host;

/// Forms of report files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `JUnit`.
    JUnit,
    /// `NUnit` 2.5.
    NUnit,
    /// `xUnit` 2.
    XUnit,
    /// Sonar's generic test data.
    Sonar,
}

impl Format {
    /// The form of a name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "junit" => Some(Format::JUnit),
            "nunit" => Some(Format::NUnit),
            "xunit" => Some(Format::XUnit),
            "sonar" => Some(Format::Sonar),
            _ => None,
        }
    }

    /// The text of a report; `host` says when and where it was written.
    pub fn write(self, report: &Report, host: &dyn Host) -> String {
        match self {
            Format::JUnit => junit::write(report, host),
            Format::NUnit => nunit::write(report, host),
            Format::XUnit => xunit::write(report, host),
            Format::Sonar => sonar::write(report),
        }
    }
}

/// What reports name as the framework.
const FRAMEWORK: &str = "helm-unittest";

/// Who wrote a report.
fn platform() -> String {
    let os = std::env::consts::OS;
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        arch => arch,
    };
    format!("rhumb{}.{os}-{arch}", env!("CARGO_PKG_VERSION"))
}

fn host_name(host: &dyn Host) -> String {
    let file = || host.read(std::path::Path::new("/etc/hostname")).ok();
    let name = host.env("HOSTNAME").or_else(|| file().and_then(|it| String::from_utf8(it).ok()));
    name.unwrap_or_default().trim().to_owned()
}

/// The present date and time.
struct Now {
    date: String,
    time: String,
}

impl Now {
    fn of(host: &dyn Host) -> Self {
        let now = Time::unix(host.now().0, 0, Zone::utc());
        let text =
            |layout: &str| String::from_utf8_lossy(&now.format(layout.as_bytes())).into_owned();
        Now { date: text("2006-01-02"), time: text("15:04:05") }
    }
}

/// A time as report files have it.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

/// The class of a suite's jobs: its name behind the last slash.
fn class_name(suite: &SuiteResult) -> &str {
    suite.name.rsplit('/').next().unwrap_or(&suite.name)
}
