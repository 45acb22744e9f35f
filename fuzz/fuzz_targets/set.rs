//! Hands the target `set` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rhumb_fuzz::run("set", data));
