//! Exit codes.

/// Everything went well.
pub const OK: i32 = 0;

/// The chart, its values or the command line are wrong; Helm uses this one code for all.
pub const FAILURE: i32 = 1;

/// `validate`, `diff` and `test` only: the check itself could not run.
pub const COULD_NOT_RUN: i32 = 2;

/// `test` and `unittest` only: all passed, but less is covered than `--coverage-min` wants.
pub const COVERED_TOO_LITTLE: i32 = 3;

/// A bug of rhumb: a panic was caught and reported in one line.
pub const BUG: i32 = 70;
