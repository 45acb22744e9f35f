//! Reports for machines that build and test.

use serde_json::{Value as Json, json};

use super::finding::{CODES, Finding, Severity};
use super::report::Writer;
use super::rules::RULES;
use super::validate::{Report, Resource, Verdict};

fn title(resource: &Resource) -> String {
    if resource.kind.is_empty() {
        return format!("document {}", resource.document + 1);
    }
    format!("{} {}/{}", resource.api_version, resource.kind, resource.name)
}

fn file<'a>(writer: &'a Writer<'_>, input: usize) -> &'a str {
    writer.inputs.get(input).map_or("-", String::as_str)
}

/// Where a finding is to be shown: in the template that wrote it, if that is known.
fn spot<'a>(writer: &'a Writer<'_>, finding: &'a Finding) -> (&'a str, u32, u32) {
    if let Some(trail) = &finding.trail {
        let name = trail.file.as_deref().unwrap_or(&trail.template);
        return (name, trail.line, trail.col);
    }
    let (line, col) = writer.place(finding.span).unwrap_or((1, 1));
    (file(writer, finding.input), line, col)
}

fn of<'a>(report: &'a Report, resource: &Resource) -> impl Iterator<Item = &'a Finding> {
    let (input, document) = (resource.input, resource.document);
    report.findings.iter().filter(move |finding| {
        finding.input == input
            && finding.document == document
            && finding.severity == Severity::Error
    })
}

fn sentence(finding: &Finding) -> String {
    let path = if finding.path.is_empty() { "" } else { &format!("{}: ", finding.path) };
    let help = finding.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    let close = finding.meant();
    let close = close.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    format!("{path}{}{close}{help}", finding.message)
}

fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if c < ' ' && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    use std::fmt::Write as _;
    out.write_fmt(text).expect("a string takes any text");
}

/// A test suite for each input, a test case for each document.
pub(super) fn junit(writer: &Writer<'_>, report: &Report) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let failures = report.verdicts(Verdict::Invalid);
    put(
        &mut out,
        format_args!(
            "<testsuites name=\"rhumb\" tests=\"{}\" failures=\"{failures}\">\n",
            report.resources.len()
        ),
    );
    for (input, name) in writer.inputs.iter().enumerate() {
        let own: Vec<&Resource> =
            report.resources.iter().filter(|resource| resource.input == input).collect();
        if own.is_empty() {
            continue;
        }
        let is = |verdict| own.iter().filter(|resource| resource.verdict == verdict).count();
        put(
            &mut out,
            format_args!(
                "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
                xml(name),
                own.len(),
                is(Verdict::Invalid),
                is(Verdict::Skipped)
            ),
        );
        for resource in own {
            let name = xml(&title(resource));
            let class = xml(&resource.kind);
            put(&mut out, format_args!("    <testcase name=\"{name}\" classname=\"{class}\">\n"));
            for finding in of(report, resource) {
                let (code, text) = (finding.code, xml(&sentence(finding)));
                put(
                    &mut out,
                    format_args!("      <failure type=\"{code}\" message=\"{text}\"/>\n"),
                );
            }
            if resource.verdict == Verdict::Skipped {
                out += "      <skipped/>\n";
            }
            out += "    </testcase>\n";
        }
        out += "  </testsuite>\n";
    }
    out + "</testsuites>\n"
}

/// A line for each document.
pub(super) fn tap(writer: &Writer<'_>, report: &Report) -> String {
    let mut out = format!("TAP version 13\n1..{}\n", report.resources.len());
    for (number, resource) in report.resources.iter().enumerate() {
        let errors: Vec<String> = of(report, resource).map(sentence).collect();
        let verdict = if errors.is_empty() { "ok" } else { "not ok" };
        let (number, name) = (number + 1, file(writer, resource.input));
        let skip = if resource.verdict == Verdict::Skipped { " # SKIP" } else { "" };
        put(&mut out, format_args!("{verdict} {number} - {name} ({}){skip}\n", title(resource)));
        for error in errors {
            put(&mut out, format_args!("# {error}\n"));
        }
    }
    out
}

/// The report for code scanning.
pub(super) fn sarif(writer: &Writer<'_>, report: &Report) -> String {
    let results: Vec<Json> = report
        .findings
        .iter()
        .map(|finding| {
            let (name, line, col) = spot(writer, finding);
            json!({
                "ruleId": finding.rule.unwrap_or(finding.code),
                "level": finding.severity.as_str(),
                "message": { "text": sentence(finding) },
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": name },
                        "region": { "startLine": line, "startColumn": col },
                    },
                    "logicalLocations": [{ "fullyQualifiedName": format!("{}:{}", finding.object, finding.path) }],
                }],
            })
        })
        .collect();
    let used =
        |id: &str| report.findings.iter().any(|finding| finding.rule.unwrap_or(finding.code) == id);
    let rules: Vec<Json> = RULES
        .iter()
        .chain(CODES)
        .filter(|(id, _)| used(id))
        .map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } }))
        .collect();
    let log = json!({
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{
            "tool": { "driver": {
                "name": "rhumb",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("JSON of strings and numbers");
    text.push('\n');
    text
}

/// Workflow commands: one annotation for each finding.
pub(super) fn github(writer: &Writer<'_>, report: &Report) -> String {
    let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for finding in &report.findings {
        let command =
            if finding.severity == Severity::Note { "notice" } else { finding.severity.as_str() };
        let (name, line, col) = spot(writer, finding);
        put(
            &mut out,
            format_args!(
                "::{command} file={},line={line},col={col},title={}::{}\n",
                property(name),
                property(finding.code),
                escape(&sentence(finding))
            ),
        );
    }
    out
}
