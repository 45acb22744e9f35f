//! A rendered case against the Kubernetes API.

use super::Rendered;
use crate::kube::custom::Customs;
use crate::kube::finding::{Level, Severity};
use crate::kube::report::{Format, Writer};
use crate::kube::validate::{Input, Options, validate};
use crate::kube::{stream, target};
use crate::source::{SourceId, SourceKind, Sources};
use crate::yaml::read::parse_part;

/// What an API server would refuse, as text; none when all is well. Kinds without schema pass.
pub(super) fn findings(
    name: &str,
    rendered: &Rendered,
    kube_version: Option<&str>,
    level: Level,
) -> Option<String> {
    let version: Vec<String> = kube_version.iter().map(|text| (*text).to_owned()).collect();
    let target = target::parse(&version).unwrap_or_else(|_| target::newest());
    let mut customs = Customs::default();
    for text in &rendered.crds {
        for (start, end) in stream::split(text) {
            if let Ok((doc, _)) = parse_part(&text[start..end], SourceId::NONE, 0) {
                customs.add(&doc);
            }
        }
    }
    let options = Options { ignore_missing: true, ..Options::new(target, level) };
    let sources = Sources::new();
    let text = rendered.text.as_slice();
    let source = sources.add(SourceKind::Rendered, name, text.to_vec());
    let mut report = validate(&[Input { source, text, group: 0, first: 0 }], customs, &options);
    report.findings.retain(|finding| finding.severity == Severity::Error);
    if report.findings.is_empty() {
        return None;
    }
    let inputs = [format!("{name} (rendered)")];
    let (color, summary, verbose) = (false, false, false);
    let writer = Writer { sources: &sources, inputs: &inputs, target, color, summary, verbose };
    Some(writer.write(&report, Format::Text))
}
