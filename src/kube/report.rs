//! Findings as people and programs read them.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use super::catalog::{Minors, newest_minor};
use super::finding::{Finding, Severity};
use super::validate::{Report, Verdict};
use crate::render::trail::{HIDDEN, Trail};
use crate::source::{Sources, Span};

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One object, with everything that is known.
    Json,
    /// `JUnit` XML: a test case for each document.
    Junit,
    /// The Test Anything Protocol: a line for each document.
    Tap,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

impl Format {
    /// A form by its name on the command line.
    pub fn parse(text: &str) -> Option<Format> {
        match text {
            "text" | "pretty" => Some(Format::Text),
            "json" => Some(Format::Json),
            "junit" => Some(Format::Junit),
            "tap" => Some(Format::Tap),
            "sarif" => Some(Format::Sarif),
            "github" => Some(Format::Github),
            _ => None,
        }
    }
}

/// What a report is written with.
pub struct Writer<'a> {
    /// Texts behind the findings.
    pub sources: &'a Sources,
    /// Names of the inputs.
    pub inputs: &'a [String],
    /// Minors that were checked for.
    pub target: Minors,
    /// Whether colours may be used.
    pub color: bool,
    /// Whether a summary is wanted.
    pub summary: bool,
    /// Whether documents without findings are named, too.
    pub verbose: bool,
}

/// Minors as people read them: `1.25-1.29, 1.31`.
pub fn versions(minors: Minors) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for minor in minors.iter().filter(|minor| *minor <= newest_minor()) {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == minor => *last = minor,
            _ => parts.push((minor, minor)),
        }
    }
    let shown: Vec<String> = parts
        .iter()
        .map(
            |(first, last)| {
                if first == last { format!("1.{first}") } else { format!("1.{first}-1.{last}") }
            },
        )
        .collect();
    shown.join(", ")
}

fn json_trail(trail: &Trail) -> Json {
    let values = trail.values.iter().map(|behind| {
        json!({
            "path": behind.path,
            "value": behind.value,
            "from": behind.place,
            "overrides": behind.over,
        })
    });
    let caller = trail.caller.as_ref().map(|(file, line)| json!({ "file": file, "line": line }));
    json!({
        "file": trail.template,
        "line": trail.line,
        "col": trail.col,
        "rendered": trail.rendered,
        "used_by": caller,
        "values": values.collect::<Vec<_>>(),
    })
}

