//! One case: its render against its snapshot.

use super::matrix::{Case, FILE, Plan};
use super::{Options, Rendered, Unstable, check};
use crate::diff::mask::Mask;
use crate::diff::objects::{self, Id, Object};
use crate::diff::{Difference, Fate, compare};
use crate::host::Host;
use crate::source::SourceId;

/// What becomes of snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Missing ones are written, others compared.
    New,
    /// All are written anew where they differ.
    Update,
    /// None is written; a missing one is a failure.
    ReadOnly,
    /// None is written before somebody was asked.
    Review,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The render is as stored, or fails as it should.
    Same,
    /// There was no snapshot; now there is.
    Written,
    /// The snapshot differed, and was replaced.
    Updated(Difference),
    /// There is no snapshot, and none may be written.
    Missing,
    /// The snapshot differs.
    Differs(Difference),
    /// Somebody looked at what differs and did not accept it; says what they did.
    NotAccepted(&'static str),
    /// The case could not be judged, with what went wrong.
    Failed(String),
}

impl Verdict {
    /// Whether the case counts as passed.
    pub fn is_good(&self) -> bool {
        matches!(self, Verdict::Same | Verdict::Written | Verdict::Updated(_))
    }
}

/// Judges the render of a case; a missing or accepted snapshot is written through `host`.
/// `masks` are those of the run, on top of the plan's.
pub(super) fn judge(
    host: &dyn Host,
    plan: &Plan,
    case: &Case,
    rendered: Result<Rendered, String>,
    options: &Options,
    masks: &[Mask],
) -> Verdict {
    let rendered = match (rendered, &case.fails) {
        (Err(why), Some(expected)) if why.contains(expected.as_str()) => return Verdict::Same,
        (Err(why), None) if case.is_defaults() => {
            let hint =
                format!("where values are needed, \"defaults: false\" in {FILE} leaves this out");
            return Verdict::Failed(format!("{why}\n({hint})"));
        }
        (Err(why), None) => return Verdict::Failed(why),
        (Err(why), Some(expected)) => {
            return Verdict::Failed(format!(
                "should fail with {expected:?}, but fails with: {why}"
            ));
        }
        (Ok(_), Some(expected)) => {
            return Verdict::Failed(format!("should fail with {expected:?}, but renders"));
        }
        (Ok(rendered), None) => rendered,
    };
    if options.validate
        && let Some(level) = plan.level
        && let Some(findings) =
            check::findings(&case.name, &rendered, case.kube_version.as_deref(), level)
    {
        return Verdict::Failed(format!("is not valid:\n{findings}"));
    }
    let masks: Vec<Mask> = plan.masks.iter().chain(masks).cloned().collect();
    stored(host, plan, case, &rendered, options.mode, &masks).unwrap_or_else(Verdict::Failed)
}

/// Compares with the snapshot, and stores it where that is wanted.
fn stored(
    host: &dyn Host,
    plan: &Plan,
    case: &Case,
    rendered: &Rendered,
    mode: Mode,
    masks: &[Mask],
) -> Result<Verdict, String> {
    let path = plan.snapshot(case);
    let write = || store(host, plan, case, &rendered.text);
    if host.stat(&path, true).is_err() {
        if matches!(mode, Mode::ReadOnly | Mode::Review) {
            return Ok(Verdict::Missing);
        }
        write()?;
        return Ok(Verdict::Written);
    }
    let known = host.read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if known == rendered.text {
        return Ok(Verdict::Same);
    }
    let left = read(&known).map_err(|why| format!("{}: {why}", path.display()))?;
    let difference = compare(&left, &read(&rendered.text)?, masks);
    if difference.is_empty() {
        return Ok(Verdict::Same);
    }
    if mode != Mode::Update {
        return Ok(Verdict::Differs(difference));
    }
    write()?;
    Ok(Verdict::Updated(difference))
}

/// Stores the snapshot of a case.
///
/// # Errors
/// A file that cannot be written.
pub fn store(host: &dyn Host, plan: &Plan, case: &Case, text: &[u8]) -> Result<(), String> {
    let path = plan.snapshot(case);
    let failed = |error| format!("cannot write {}: {error}", path.display());
    host.create_dir_all(&plan.snapshots).map_err(failed)?;
    host.write(&path, text).map_err(failed)
}

fn read(text: &[u8]) -> Result<Vec<Object>, String> {
    objects::read(text, SourceId::NONE).map_err(|fault| fault.message().to_owned())
}

/// What differs in two renders of one case beside what is masked: fields for people, and masks
/// that cover them.
pub(super) fn unstable(
    first: &Rendered,
    second: &Rendered,
    masked: &[Mask],
) -> (Vec<Unstable>, Vec<Mask>) {
    let (mut fields, mut masks) = (Vec::new(), Vec::new());
    let (Ok(left), Ok(right)) = (read(&first.text), read(&second.text)) else {
        return (fields, masks);
    };
    for object in compare(&left, &right, masked).objects {
        match &object.fate {
            Fate::Changed(changed) => {
                for field in changed {
                    let Id { kind, name, .. } = &object.id;
                    fields.push(Unstable {
                        field: format!("{}: {}", object.id, field.path),
                        mask: Some(format!("{kind}/{name}: {}", field.path)),
                    });
                    masks.push(Mask::exactly(&object.id, &field.path));
                }
            }
            // No mask covers an object whose name changes.
            Fate::Added(_) | Fate::Removed(_) => {
                fields.push(Unstable { field: object.id.to_string(), mask: None });
            }
        }
    }
    (fields, masks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unstable_fields_are_named_and_masked() {
        let rendered = |token: &str| {
            Rendered {
            text: format!(
                "kind: Pod\nmetadata: {{name: p}}\nspec: {{cs: [{{name: a, v: {token}}}], l: [{token}]}}\n"
            )
            .into_bytes(),
            crds: Vec::new(),
        }
        };
        let (first, second) = (rendered("x"), rendered("w"));
        let (fields, masks) = unstable(&first, &second, &[]);
        let shown: Vec<&str> = fields.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(shown, ["Pod p: spec.cs[name=a].v", "Pod p: spec.l[0]"]);
        let texts: Vec<String> = fields.iter().filter_map(|it| it.mask.clone()).collect();
        let parsed = crate::diff::mask::parse_all(&texts).expect("good masks");
        assert!(unstable(&first, &second, &parsed).0.is_empty());
        let read = |rendered: &Rendered| read(&rendered.text).expect("good text");
        assert!(compare(&read(&first), &read(&second), &masks).is_empty());
    }
}
