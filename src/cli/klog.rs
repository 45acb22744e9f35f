//! Flags of Helm's logging library: hidden, checked, and without effect here.

use super::persona::Persona;
use super::pflag::{parse_bool, parse_int};

/// One of them.
pub(super) struct Flag {
    /// Its name.
    pub(super) name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Switch,
    Text,
    Level,
    Threshold,
    Size,
    Modules,
    Place,
}

const FLAGS: [Flag; 13] = [
    Flag { name: "add-dir-header", kind: Kind::Switch },
    Flag { name: "alsologtostderr", kind: Kind::Switch },
    Flag { name: "legacy-stderr-threshold-behavior", kind: Kind::Switch },
    Flag { name: "log-backtrace-at", kind: Kind::Place },
    Flag { name: "log-dir", kind: Kind::Text },
    Flag { name: "log-file", kind: Kind::Text },
    Flag { name: "log-file-max-size", kind: Kind::Size },
    Flag { name: "logtostderr", kind: Kind::Switch },
    Flag { name: "one-output", kind: Kind::Switch },
    Flag { name: "skip-headers", kind: Kind::Switch },
    Flag { name: "skip-log-headers", kind: Kind::Switch },
    Flag { name: "stderrthreshold", kind: Kind::Threshold },
    Flag { name: "vmodule", kind: Kind::Modules },
];

const LEVEL: Flag = Flag { name: "v", kind: Kind::Level };

/// The flag of a long name; rhumb under its own name has none.
pub(super) fn long(persona: Persona, name: &str) -> Option<&'static Flag> {
    let flags = FLAGS.iter().chain([&LEVEL]);
    flags.into_iter().find(|flag| persona == Persona::Helm && flag.name == name)
}

/// The flag of a letter.
pub(super) fn short(persona: Persona, name: char) -> Option<&'static Flag> {
    (persona == Persona::Helm && name == 'v').then_some(&LEVEL)
}

impl Flag {
    /// Whether the flag may stand without a value.
    pub(super) fn is_switch(&self) -> bool {
        self.kind == Kind::Switch
    }

    /// Its letter.
    pub(super) fn short(&self) -> Option<char> {
        (self.kind == Kind::Level).then_some('v')
    }

    /// Checks a value, with the library's complaints.
    pub(super) fn check(&self, value: &str) -> Result<(), String> {
        let parse_error = |_| "parse error".to_owned();
        match self.kind {
            Kind::Text => Ok(()),
            Kind::Switch => parse_bool(value).map(drop).map_err(parse_error),
            Kind::Size => value.parse::<u64>().map(drop).map_err(|_| "parse error".to_owned()),
            Kind::Level => parse_int(value).map(drop),
            Kind::Threshold => match value.to_uppercase().as_str() {
                "INFO" | "WARNING" | "ERROR" | "FATAL" => Ok(()),
                _ => parse_int(value).map(drop),
            },
            Kind::Modules => {
                let is_pair = |part: &str| {
                    part.is_empty()
                        || part.split_once('=').is_some_and(|(name, level)| {
                            !name.is_empty() && level.parse::<i32>().is_ok()
                        })
                };
                let all = value.split(',').all(is_pair).then_some(());
                all.ok_or_else(|| {
                    "syntax error: expect comma-separated list of filename=N".to_owned()
                })
            }
            Kind::Place => {
                let is_place = value
                    .split_once(':')
                    .is_some_and(|(file, line)| file.contains('.') && line.parse::<u32>().is_ok());
                let fits = (value.is_empty() || is_place).then_some(());
                fits.ok_or_else(|| "syntax error: expect file.go:234".to_owned())
            }
        }
    }
}
