//! The one integration binary: a module per subject, each a loop over files below `cases/`.

#![expect(clippy::disallowed_methods, reason = "tests read their data from the disk")]

mod charts;
mod command_line;
mod compat;
mod coverage;
mod create;
mod diff;
mod documents;
mod dropin;
mod expand;
mod functions;
mod fuzzing;
mod hostile;
mod kube;
mod laws;
mod layers;
mod one_place;
mod recorded;
mod renders;
mod schema;
mod schemas;
mod secure;
mod snapshots;
mod strict;
mod suites;
mod supply;
mod support;
mod targets;
mod trails;
mod traps;
mod typos;
mod values;
