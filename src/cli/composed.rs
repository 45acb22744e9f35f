//! The way from a chart's name to its composed values, as several commands take it.

use std::path::Path;

use super::schema_files::{SchemaFiles, SchemaFlags};
use crate::chart::Chart;
use crate::chart::custom::{self, Custom};
use crate::compat::Compat;
use crate::diag::Result;
use crate::doc::{Doc, DocMap};
use crate::host::Host;
use crate::render::native;
use crate::source::Sources;
use crate::values::Final;
use crate::values::read::{first_document, merge_maps};
use crate::values::schema::{Schemas, validate_again};

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
    let chart = load_updated(host, sources, path, log)?;
    chart.check_dependencies()?;
    Ok(chart)
}

/// Like [`load_chart`], and takes `charts/` as it has just been filled.
pub(super) fn load_updated(
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
    Ok(chart)
}

/// A custom resource that was given as values, for the chart that stands for it.
pub(super) struct Resource {
    /// Its name, for the release.
    pub name: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its spec, under what else was given.
    pub values: Doc,
}

/// What the user gave, when that is a manifest of the kind that the chart stands for.
///
/// Errors: a spec that lacks what every resource of the kind has.
pub(super) fn resource(chart: &Chart, user: &Doc, sources: &Sources) -> Result<Option<Resource>> {
    let Some(custom) = Custom::of(&chart.metadata)?.filter(|custom| custom.describes(user)) else {
        return Ok(None);
    };
    let metadata = |key: &str| {
        let text = user.get("metadata").and_then(|metadata| metadata.get(key));
        text.and_then(Doc::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let mut others = user.clone();
    if let Some(map) = others.as_map_mut() {
        map.retain(|key, _| !custom::ROOT.contains(&&**key));
    }
    let nothing = Doc::map(DocMap::default());
    let spec = user.get("spec").filter(|spec| spec.as_map().is_some()).unwrap_or(&nothing);
    let values = merge_maps(spec, &others);
    let missing = custom.missing_values(&values);
    if !missing.is_empty() {
        let heading = format!("{} {}", custom.kind, metadata("name").unwrap_or_default());
        return Err(crate::models::report(heading.trim_end(), &missing, sources));
    }
    Ok(Some(Resource { name: metadata("name"), namespace: metadata("namespace"), values }))
}

/// The values that the templates of a chart see: the user's over the charts', checked, and for
/// native charts completed. Disabled charts are gone from `chart` afterwards.
///
/// Errors: values that do not fit the chart's dependencies, its types or its schema.
pub(super) fn compose(
    compat: Compat,
    chart: &mut Chart,
    user: &Doc,
    schema: (SchemaFlags, &Schemas),
    host: &dyn Host,
    sources: &Sources,
    log: &mut Vec<String>,
) -> Result<Final> {
    let (schema, known) = schema;
    let mut composed = match compat {
        Compat::Helm4 => crate::values::compose(chart, user, log)?,
        Compat::Helm3 => {
            keep_first_documents(chart)?;
            crate::values::compose_keeping_nulls(chart, user, log)?
        }
    };
    if native::is_native(chart) {
        let values = crate::typed::with_nulls(chart, &composed.values, user, sources)?;
        composed = Final::from(crate::typed::check(chart, &values, sources)?);
    }
    if !schema.skip_schema_validation {
        let foreign = SchemaFiles { host, chart, is_allowed: schema.schema_files };
        validate_again(chart, &composed.values, &foreign, known, log)?;
    }
    Ok(composed)
}

/// Leaves of the values of a chart and those below what Helm 3 reads of them.
fn keep_first_documents(chart: &mut Chart) -> Result<()> {
    if let Some(text) = &chart.raw_values {
        let defaults = first_document(text, chart.defaults.span.source)
            .map_err(|fault| fault.context("cannot load values.yaml"))?;
        chart.values = defaults.clone();
        chart.defaults = defaults;
    }
    chart.dependencies.iter_mut().try_for_each(keep_first_documents)
}
