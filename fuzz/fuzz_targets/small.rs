//! Small grammars, one after another on the same text: versions and their ranges, regular
//! expressions, durations, dates, URLs, TOML, JSON, globs, paths into values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhumb::golang::filepath;
use rhumb::golang::regexp::Regexp;
use rhumb::golang::semver::{Constraints, Version};
use rhumb::golang::time::{Duration, Zone, parse_in};
use rhumb::golang::url::Url;
use rhumb::source::SourceId;
use rhumb_fuzz::parts;

fuzz_target!(|data: &[u8]| {
    let [first, second] = parts(data);
    if let Ok(expression) = Regexp::compile(first) {
        let _ = expression.find_all(second, -1);
        let _ = expression.replace_all(second, b"${1}x$0");
        let _ = expression.split(second, 3);
    }
    if let (Ok(range), Ok(version)) = (std::str::from_utf8(first), std::str::from_utf8(second)) {
        let range = Constraints::parse(range);
        let version = Version::parse(version);
        if let (Ok(range), Ok(version)) = (range, version) {
            let _ = range.check(&version);
        }
        let _ = rhumb::values::explain::parse_path(version_text(first));
    }
    if let Ok(duration) = Duration::parse(first) {
        let _ = duration.round(Duration(1_000_000_000));
    }
    if let Ok(time) = parse_in(first, second, &Zone::utc()) {
        let _ = time.format(first);
    }
    if let Ok(url) = Url::parse(first) {
        let _ = Url::parse(&url.to_bytes());
    }
    if let Ok(table) = rhumb::toml::read::parse(first, Zone::utc(), 0) {
        let _ = rhumb::toml::write::to_toml(&rhumb::value::Value::Map(table));
    }
    if let Ok(doc) = rhumb::json::read::parse(first, SourceId::NONE) {
        let text = rhumb::json::write::doc_to_json(&doc);
        let again = rhumb::json::read::parse(&text, SourceId::NONE).expect("own JSON");
        assert_eq!(text, rhumb::json::write::doc_to_json(&again));
    }
    let _ = filepath::matches(first, second);
    let _ = filepath::clean(first);
});

fn version_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
