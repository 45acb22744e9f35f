//! Which subcharts take part, under which names, and what they export to their parents.
//!
//! Tags first, then conditions, then `import-values`. Helm does this before it composes values,
//! with a coalescing pass of its own at each chart, whose warnings are part of its output.

use crate::diag::Result;
use crate::diag::log::field;
use crate::doc::{Doc, Node};
use crate::value::from_doc::from_doc;
use crate::value::print;
use crate::values::coalesce::{Values, coalesce_values, merge_values};

use super::version::in_range;
use super::{Chart, Dependency, ImportValue};

/// Prunes and renames the charts below `chart` by the values of a user, then takes over the
/// values that children export.
pub fn process(chart: &mut Chart, user: &Doc, log: &mut Vec<String>) -> Result<()> {
    enable(chart, user, "", log)?;
    import_values(chart, log)
}

fn enable(chart: &mut Chart, values: &Doc, path: &str, log: &mut Vec<String>) -> Result<()> {
    let Some(mut declared) = chart.metadata.dependencies.take() else { return Ok(()) };
    // Charts that Chart.yaml does not list come first, then the listed ones in its order.
    let mut present: Vec<Chart> = chart
        .dependencies
        .iter()
        .filter(|below| !declared.iter().any(|dependency| fits(dependency, below)))
        .cloned()
        .collect();
    for dependency in &mut declared {
        if let Some(found) = chart.dependencies.iter().find(|below| fits(dependency, below)) {
            let mut found = found.clone();
            if !dependency.alias.is_empty() {
                found.metadata.name.clone_from(&dependency.alias);
            }
            present.push(found);
        }
        if !dependency.alias.is_empty() {
            dependency.name.clone_from(&dependency.alias);
        }
        dependency.enabled = true;
    }
    chart.dependencies = present;
    let values = coalesce_values(chart, values, log)?;
    apply_tags(&mut declared, &values, log);
    apply_conditions(&mut declared, &values, path, log);
    let off: Vec<&str> = declared
        .iter()
        .filter(|dependency| !dependency.enabled)
        .map(|dependency| dependency.name.as_str())
        .collect();
    chart.dependencies.retain(|below| !off.contains(&below.name()));
    for below in &mut chart.dependencies {
        let path = format!("{path}{}.", below.name());
        enable(below, &values, &path, log)?;
    }
    let off: Vec<String> = off.into_iter().map(str::to_owned).collect();
    declared.retain(|dependency| !off.contains(&dependency.name));
    // An emptied list is the same as none from here on.
    chart.metadata.dependencies = (!declared.is_empty()).then_some(declared);
    Ok(())
}

fn fits(dependency: &Dependency, chart: &Chart) -> bool {
    chart.name() == dependency.name && in_range(&dependency.version, &chart.metadata.version)
}

fn apply_tags(declared: &mut [Dependency], values: &Doc, log: &mut Vec<String>) {
    let Some(tags) = values.get("tags").and_then(Doc::as_map) else { return };
    for dependency in declared {
        let (mut is_on, mut is_off) = (false, false);
        for tag in &dependency.tags {
            match tags.get(tag.as_str()).map(|value| &value.node) {
                None => {}
                Some(Node::Bool(true)) => is_on = true,
                Some(Node::Bool(false)) => is_off = true,
                Some(_) => log.push(format!(
                    "level=WARN msg=\"returned non-bool value\" tag={} chart={}",
                    field(tag),
                    field(&dependency.name)
                )),
            }
        }
        dependency.enabled = is_on || !is_off;
    }
}

fn apply_conditions(declared: &mut [Dependency], values: &Doc, path: &str, log: &mut Vec<String>) {
    for dependency in declared {
        let condition = dependency.condition.trim();
        for part in condition.split(',').filter(|part| !part.is_empty()) {
            let Some(value) = path_value(values, &format!("{path}{part}")) else { continue };
            if let Node::Bool(value) = value.node {
                dependency.enabled = value;
                break;
            }
            log.push(format!(
                "level=WARN msg=\"returned non-bool value\" path={} chart={}",
                field(part),
                field(&dependency.name)
            ));
        }
    }
}

/// What stands at the end of a dotted path, unless it is missing or a table.
fn path_value<'a>(values: &'a Doc, path: &str) -> Option<&'a Doc> {
    let found = path.split('.').try_fold(values, |doc, part| doc.get(part))?;
    found.as_map().is_none().then_some(found)
}

fn import_values(chart: &mut Chart, log: &mut Vec<String>) -> Result<()> {
    for below in &mut chart.dependencies {
        import_values(below, log)?;
    }
    let Some(mut declared) = chart.metadata.dependencies.take() else { return Ok(()) };
    let values = merge_values(chart, log)?;
    let mut imported = Values::new();
    for dependency in &mut declared {
        let mut pairs = Vec::new();
        for entry in &dependency.import_values {
            let ImportValue::Raw(entry) = entry else {
                pairs.push(entry.clone());
                continue;
            };
            let (child, parent, missing) = match &entry.node {
                Node::Map(_) => {
                    let text = |key| {
                        let value = entry.get(key).map_or(crate::value::Value::Nil, from_doc);
                        let text = print::strval(&value);
                        String::from_utf8_lossy(text.as_bytes()).into_owned()
                    };
                    let chart = field(&dependency.name);
                    let missing =
                        format!("msg=\"ImportValues missing table from chart\" chart={chart}");
                    (text("child"), text("parent"), missing)
                }
                Node::Str(text) => {
                    let missing = "msg=\"ImportValues missing table\"".to_owned();
                    (format!("exports.{}", text.to_str_lossy()), ".".to_owned(), missing)
                }
                _ => continue,
            };
            match values.table(&format!("{}.{child}", dependency.name)) {
                Ok(table) => imported.merge_under(&table.at_path(&parent), log)?,
                Err(part) => {
                    let error =
                        format!("{} is not a table", crate::golang::quote::quote(part.as_bytes()));
                    log.push(format!("level=WARN {missing} error={}", field(error)));
                }
            }
            pairs.push(ImportValue::Pair { child, parent });
        }
        dependency.import_values = pairs;
    }
    // What the parent says itself wins over what it imports.
    let mut own = values.deep_copy()?;
    own.merge_under(&imported, log)?;
    chart.values = own.to_doc()?;
    chart.metadata.dependencies = Some(declared);
    Ok(())
}
