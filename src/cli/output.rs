//! `-o`: tables for people, JSON and YAML for programs.

use crate::doc::Doc;
use crate::json::write::doc_to_json;
use crate::yaml::emit::doc_to_yaml;

/// How a list is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// Columns.
    #[default]
    Table,
    /// One line of JSON.
    Json,
    /// YAML.
    Yaml,
}

/// The value of `-o`, with Helm's complaint.
pub(super) fn parse(text: &str) -> Result<Format, String> {
    match text {
        "table" => Ok(Format::Table),
        "json" => Ok(Format::Json),
        "yaml" => Ok(Format::Yaml),
        _ => Err("invalid format type".into()),
    }
}

impl Format {
    /// A document for programs; for people it is YAML.
    pub(super) fn encode(self, doc: &Doc) -> Vec<u8> {
        match self {
            Format::Json => [doc_to_json(doc), b"\n".to_vec()].concat(),
            Format::Yaml | Format::Table => doc_to_yaml(doc, false),
        }
    }
}
