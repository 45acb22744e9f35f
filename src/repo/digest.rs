//! Digests: of bytes, and of the dependencies that a lock file answers.

use sha2::{Digest as _, Sha256};

use crate::chart::Dependency;
use crate::json::write::doc_to_json;

/// SHA-256 in hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn json_list(dependencies: &[Dependency]) -> Vec<u8> {
    let items: Vec<_> = dependencies.iter().map(Dependency::to_doc).collect();
    doc_to_json(&crate::doc::Doc::list(items))
}

/// The `digest` of Chart.lock: of what Chart.yaml asks for and what was chosen.
pub fn lock_digest(wanted: &[Dependency], locked: &[Dependency]) -> String {
    let lists = [b"[".as_slice(), &json_list(wanted), b",", &json_list(locked), b"]"].concat();
    format!("sha256:{}", sha256_hex(&lists))
}

/// The digest of requirements.lock as Helm 2 wrote it.
pub(super) fn old_digest(wanted: &[Dependency]) -> String {
    let map = [b"{\"dependencies\":".as_slice(), &json_list(wanted), b"}"].concat();
    format!("sha256:{}", sha256_hex(&map))
}
