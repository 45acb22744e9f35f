//! What values schemas may refer to besides themselves.

use std::path::Path;

use crate::chart::Chart;
use crate::host::Host;
use crate::typed::Definitions;
use crate::values::schema::{Foreign, file_path};

/// Whether and how values are held against schemas.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(super) struct SchemaFlags {
    /// Do not check values against values.schema.json
    #[arg(long)]
    pub skip_schema_validation: bool,

    /// Let schemas refer to files: `$ref: file:///path/to/schema.json`, or a file of the chart
    #[arg(long)]
    pub schema_files: bool,
}

/// Serves the definitions of Kubernetes always, and files when that is allowed.
pub(super) struct SchemaFiles<'a> {
    pub(super) host: &'a dyn Host,
    pub(super) chart: &'a Chart,
    pub(super) is_allowed: bool,
}

impl Foreign for SchemaFiles<'_> {
    fn load(&self, address: &str) -> Option<Result<Vec<u8>, String>> {
        let defined = Definitions.load(address);
        if defined.is_some() {
            return defined;
        }
        let path = file_path(address)?;
        let path = Path::new(&path);
        let own = path.strip_prefix("/").unwrap_or(path).to_string_lossy();
        let own = self.chart.files.iter().find(|file| file.name == own);
        if own.is_none() && self.host.stat(path, true).is_err() {
            return None;
        }
        if !self.is_allowed {
            return Some(Err("schemas may refer to files only with --schema-files".to_owned()));
        }
        Some(match (self.host.read(path), own) {
            (Ok(text), _) => Ok(text),
            (Err(_), Some(file)) => Ok(file.data.to_vec()),
            (Err(error), None) => Err(error.to_string()),
        })
    }

    fn rewrite(&self, reference: &str) -> Option<String> {
        Definitions.rewrite(reference)
    }
}
