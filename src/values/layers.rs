//! What the user gives: values files first, then the `--set` family, in Helm's fixed order.

use std::path::Path;

use bytes::Bytes;

use crate::compat::Compat;
use crate::diag::io::{read_error, reason};
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::{Doc, DocMap};
use crate::golang::url::Url;
use crate::host::Host;
use crate::net::{Request, proxy_for};
use crate::source::{SourceKind, Sources};

use super::explain::Origin;
use super::read::{documents, first_document, merge_maps};
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
    /// Whose manners files are read with.
    pub compat: Compat,
}

/// One file or flag of a user.
#[derive(Clone, Debug)]
pub struct Layer {
    /// A file or a flag.
    pub origin: Origin,
    /// What it says by itself.
    pub values: Doc,
}

/// Merges all layers of a user into one document, lowest first: files, `--set-json`, `--set`,
/// `--set-string`, `--set-file`, `--set-literal`.
pub fn merge(host: &dyn Host, sources: &Sources, options: &ValueOptions) -> Result<Doc> {
    merge_noting(host, sources, options, &mut Vec::new())
}

/// Like [`merge`], and keeps what each layer says by itself.
pub fn merge_noting(
    host: &dyn Host,
    sources: &Sources,
    options: &ValueOptions,
    layers: &mut Vec<Layer>,
) -> Result<Doc> {
    let mut base = Doc::map(DocMap::default());
    for path in &options.files {
        let text: Bytes = read_file(host, path)?.into();
        let kind = if is_stdin(path) { SourceKind::Stdin } else { SourceKind::ValuesFile };
        let source = sources.add(kind, path.as_str(), text.clone());
        let doc = match options.compat {
            Compat::Helm3 => first_document(&text, source),
            Compat::Helm4 => documents(&text, source),
        };
        let doc = doc.map_err(|error| error.context(format!("failed to parse {path}")))?;
        base = merge_maps(&base, &doc);
        layers.push(Layer { origin: Origin::File, values: doc });
    }
    let read = |path: &str| read_file(host, path).map_err(|error| error.to_string());
    let flags: [(&'static str, &[String], Style<'_>); 5] = [
        ("--set-json", &options.set_json, Style::Json),
        ("--set", &options.set, Style::Typed),
        ("--set-string", &options.set_string, Style::Text),
        ("--set-file", &options.set_file, Style::File(&read)),
        ("--set-literal", &options.set_literal, Style::Literal),
    ];
    for (flag, arguments, style) in flags {
        for argument in arguments {
            let source = sources.add(SourceKind::Flag { flag }, flag, argument.clone());
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
            let mut values = Doc::map(DocMap::default());
            // It went well over what was there; over nothing it can only find less to object to.
            if set_flag::apply(&mut values, argument, &style, source).is_ok() {
                layers.push(Layer { origin: Origin::Flag, values });
            }
        }
    }
    Ok(base)
}

fn is_stdin(path: &str) -> bool {
    path.trim() == "-"
}

/// Reads a file named by the user; the network is used only for an address.
fn read_file(host: &dyn Host, path: &str) -> Result<Vec<u8>> {
    let fault = |message: String| Fault::new(FaultKind::Io, message);
    if is_stdin(path) {
        return host.read_stdin().map_err(|error| fault(format!("read stdin: {}", reason(&error))));
    }
    let url = Url::parse(path.as_bytes()).map_err(fault)?;
    if matches!(&*url.scheme, b"http" | b"https") {
        let proxy = proxy_for(path, |name| host.env(name));
        let request = Request { url: path.to_string(), proxy, timeout: 120, ..Request::default() };
        let response = host.request(&request).map_err(fault)?;
        if response.status != 200 {
            return Err(fault(format!("failed to fetch {path} : {}", response.status_text())));
        }
        return Ok(response.body);
    }
    if *url.scheme == *b"oci" {
        return Err(fault(format!("{path}: values files are not read from registries")));
    }
    host.read(Path::new(path)).map_err(|error| fault(read_error(Path::new(path), &error)))
}
