//! Hands the target `archives` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rhumb_fuzz::run("archives", data));
