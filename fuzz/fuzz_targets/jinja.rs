//! Native charts: a Jinja template, values, and a library of macros.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhumb_fuzz::{parts, render};

fuzz_target!(|data: &[u8]| {
    let [template, values, helpers] = parts(data);
    render(&[
        ("Chart.yaml", b"apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("templates/t.yaml.j2", template),
        ("values.yaml", values),
        ("templates/_m.j2", helpers),
    ]);
});
