//! Template functions one by one, against rows recorded from Helm by `record_functions.py`.

use serde::Deserialize;

use crate::support::{MemoryHost, cases, in_parallel, run};

const CHART: &[u8] = b"apiVersion: v2\nname: t\nversion: 0.1.0\nappVersion: \"1.2.3\"\n";
/// The recording script shows results in the same way.
const SHOW: &[u8] = b"# <{{ include \"t/templates/_row.tpl\" . | b64enc }}>\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    template: String,
    #[serde(default)]
    values: serde_json::Map<String, serde_json::Value>,
    out: Option<String>,
    error: Option<String>,
}

/// What a row gives: its text, or the error.
fn render(row: &Row) -> Result<String, String> {
    let mut host = MemoryHost::new();
    host.set_env("TZ", "UTC");
    host.put("chart/Chart.yaml", CHART);
    let values = serde_json::to_string(&row.values).expect("values");
    // YAML refuses the one control character that JSON leaves as it is.
    host.put("chart/values.yaml", values.replace(char::from(0x7f), "\\u007f").as_bytes());
    host.put("chart/templates/_row.tpl", row.template.as_bytes());
    host.put("chart/templates/t.yaml", SHOW);
    let output = run(&host, &["template", "rel", "chart", "-n", "ns"]);
    if output.code != 0 {
        return Err(cause(&output.err).to_string());
    }
    let out = String::from_utf8_lossy(&output.out);
    let encoded = out.split_once("# <").and_then(|(_, rest)| rest.split_once('>'));
    let encoded = encoded.expect("the shown text").0;
    let text = decode(encoded);
    Ok(String::from_utf8_lossy(&text).replace("<no value>", ""))
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

/// The text behind the place of the innermost error.
fn cause(stderr: &str) -> &str {
    let text = stderr.split("\n\nUse --debug flag").next().unwrap_or(stderr);
    let node = text.rfind("at <").unwrap_or(text.len());
    let ends = text[node..].match_indices(">:").map(|(at, _)| node + at + 2);
    let ends = ends.filter(|&at| text[at..].starts_with([' ', '\n']));
    if let Some(at) = ends.last() {
        return text[at..].trim();
    }
    let Some((_, text)) = text.split_once("execution error at (") else { return parsing(text) };
    text.split_once("): ").map_or(text, |(_, text)| text).trim()
}

/// The complaint about a template that does not parse.
fn parsing(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("_row.tpl:") else { return text.trim() };
    rest.split_once(": ").map_or(rest, |(_, text)| text).trim()
}

fn check((file, row): &(String, Row)) -> Option<String> {
    let expected = match (&row.out, &row.error) {
        (Some(out), None) => Ok(out.clone()),
        (None, Some(error)) => Err(error.clone()),
        _ => return Some(format!("{file}: {:?} needs `out` or `error`", row.template)),
    };
    let got = render(row);
    (got != expected).then(|| {
        format!("{file}: {}\n    expected {expected:?}\n    got      {got:?}", row.template)
    })
}

/// Every row, with the name of its file.
#[expect(clippy::disallowed_methods, reason = "tests read the repository")]
fn rows() -> Vec<(String, Row)> {
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(cases().join("functions")).expect("folder of cases") {
        let path = entry.expect("entry").path();
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("rows");
        let read: Vec<Row> = serde_yaml::from_str(&text).expect(&name);
        rows.extend(read.into_iter().map(|row| (name.clone(), row)));
    }
    rows
}

#[test]
fn every_function_has_rows() {
    let rows = rows();
    let mut words = std::collections::HashSet::new();
    for (_, row) in &rows {
        words.extend(row.template.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    }
    let missing: Vec<&str> =
        rhumb::funcs::all().map(|def| def.name).filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "functions without a recorded row: {missing:?}");
}

#[test]
fn functions_equal_helm() {
    let rows = rows();
    let differences: Vec<String> = in_parallel(&rows, check).into_iter().flatten().collect();
    let shown = differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        differences.is_empty(),
        "{} of {} rows differ:\n{shown}",
        differences.len(),
        rows.len()
    );
}
