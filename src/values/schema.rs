//! `values.schema.json`: checks on composed values.

use crate::chart::Chart;
use crate::diag::Result;
use crate::doc::Doc;

/// Checks the values of a chart and of all charts below against their schemas.
pub fn validate(chart: &Chart, values: &Doc) -> Result<()> {
    let _ = (chart, values);
    Ok(())
}
