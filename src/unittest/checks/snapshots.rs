//! `matchSnapshot`, for values and for plain text.

use super::walk::each_value;
use super::{Verdict, View};
use crate::unittest::document::uniform;
use crate::unittest::info::{self, Section, diff, expected};
use crate::unittest::snapshot::{Comparer, Comparison};
use crate::yaml::any::Any;

/// Judges every document; none at all is as good as none that differs.
fn each(view: &View<'_>, mut judge: impl FnMut(usize) -> Verdict) -> Verdict {
    let mut verdict = Verdict::new(!view.selected.is_empty() || !view.negative, Vec::new());
    for index in 0..view.selected.len() {
        let found = judge(index);
        verdict.passed &= found.passed;
        verdict.info.extend(found.info);
        if !verdict.passed && view.fail_fast {
            break;
        }
    }
    verdict
}

pub(super) fn snapshot(
    view: &View<'_>,
    path: &str,
    wanted: &str,
    unwanted: &str,
    snapshots: &mut Comparer<'_>,
) -> Verdict {
    each(view, |index| {
        each_value(view, view.selected[index], index, path, false, |value, at| {
            let place = (Some(index), Some(at));
            let compared = snapshots
                .compare(value, wanted, unwanted)
                .map_err(|why| info::error(place.0, place.1, &why))?;
            if compared.passed != view.negative {
                return Ok(());
            }
            if !compared.message.is_empty() {
                let what = expected(view.negative, &compared.message, &compared.cached);
                return Err(info::lines(place.0, place.1, &[what]));
            }
            let (what, text) = difference(view, &compared);
            let what = expected(view.negative, &what, &text);
            Err(info::lines(place.0, place.1, &[Section::Path(path), what]))
        })
    })
}

pub(super) fn raw(view: &View<'_>, snapshots: &mut Comparer<'_>) -> Verdict {
    each(view, |index| {
        let text = uniform(&view.selected[index].raw_text());
        match snapshots.compare(&Any::from(text.as_str()), "", "") {
            Ok(compared) if compared.passed == view.negative => {
                let (what, text) = difference(view, &compared);
                Verdict::failed(info::lines(None, None, &[expected(view.negative, &what, &text)]))
            }
            Ok(_) => Verdict::passed(),
            Err(why) => Verdict::failed(info::error(None, None, &why)),
        }
    })
}

fn difference(view: &View<'_>, compared: &Comparison) -> (String, String) {
    let what = format!(" to match snapshot {}", compared.number);
    let text =
        if view.negative { compared.cached.clone() } else { diff(&compared.cached, &compared.new) };
    (what, text)
}
