//! The Kubernetes version that a job sees: its own, or what was in force before it.
//!
//! helm-unittest writes a job's `capabilities` into Helm's defaults and never takes them back, so
//! a version stays for all later jobs of the run that name none. Suites have come to lean on it.

use super::suite::Suite;

/// Major and minor version before any job names one: helm-unittest is built without the number
/// that Helm's own builds set, and suites have come to expect it.
const DEFAULT: (&str, &str) = ("1", "20");

/// Gives every job of a chart a version, in the order in which helm-unittest runs them.
///
/// Done before a filter takes jobs away, so that a job sees the same version with and without it.
pub(super) fn settle(suites: &mut [Suite]) {
    let (mut major, mut minor) = (DEFAULT.0.to_owned(), DEFAULT.1.to_owned());
    let jobs = suites.iter_mut().flat_map(|suite| &mut suite.jobs);
    for job in jobs.filter(|job| job.skip_reason.is_empty()) {
        for (own, last) in
            [(&mut job.capabilities.major, &mut major), (&mut job.capabilities.minor, &mut minor)]
        {
            if own.is_empty() {
                own.clone_from(last);
            } else {
                last.clone_from(own);
            }
        }
    }
}
