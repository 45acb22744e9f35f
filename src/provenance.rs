//! Provenance files: what a chart says of itself and the digest of its archive, signed.
//!
//! `web-1.2.3.tgz.prov` stands beside `web-1.2.3.tgz`. Blind to disk and clock.

use sha2::{Digest as _, Sha256};

use crate::doc::Doc;
use crate::golang::quote::quote;
use crate::openpgp::{Entity, Keyring, SignedText};
use crate::source::SourceId;

/// What stands between the chart's words and the digests. `---` would be taken for a signature's
/// mark.
const SEPARATOR: &str = "\n...\n";

/// Who signed an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The names that the key goes by.
    pub names: Vec<String>,
    /// The key's fingerprint in capital hexadecimal digits.
    pub fingerprint: String,
    /// The archive's digest, with `sha256:` before it.
    pub digest: String,
}

impl std::fmt::Display for Verification {
    /// As Helm tells it, a line each.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for name in &self.names {
            writeln!(f, "Signed by: {name}")?;
        }
        writeln!(f, "Using Key With Fingerprint: {}", self.fingerprint)?;
        writeln!(f, "Chart Hash Verified: {}", self.digest)
    }
}

fn digest(archive: &[u8]) -> String {
    let digits: String = Sha256::digest(archive).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// Checks that a provenance file is signed by a key of the keyring and answers an archive.
///
/// Takes: the archive and the name of its file, the provenance file, the keyring, the time in
/// seconds since 1970.
/// Errors: in Helm's words: no signature, one by an unknown key, another digest.
pub fn verify(
    archive: &[u8],
    name: &str,
    provenance: &[u8],
    keyring: &Keyring,
    now: i64,
) -> Result<Verification, String> {
    let signed = SignedText::find(provenance).ok_or("signature block not found")?;
    let signer = keyring.signer(&signed, now).map_err(|error| error.to_string())?;
    let found = digest(archive);
    let text = String::from_utf8_lossy(&signed.text);
    let sums = text.split(SEPARATOR).nth(1).ok_or("message block must have at least two parts")?;
    let sums = crate::yaml::read::parse(sums.as_bytes(), SourceId::NONE)
        .map_err(|fault| fault.message().to_string())?;
    let wanted = sums.get("files").and_then(|files| files.get(name)).and_then(Doc::as_str);
    match wanted {
        None => Err(format!(
            "provenance does not contain a SHA for a file named {}",
            quote(name.as_bytes())
        )),
        Some(wanted) if wanted != found => Err(format!(
            "sha256 sum does not match for {name}: {} != {}",
            quote(wanted.as_bytes()),
            quote(found.as_bytes())
        )),
        Some(_) => Ok(Verification {
            names: signer.names().map(str::to_string).collect(),
            fingerprint: signer.fingerprint(),
            digest: found,
        }),
    }
}

/// Writes the provenance file of an archive.
///
/// Takes: the archive and the name of its file, the chart's definition as YAML, an unlocked key,
/// the time in seconds since 1970.
/// Errors: a key that cannot sign.
pub fn sign(
    archive: &[u8],
    name: &str,
    definition: &str,
    signer: &Entity,
    now: i64,
) -> Result<String, String> {
    let text = format!("{definition}{SEPARATOR}files:\n  {name}: {}\n", digest(archive));
    signer.sign(&text, now).map_err(|error| error.to_string())
}
