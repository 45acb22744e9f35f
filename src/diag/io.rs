//! Errors of the operating system in Go's words.

use std::io;
use std::path::Path;

use crate::host::{FileKind, Host};

/// The bare reason, such as `no such file or directory`.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    // Rust adds the number and begins with a capital; Go does neither.
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    match (error.raw_os_error(), chars.next()) {
        (Some(_), Some(first)) => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// A failed operation on a path: `open /x: no such file or directory`.
pub fn path_error(operation: &str, path: &Path, error: &io::Error) -> String {
    format!("{operation} {}: {}", path.display(), reason(error))
}

/// Creates a directory and its parents.
///
/// Errors: in Go's words, which name the first directory that is not there.
pub fn mkdir_all(host: &dyn Host, path: &Path) -> Result<(), String> {
    host.create_dir_all(path).map_err(|error| {
        let is_missing = |path: &&Path| host.stat(path, true).is_err();
        // A file in the way is named instead.
        let there = path.ancestors().find(|path| host.stat(path, true).is_ok());
        let is_file =
            |path: &&Path| host.stat(path, true).is_ok_and(|stat| stat.kind != FileKind::Dir);
        if let Some(file) = there.filter(is_file) {
            return path_error("mkdir", file, &error);
        }
        let first = path.ancestors().take_while(is_missing).last().unwrap_or(path);
        path_error("mkdir", first, &error)
    })
}

/// A failed attempt to read a whole file. A folder opens well and fails only when it is read.
pub fn read_error(path: &Path, error: &io::Error) -> String {
    let operation = if error.kind() == io::ErrorKind::IsADirectory { "read" } else { "open" };
    path_error(operation, path, error)
}