impl Writer<'_> {
    /// The whole report in a form.
    pub fn write(&self, report: &Report, format: Format) -> String {
        match format {
            Format::Text => self.text(report),
            Format::Junit => super::report_ci::junit(self, report),
            Format::Tap => super::report_ci::tap(self, report),
            Format::Sarif => super::report_ci::sarif(self, report),
            Format::Github => super::report_ci::github(self, report),
            Format::Json => {
                let mut text = serde_json::to_string_pretty(&self.json(report))
                    .expect("JSON of strings and numbers");
                text.push('\n');
                text
            }
        }
    }

    /// Line and column of a place, from one.
    pub fn place(&self, span: Span) -> Option<(u32, u32)> {
        let source = self.sources.get(span.source)?;
        let at = source.line_col(span.start);
        Some((at.line, at.col + 1))
    }

    /// The template that Helm says a document is from, in a comment above it.
    fn template(&self, span: Span) -> Option<String> {
        const COMMENT: &[u8] = b"\n# Source: ";
        let source = self.sources.get(span.source)?;
        let before = source.text.get(..span.start as usize)?;
        let start = memchr::memmem::rfind(before, b"\n---").unwrap_or(0);
        let at = start + memchr::memmem::find(&before[start..], COMMENT)? + COMMENT.len();
        let line = before[at..].split(|&byte| byte == b'\n').next()?;
        Some(String::from_utf8_lossy(line.trim_ascii()).into_owned())
    }

    fn json(&self, report: &Report) -> Json {
        let findings: Vec<Json> =
            report.findings.iter().map(|finding| self.json_finding(finding)).collect();
        json!({ "version": 1, "findings": findings, "summary": self.json_summary(report) })
    }

    fn json_finding(&self, finding: &Finding) -> Json {
        let mut out = Map::new();
        out.insert("file".into(), self.inputs.get(finding.input).cloned().into());
        out.insert("document".into(), finding.document.into());
        out.insert("path".into(), finding.path.as_str().into());
        out.insert("code".into(), finding.code.into());
        out.insert("severity".into(), finding.severity.as_str().into());
        out.insert("message".into(), finding.message.as_str().into());
        out.insert("object".into(), finding.object.as_str().into());
        if let Some((line, col)) = self.place(finding.span) {
            out.insert("line".into(), line.into());
            out.insert("col".into(), col.into());
        }
        if let Some(rule) = finding.rule {
            out.insert("rule".into(), rule.into());
        }
        if !finding.allowed.is_empty() {
            out.insert("allowed".into(), finding.allowed.clone().into());
        }
        if let Some(suggest) = &finding.suggest {
            out.insert("suggest".into(), suggest.as_str().into());
        }
        if let Some(hint) = &finding.hint {
            out.insert("hint".into(), hint.as_str().into());
        }
        for (name, value) in &finding.facts {
            out.insert((*name).into(), value.clone());
        }
        if let Some(trail) = &finding.trail {
            out.insert("template".into(), json_trail(trail));
        } else if let Some(template) = self.template(finding.span) {
            out.insert("template".into(), json!({ "file": template }));
        }
        let minors: Vec<String> = finding.minors.iter().map(|minor| format!("1.{minor}")).collect();
        out.insert("versions".into(), minors.into());
        Json::Object(out)
    }

    fn json_summary(&self, report: &Report) -> Json {
        json!({
            "documents": report.resources.len(),
            "valid": report.verdicts(Verdict::Valid),
            "invalid": report.verdicts(Verdict::Invalid),
            "without_schema": report.verdicts(Verdict::NoSchema),
            "skipped": report.verdicts(Verdict::Skipped),
            "errors": report.count(Severity::Error),
            "warnings": report.count(Severity::Warning),
            "notes": report.count(Severity::Note),
            "kubernetes": self.target.iter().map(|minor| format!("1.{minor}")).collect::<Vec<_>>(),
        })
    }

    fn text(&self, report: &Report) -> String {
        let mut out = String::new();
        for finding in &report.findings {
            self.text_finding(&mut out, finding).expect("a string takes any text");
        }
        if self.verbose {
            for resource in &report.resources {
                let verdict = match resource.verdict {
                    Verdict::Invalid => continue,
                    Verdict::Valid => "valid",
                    Verdict::NoSchema => "without schema",
                    Verdict::Skipped => "skipped",
                };
                let file = self.inputs.get(resource.input).map_or("-", String::as_str);
                let (kind, name) = (&resource.kind, &resource.name);
                writeln!(out, "{file}: {kind}/{name}: {verdict}").expect("a string takes any text");
            }
        }
        if self.summary {
            out.push_str(&self.summary_line(report));
            out.push_str(&self.by_version(report));
        }
        out
    }

    /// Errors of each version, where several were checked and they differ.
    fn by_version(&self, report: &Report) -> String {
        let mut groups: Vec<(usize, Minors)> = Vec::new();
        for minor in self.target.iter() {
            let Some(one) = Minors::one(minor) else { continue };
            let errors = report.findings.iter().filter(|finding| {
                finding.severity == Severity::Error && !finding.minors.and(one).is_empty()
            });
            let count = errors.count();
            match groups.iter_mut().find(|(other, _)| *other == count) {
                Some((_, minors)) => *minors = Minors(minors.0 | one.0),
                None => groups.push((count, one)),
            }
        }
        if groups.len() < 2 {
            return String::new();
        }
        let lines = groups.into_iter().map(|(count, minors)| {
            let plural = if count == 1 { "" } else { "s" };
            format!("  Kubernetes {}: {count} error{plural}\n", versions(minors))
        });
        lines.collect()
    }

    /// Counts in one line.
    pub fn summary_line(&self, report: &Report) -> String {
        let mut line = format!(
            "{} documents: {} valid, {} invalid, {} without schema, {} skipped; {} errors, {} warnings (Kubernetes {})\n",
            report.resources.len(),
            report.verdicts(Verdict::Valid),
            report.verdicts(Verdict::Invalid),
            report.verdicts(Verdict::NoSchema),
            report.verdicts(Verdict::Skipped),
            report.count(Severity::Error),
            report.count(Severity::Warning),
            versions(self.target),
        );
        for count in ["document", "error", "warning"] {
            line = line.replace(&format!(" 1 {count}s"), &format!(" 1 {count}"));
        }
        line.strip_prefix("1 documents").map_or(line.clone(), |rest| format!("1 document{rest}"))
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn text_finding(&self, out: &mut String, finding: &Finding) -> std::fmt::Result {
        let hue = match finding.severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Note => "1;36",
        };
        let head = format!("{}[{}]", finding.severity.as_str(), finding.code);
        let path = if finding.path.is_empty() { "" } else { &format!("{}: ", finding.path) };
        writeln!(
            out,
            "{}: {}",
            self.paint(hue, &head),
            self.paint("1", &format!("{path}{}", finding.message))
        )?;
        let object = if finding.object.is_empty() { "" } else { &format!("{}, ", finding.object) };
        let number = finding.document + 1;
        let place = self.place(finding.span);
        if let Some(trail) = &finding.trail {
            let line = place.map(|(line, _)| format!(", rendered line {line}")).unwrap_or_default();
            let (template, at, col) = (&trail.template, trail.line, trail.col);
            writeln!(out, "  --> {template}:{at}:{col} ({object}document {number}{line})")?;
            for line in trail.lines(|marks| self.paint(hue, marks)) {
                writeln!(out, "{line}")?;
            }
            return self.text_notes(out, finding);
        }
        let file = self.inputs.get(finding.input).map_or("-", String::as_str);
        let at = place.map(|(line, col)| format!(":{line}:{col}")).unwrap_or_default();
        writeln!(out, "  --> {file}{at} ({object}document {number})")?;
        if let Some(template) = self.template(finding.span) {
            writeln!(out, "  rendered from {template}")?;
        }
        if let Some(source) = self.sources.get(finding.span.source)
            && let Some((line, col)) = place
        {
            let start = finding.span.start as usize + 1 - col as usize;
            let rest = source.text.get(start..).unwrap_or_default();
            let text = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
            let text = String::from_utf8_lossy(text);
            let mut text = text.trim_end().to_owned();
            let before = text.chars().take(col as usize - 1).count();
            let mut long = (finding.span.end.saturating_sub(finding.span.start)) as usize;
            if finding.is_secret() {
                text = text.chars().take(before).chain(HIDDEN.chars()).collect();
                long = HIDDEN.len();
            }
            let marks = long.clamp(1, text.chars().count().saturating_sub(before).max(1));
            let number = line.to_string();
            let gap = " ".repeat(number.len());
            writeln!(out, "{gap} |")?;
            writeln!(out, "{number} | {text}")?;
            let marks = self.paint(hue, &"^".repeat(marks));
            writeln!(out, "{gap} | {}{marks}", " ".repeat(before))?;
        }
        self.text_notes(out, finding)
    }

    /// What else is known of a finding, a line for each fact.
    fn text_notes(&self, out: &mut String, finding: &Finding) -> std::fmt::Result {
        let names: Vec<&str> = finding.allowed.iter().map(String::as_str).collect();
        let allowed = super::structure::listed(&names);
        if !names.is_empty() && !finding.message.contains(&allowed) {
            writeln!(out, "  = allowed: {allowed}")?;
        }
        if let Some(suggest) = finding.meant() {
            writeln!(out, "  = did you mean {suggest}?")?;
        }
        if let Some(hint) = &finding.hint {
            writeln!(out, "  = help: {hint}")?;
        }
        if finding.minors != self.target {
            writeln!(out, "  = only in Kubernetes {}", versions(finding.minors))?;
        }
        if let Some(rule) = finding.rule {
            writeln!(out, "  = rule: {rule}")?;
        }
        writeln!(out)
    }
}
