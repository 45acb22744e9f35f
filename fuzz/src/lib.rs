//! The fuzz targets of the integration tests, for libFuzzer.

#[path = "../../tests/support.rs"]
#[allow(dead_code, reason = "the integration tests use the rest")]
mod support;
#[path = "../../tests/targets.rs"]
#[allow(dead_code, reason = "each is found in the list")]
mod targets;

/// Runs a target on some bytes.
///
/// # Panics
///
/// When there is none of that name, and when it finds something.
pub fn run(name: &str, data: &[u8]) {
    let target = targets::TARGETS.iter().find(|(known, _)| *known == name);
    target.expect("a target").1(data);
}
