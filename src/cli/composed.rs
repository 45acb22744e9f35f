//! The way from a chart's name to its composed values, as several commands take it.

use std::path::Path;

use crate::chart::Chart;
use crate::diag::Result;
use crate::doc::Doc;
use crate::host::Host;
use crate::render::native;
use crate::source::Sources;

/// Loads a chart and refuses what cannot be rendered by itself.
///
/// `path` is absolute; `log` receives Helm's records.
/// Errors: an unreadable chart, a library, missing dependencies.
pub(super) fn load_chart(
    host: &dyn Host,
    sources: &Sources,
    path: &Path,
    log: &mut Vec<String>,
) -> Result<Chart> {
    let chart = crate::chart::load::load(host, sources, path, log)?;
    chart.check_installable()?;
    if chart.metadata.deprecated {
        log.push("level=WARN msg=\"this chart is deprecated\"".to_string());
    }
    chart.check_dependencies()?;
    Ok(chart)
}

/// The values that the templates of a chart see: the user's over the charts', checked, and for
/// native charts completed. Disabled charts are gone from `chart` afterwards.
///
/// Errors: values that do not fit the chart's dependencies, its types or its schema.
pub(super) fn compose(
    chart: &mut Chart,
    user: &Doc,
    skip_schema_validation: bool,
    sources: &Sources,
    log: &mut Vec<String>,
) -> Result<Doc> {
    let mut values = crate::values::compose(chart, user, log)?.values;
    if native::is_native(chart) {
        values = crate::models::check(chart.name(), &values, sources)?;
    }
    if !skip_schema_validation {
        crate::values::schema::validate(chart, &values, log)?;
    }
    Ok(values)
}
