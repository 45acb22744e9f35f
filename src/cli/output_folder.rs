//! Files below a folder: where `--output-dir` sends manifests.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Failure, write_out};
use crate::diag::io::{mkdir_all, path_error};
use crate::host::Host;
use crate::manifest::print;

/// `--output-dir`: one file per template, documents appended within a run.
pub(super) struct OutputFolder<'a> {
    host: &'a dyn Host,
    dir: String,
    written: Vec<PathBuf>,
}

impl<'a> OutputFolder<'a> {
    /// The folder `dir`; nothing is made until the first document.
    pub(super) fn new(host: &'a dyn Host, dir: &str) -> Self {
        OutputFolder { host, dir: dir.to_string(), written: Vec::new() }
    }

    /// Writes one document below the folder; hooks append to a file that exists already, as in
    /// Helm. Says `wrote <path>` on standard output.
    ///
    /// Errors: a path that would leave the folder; what the disk says.
    pub(super) fn write(
        &mut self,
        below: Option<&str>,
        path: &str,
        text: &[u8],
        hook: bool,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        let leaves = Path::new(path).components().any(|part| {
            !matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir)
        });
        if leaves {
            return Err(Failure::new(format!("refusing to write {path} outside of {}", self.dir)));
        }
        let mut folder = PathBuf::from(&self.dir);
        if let Some(name) = below {
            folder.push(name);
        }
        let file = folder.join(path);
        // Helm gives every failure of this command the same advice.
        let failed = |why: String| {
            Failure::new(format!("{why}\n\nUse --debug flag to render out invalid YAML"))
        };
        let io = |error: std::io::Error| failed(path_error("open", &file, &error));
        if let Some(parent) = file.parent() {
            if let Err(error) = self.host.stat(parent, true)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                return Err(failed(path_error("stat", parent, &error)));
            }
            mkdir_all(self.host, parent).map_err(failed)?;
        }
        let mut document = Vec::new();
        print::write_document(&mut document, (path, text)).map_err(io)?;
        let append = self.written.contains(&file) || (hook && self.host.stat(&file, true).is_ok());
        if append {
            self.host.append(&file, &document).map_err(io)?;
        } else {
            self.host.write(&file, &document).map_err(io)?;
        }
        // Helm cleans the folder's name only when it joins the release name to it.
        let shown = match below {
            Some(name) => crate::golang::filepath::join(&self.dir, name),
            None => self.dir.clone(),
        };
        self.written.push(file);
        write_out(out, format!("wrote {shown}/{path}\n").as_bytes())
    }
}
