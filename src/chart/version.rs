//! Versions of charts and the ranges that dependencies ask for.

use crate::golang::semver::{Constraints, Version};

/// Whether a text is a version as Helm accepts it: `1`, `1.2`, `v1.2.3-rc.1+build`.
pub(super) fn is_version(text: &str) -> bool {
    Version::parse(text).is_ok()
}

/// Whether a version lies in a range; false when either does not parse.
pub(crate) fn in_range(range: &str, version: &str) -> bool {
    match (Version::parse(version), Constraints::parse(range)) {
        (Ok(version), Ok(range)) => range.check(&version),
        _ => false,
    }
}
