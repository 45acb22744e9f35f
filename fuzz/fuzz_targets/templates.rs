//! Hands the target `templates` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rhumb_fuzz::run("templates", data));
