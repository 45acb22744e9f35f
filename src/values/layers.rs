//! What the user gives: values files first, then the `--set` family, in Helm's fixed order.

use std::path::Path;

use crate::diag::io::{read_error, reason};
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::{Doc, DocMap};
use crate::golang::url::Url;
use crate::host::Host;
use crate::source::{SourceKind, Sources};

use super::read::{documents, merge_maps};
use super::set_flag::{self, Style};

/// Values as the command line names them, each kind in the order given.
#[derive(Clone, Debug, Default)]
pub struct ValueOptions {
    /// `-f`: paths, `-` for standard input.
    pub files: Vec<String>,
    /// `--set`.
    pub set: Vec<String>,
    /// `--set-string`.
    pub set_string: Vec<String>,
    /// `--set-json`.
    pub set_json: Vec<String>,
    /// `--set-file`.
    pub set_file: Vec<String>,
    /// `--set-literal`.
    pub set_literal: Vec<String>,
}

/// Merges all layers of a user into one document, lowest first: files, `--set-json`, `--set`,
/// `--set-string`, `--set-file`, `--set-literal`.
pub fn merge(host: &dyn Host, sources: &Sources, options: &ValueOptions) -> Result<Doc> {
    let mut base = Doc::map(DocMap::new());
    for path in &options.files {
        let text = read_file(host, path)?;
        let kind = if is_stdin(path) { SourceKind::Stdin } else { SourceKind::ValuesFile };
        let text: std::sync::Arc<[u8]> = text.into();
        let source = sources.add(kind, path.as_str(), text.clone());
        let doc = documents(&text, source)
            .map_err(|error| error.context(format!("failed to parse {path}")))?;
        base = merge_maps(&base, &doc);
    }
    let flags: [(&'static str, &[String]); 5] = [
        ("--set-json", &options.set_json),
        ("--set", &options.set),
        ("--set-string", &options.set_string),
        ("--set-file", &options.set_file),
        ("--set-literal", &options.set_literal),
    ];
    for (flag, arguments) in flags {
        for argument in arguments {
            let source = sources.add(SourceKind::Flag { flag }, flag, argument.as_bytes());
            let read = |path: &str| read_file(host, path).map_err(|error| error.to_string());
            let style = match flag {
                "--set-json" => Style::Json,
                "--set" => Style::Typed,
                "--set-string" => Style::Text,
                "--set-file" => Style::File(&read),
                _ => Style::Literal,
            };
            set_flag::apply(&mut base, argument, &style, source).map_err(|message| {
                let whole = match &style {
                    // Helm drops the reason and repeats the argument.
                    Style::Json if argument.trim_start().starts_with('{') => {
                        format!("failed parsing --set-json data JSON: {argument}")
                    }
                    Style::Json => format!("failed parsing --set-json data {argument}"),
                    _ => format!("failed parsing {flag} data: {message}"),
                };
                let fault = Fault::new(FaultKind::Values, whole);
                let fault = fault.at(crate::source::Span::new(source, 0, argument.len()));
                if let Style::Json = style { fault.hint(message) } else { fault }
            })?;
        }
    }
    Ok(base)
}

fn is_stdin(path: &str) -> bool {
    path.trim() == "-"
}

/// Reads a file named by the user. Helm would fetch `http`, `https` and `oci` addresses; this
/// program never uses the network.
fn read_file(host: &dyn Host, path: &str) -> Result<Vec<u8>> {
    let fault = |message: String| Fault::new(FaultKind::Io, message);
    if is_stdin(path) {
        return host.read_stdin().map_err(|error| fault(format!("read stdin: {}", reason(&error))));
    }
    let url = Url::parse(path.as_bytes()).map_err(fault)?;
    if matches!(&*url.scheme, b"http" | b"https" | b"oci") {
        return Err(fault(format!("{path} is a remote file"))
            .hint("rhumb does not use the network: download the file and name its path"));
    }
    host.read(Path::new(path)).map_err(|error| fault(read_error(Path::new(path), &error)))
}
