//! Rendering: template, values, helpers and chart of one input, with small limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhumb_fuzz::{parts, render};

fuzz_target!(|data: &[u8]| {
    let [template, values, helpers] = parts(data);
    render(&[
        ("Chart.yaml", b"apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("templates/t.yaml", template),
        ("values.yaml", values),
        ("templates/_helpers.tpl", helpers),
        ("files/a.txt", b"one\ntwo\n"),
    ]);
});
