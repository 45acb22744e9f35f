//! Validation: values against a JSON schema, and manifests against the Kubernetes catalogue.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhumb::kube::catalog::Minors;
use rhumb::kube::custom::Customs;
use rhumb::kube::finding::Level;
use rhumb::kube::validate::{Input, Options, validate};
use rhumb::source::SourceId;
use rhumb::values::schema::validate_one;
use rhumb::yaml::read;
use rhumb_fuzz::parts;

fuzz_target!(|data: &[u8]| {
    let [first, second] = parts(data);
    if first.trim_ascii_start().starts_with(b"{") {
        if let Ok(values) = read::parse_map(second, SourceId::NONE) {
            let _ = validate_one(first, &values, None, &mut Vec::new());
        }
        return;
    }
    let input = Input { source: SourceId::NONE, text: data, group: 0, first: 0 };
    let options = Options {
        target: Minors::one(37).expect("a known minor"),
        level: Level::Full,
        skip: Vec::new(),
        allow_unknown: false,
        ignore_missing: false,
        skip_kinds: Vec::new(),
        reject_kinds: Vec::new(),
        is_last: false,
    };
    let _ = validate(&[input], Customs::default(), &options);
});
