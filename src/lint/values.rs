//! Rules for values.yaml.

use super::{Linter, rule};
use crate::diag::io::path_error;
use crate::doc::Doc;
use crate::source::SourceId;
use crate::values::{coalesce_tables, schema};
use crate::yaml::read::parse_map;

const FILE: &str = "values.yaml";

impl Linter<'_> {
    pub(super) fn values(&mut self) {
        let is_there = self.kind_of(FILE).is_some();
        let found = if is_there { Ok(()) } else { Err("file does not exist".into()) };
        if self.check(&rule::VALUES_FILE, FILE, found) {
            let found = self.values_file();
            self.check(&rule::VALUES, FILE, found);
        }
    }

    /// Values of the chart under those of the user against the chart's own schema; charts below
    /// are not looked at.
    fn values_file(&mut self) -> Result<(), String> {
        let path = self.folder.join(FILE);
        let unread = |why: String| format!("unable to parse YAML: {why}");
        let bytes =
            self.host.read(&path).map_err(|error| unread(path_error("open", &path, &error)))?;
        let own = parse_map(&bytes, SourceId::NONE).map_err(|fault| {
            let text = fault.message();
            unread(text.replace("of type map[string]interface {}", "of type common.Values"))
        })?;
        // Helm lays them over each other even where nothing is done with them, and says what does
        // not fit.
        let values = coalesce_tables(self.given, &own, self.log)
            .map_err(|fault| fault.message().to_owned())?;
        self.touched = Some(touched(self.given, &values));
        let schema = self.host.read(&self.folder.join("values.schema.json")).unwrap_or_default();
        if schema.is_empty() || self.options.skip_schema_validation {
            return Ok(());
        }
        schema::validate_one(&schema, &values, Some(&crate::typed::Definitions), self.log)
    }
}

/// The user's values after Helm laid them over the chart's: it copies the outermost map and fills
/// in those below where they are.
fn touched(given: &Doc, merged: &Doc) -> Doc {
    let (Some(given), Some(merged)) = (given.as_map(), merged.as_map()) else {
        return given.clone();
    };
    let filled = |key: &str, item: &Doc| {
        let merged = merged.get(key).filter(|merged| merged.as_map().is_some());
        merged.filter(|_| item.as_map().is_some()).unwrap_or(item).clone()
    };
    Doc::map(given.iter().map(|(key, item)| (key.clone(), filled(key, item))).collect())
}
