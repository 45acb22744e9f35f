//! YAML: every reader on any bytes; what was read is written, read again and must be the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhumb::doc::Doc;
use rhumb::json::write::{Options, to_json};
use rhumb::source::SourceId;
use rhumb::value::from_doc::from_doc;
use rhumb::yaml::{any_read, emit, emit_pretty, head, read};

fuzz_target!(|data: &[u8]| {
    let _ = head::read(data);
    let _ = read::duplicates(data, SourceId::NONE);
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(all) = any_read::read_all(text)
    {
        for any in &all {
            let _ = emit_pretty::any_to_yaml(any);
        }
    }
    for doc in read::parse_all(data, SourceId::NONE).unwrap_or_default() {
        // Go writes the key `<<` without quotes, which makes it a merge when it is read again.
        if data.windows(2).any(|pair| pair == b"<<") {
            continue;
        }
        let value = from_doc(&doc);
        let _ = emit_pretty::to_yaml_pretty(&value);
        let texts = [emit::to_yaml(&value).ok(), Some(emit::doc_to_yaml(&doc, true))];
        for text in texts.into_iter().flatten() {
            let shown = || String::from_utf8_lossy(&text).into_owned();
            let again = read::parse(&text, SourceId::NONE)
                .unwrap_or_else(|fault| panic!("{fault}\n{}", shown()));
            let want = json(&doc);
            // Go folds a next-line character into a blank when it writes.
            if want.as_ref().is_some_and(|text| text.contains('\u{85}')) {
                continue;
            }
            assert_eq!(want, json(&again), "written as\n{}", shown());
        }
    }
});

/// What it holds, with keys in one order; none for numbers that JSON does not know.
fn json(doc: &Doc) -> Option<String> {
    let options = Options { escape_html: false, indent: false };
    let text = to_json(&from_doc(doc), options).ok()?;
    // Go writes a negative zero as zero.
    Some(
        String::from_utf8_lossy(&text)
            .replace(":-0", ":0")
            .replace("[-0", "[0")
            .replace(",-0", ",0"),
    )
}
