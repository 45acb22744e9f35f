//! The grammar of the `--set` family: style, argument, values below.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhumb_fuzz::{parts, set};

fuzz_target!(|data: &[u8]| {
    let Some((style, rest)) = data.split_first() else { return };
    let [argument, base] = parts(rest);
    if let Ok(argument) = std::str::from_utf8(argument) {
        set(if base.is_empty() { b"{}" } else { base }, *style, argument);
    }
});
