//! Files by pattern: Go's `filepath.Glob`, and `**` for any folders.

use std::collections::HashSet;
use std::path::Path;

use crate::golang::filepath::{clean_text, matches};
use crate::host::{FileKind, Host};

/// The paths that match a pattern, in the order of their names.
///
/// # Errors
/// A faulty pattern.
pub fn glob(host: &dyn Host, pattern: &str) -> Result<Vec<String>, String> {
    if !pattern.contains("**") {
        return simple(host, pattern);
    }
    let mut found = vec![String::new()];
    for part in pattern.split("**") {
        let mut seen = HashSet::new();
        let mut next = Vec::new();
        for start in &found {
            for path in simple(host, &format!("{start}{part}"))? {
                walk(host, path, &mut |path| {
                    if seen.insert(path.clone()) {
                        next.push(path);
                    }
                });
            }
        }
        found = next;
    }
    Ok(found)
}

/// A path and all paths below it.
fn walk(host: &dyn Host, path: String, visit: &mut impl FnMut(String)) {
    let stat = host.stat(Path::new(&path), false);
    visit(path.clone());
    if !stat.is_ok_and(|stat| stat.kind == FileKind::Dir) {
        return;
    }
    for name in host.read_dir(Path::new(&path)).unwrap_or_default() {
        let child = format!("{}/{}", path.trim_end_matches('/'), name.to_string_lossy());
        walk(host, child, visit);
    }
}

fn has_meta(text: &str) -> bool {
    text.contains(['*', '?', '[', '\\'])
}

fn simple(host: &dyn Host, pattern: &str) -> Result<Vec<String>, String> {
    if !has_meta(pattern) {
        let there = host.stat(Path::new(pattern), false).is_ok();
        return Ok(if there { vec![pattern.to_owned()] } else { Vec::new() });
    }
    let (folder, name) = match pattern.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => (".", pattern),
    };
    let folders = if has_meta(folder) { simple(host, folder)? } else { vec![folder.to_owned()] };
    let mut found = Vec::new();
    for folder in folders {
        for entry in host.read_dir(Path::new(&folder)).unwrap_or_default() {
            let entry = entry.to_string_lossy();
            let fits = matches(name.as_bytes(), entry.as_bytes())
                .map_err(|_| "syntax error in pattern".to_owned())?;
            if fits {
                found.push(clean_text(&format!("{folder}/{entry}")));
            }
        }
    }
    Ok(found)
}
