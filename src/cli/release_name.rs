//! The check of a release name as a command tells of it.

use super::Failure;
use crate::diag::{Fault, FaultKind};
use crate::golang::quote::quote;

/// Refuses a name that breaks Helm's rule for release names.
pub(super) fn check_release_name(name: &str, log: &mut Vec<String>) -> Result<(), Failure> {
    let Some(why) = crate::render::release_name::problem(name) else { return Ok(()) };
    let text = format!("release name {}: {why}", quote(name.as_bytes()));
    log.push(format!(
        "level=ERROR msg=\"release name check failed\" error={}",
        crate::diag::log::field(&text)
    ));
    Err(Fault::new(FaultKind::Usage, text).context("release name check failed").into())
}
