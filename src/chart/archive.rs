//! Chart archives: gzip over tar, read into memory with Helm's checks on paths and size.

use std::io::{self, Read};

use bytes::Bytes;

use crate::diag::io::reason;
use crate::golang::quote::quote;

/// The most that a chart may hold when unpacked, all files together.
pub const MAX_CHART_SIZE: u64 = 100 * 1024 * 1024;

/// Most bytes of a whole unzipped archive: names and headers count, too, and folders have only those.
const MAX_STREAM: u64 = 2 * MAX_CHART_SIZE;

/// Most entries of an archive.
const MAX_ENTRIES: usize = 100_000;

/// A file of an archive or folder before it has a role.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Path below the root of the chart, with slashes, cleaned.
    pub name: String,
    /// Its bytes, without a byte order mark.
    pub data: Bytes,
}

/// Reads all files of an archive. The first part of each path is dropped, whatever it is. The
/// error is Helm's sentence; for the chart named on the command line Helm hides it.
pub fn read(bytes: &[u8]) -> Result<Vec<Entry>, String> {
    if bytes.is_empty() {
        return Err("EOF".into());
    }
    if bytes.len() < 10 {
        return Err("unexpected EOF".into());
    }
    if !is_gzip(bytes) {
        return Err("gzip: invalid header".into());
    }
    let unzipped = Bounded { inner: flate2::read::MultiGzDecoder::new(bytes), left: MAX_STREAM };
    let mut archive = tar::Archive::new(unzipped);
    let mut files = Vec::new();
    let mut remaining = MAX_CHART_SIZE;
    let entries = archive.entries().map_err(|error| tar_error(&error))?;
    for (count, entry) in entries.enumerate() {
        if count == MAX_ENTRIES {
            return Err(format!("chart archive has more than {MAX_ENTRIES} entries"));
        }
        let mut entry = entry.map_err(|error| tar_error(&error))?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind.is_dir() || path.ends_with('/') || kind.is_pax_global_extensions() {
            continue;
        }
        let name = safe_name(&path)?;
        let size = entry.size();
        if size > remaining {
            return Err(too_large());
        }
        let mut data = Vec::new();
        let read = entry.by_ref().take(remaining).read_to_end(&mut data);
        let read = read.map_err(|error| tar_error(&error))? as u64;
        if read < size {
            return Err("unexpected EOF".into());
        }
        remaining -= read;
        files.push(Entry { name, data: without_bom(data) });
    }
    if files.is_empty() {
        return Err("no files in chart archive".into());
    }
    Ok(files)
}

/// Whether the bytes begin as gzip does.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b\x08")
}

/// Drops a UTF-8 byte order mark.
pub(super) fn without_bom(data: Vec<u8>) -> Bytes {
    let data = Bytes::from(data);
    if data.starts_with(b"\xEF\xBB\xBF") { data.slice(3..) } else { data }
}

fn too_large() -> String {
    format!("decompressed chart is larger than the maximum size {MAX_CHART_SIZE}")
}

/// A stream that fails when it has given too much.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        Ok(count)
    }
}

fn tar_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::FileTooLarge => too_large(),
        io::ErrorKind::UnexpectedEof => "unexpected EOF".into(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => "gzip: invalid checksum".into(),
        // The tar crate has no kind for its own complaints.
        io::ErrorKind::Other
            if ["unexpected EOF", "entire block"]
                .iter()
                .any(|it| error.to_string().contains(it)) =>
        {
            "unexpected EOF".into()
        }
        io::ErrorKind::Other => "archive/tar: invalid tar header".into(),
        _ => reason(error),
    }
}

fn safe_name(path: &str) -> Result<String, String> {
    // Archives made on Windows may hold backslashes.
    let delimiter = if path.contains('\\') { '\\' } else { '/' };
    let (first, rest) = path.split_once(delimiter).unwrap_or((path, ""));
    let rest = rest.replace(delimiter, "/");
    if rest.starts_with('/') {
        return Err("chart illegally contains absolute paths".into());
    }
    let name = clean(&rest);
    if name == "." {
        return Err(format!(
            "chart illegally contains content outside the base directory: {}",
            quote(path.as_bytes())
        ));
    }
    if name.starts_with("..") {
        return Err("chart illegally references parent directory".into());
    }
    let bytes = name.as_bytes();
    if bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && &bytes[1..3] == b":/" {
        return Err("chart contains illegally named files".into());
    }
    if first == "Chart.yaml" {
        return Err("chart yaml not in base directory".into());
    }
    Ok(name)
}

/// Go's `path.Clean` for a relative path.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".into() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_unsafe_paths_as_helm() {
        let cases = [
            ("c/Chart.yaml", Ok("Chart.yaml")),
            ("./c/Chart.yaml", Ok("c/Chart.yaml")),
            ("c\\templates\\a.yaml", Ok("templates/a.yaml")),
            ("c/templates/../b", Ok("b")),
            ("c//Chart.yaml", Err("chart illegally contains absolute paths")),
            ("c/../../x", Err("chart illegally references parent directory")),
            ("c/c:/x", Err("chart contains illegally named files")),
            (
                "Chart.yaml",
                Err("chart illegally contains content outside the base directory: \"Chart.yaml\""),
            ),
        ];
        for (path, want) in cases {
            let got = safe_name(path);
            assert_eq!(got.as_deref().map_err(|error| &**error), want, "{path}");
        }
    }
}
