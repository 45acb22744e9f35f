//! OpenPGP, as far as signed charts need it: keyrings, and texts with a signature below them.
//!
//! Version 4 keys and signatures (those that GnuPG makes) by RSA, DSA, ECDSA on the NIST curves
//! and Ed25519; secret keys may be locked by a passphrase. Nothing else is read. Blind to charts,
//! files and the clock.

mod armor;
mod forms;
mod hashes;
mod keyring;
mod keys;
mod packets;
mod secrets;
mod signatures;

use std::fmt;

pub use armor::SignedText;
pub use keyring::{Entity, Keyring};

/// Why something is refused. The texts are those of the library that Helm uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Not OpenPGP, or against its rules.
    Structural,
    /// OpenPGP that is not read here.
    Unsupported,
    /// Anything else.
    Other,
}

impl Error {
    fn structural(text: impl fmt::Display) -> Self {
        Error { kind: Kind::Structural, text: format!("openpgp: invalid data: {text}") }
    }

    fn unsupported(text: impl fmt::Display) -> Self {
        Error { kind: Kind::Unsupported, text: format!("openpgp: unsupported feature: {text}") }
    }

    fn signature(text: impl fmt::Display) -> Self {
        Error::other(format!("openpgp: invalid signature: {text}"))
    }

    fn argument(text: impl fmt::Display) -> Self {
        Error::other(format!("openpgp: invalid argument: {text}"))
    }

    fn other(text: impl Into<String>) -> Self {
        Error { kind: Kind::Other, text: text.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}
