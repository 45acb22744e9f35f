//! Go templates: lexing and parsing of any bytes, and what static analysis makes of the trees.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhumb::gotpl::TemplateSet;

fuzz_target!(|data: &[u8]| {
    let mut set = TemplateSet::new();
    if set.parse("c/templates/t.yaml", data).is_ok() {
        let _ = set.contains("x");
    }
});
