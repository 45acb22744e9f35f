//! Helm's rule for release names.

use super::Failure;
use crate::diag::{Fault, FaultKind};
use crate::golang::quote::quote;

/// Helm's rule for release names: DNS labels joined by dots, 53 bytes at most.
pub(super) fn check_release_name(name: &str, log: &mut Vec<String>) -> Result<(), Failure> {
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = label.as_bytes();
        bytes.iter().all(|&byte| plain(byte) || byte == b'-')
            && bytes.first().is_some_and(|&byte| plain(byte))
            && bytes.last().is_some_and(|&byte| plain(byte))
    };
    if name.len() <= 53 && name.split('.').all(label) {
        return Ok(());
    }
    let why = if name.is_empty() {
        "no name provided"
    } else {
        "invalid release name, must match regex \
         ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ \
         and the length must not be longer than 53"
    };
    let text = format!("release name {}: {why}", quote(name.as_bytes()));
    log.push(format!(
        "level=ERROR msg=\"release name check failed\" error={}",
        crate::diag::log::field(&text)
    ));
    Err(Fault::new(FaultKind::Usage, text).context("release name check failed").into())
}
