//! Chart repositories and registries: what is known of them, where charts come from, and the
//! dependencies that charts draw from there.
//!
//! This and [`crate::host`] are the only parts that lead to a network, and only to addresses
//! that a user, a chart's dependencies or a repository's index names. Blind to the command
//! line and to templates.

mod cache;
pub mod config;
pub mod credentials;
pub mod dependencies;
mod digest;
pub mod fetch;
pub mod index;
pub mod locate;
pub mod oci;
pub mod signed;
pub mod url;

use std::path::PathBuf;

use crate::diag::{Fault, FaultKind};
use crate::host::Host;

pub use digest::{lock_digest, sha256_hex};

/// Where Helm keeps what it knows of repositories.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// File of the known repositories.
    pub repository_config: PathBuf,
    /// Folder of their indexes.
    pub repository_cache: PathBuf,
    /// Folder of downloaded charts, by their digests.
    pub content_cache: PathBuf,
    /// File of the credentials for registries.
    pub registry_config: PathBuf,
}

/// How a server is reached: credentials and TLS, as flags or a repository's entry name them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// Whether other hosts get the credentials, too.
    pub pass_credentials: bool,
    /// File of the client's certificate.
    pub cert_file: String,
    /// File of the client's key.
    pub key_file: String,
    /// File of the certificates to trust.
    pub ca_file: String,
    /// Whether to trust anyone.
    pub insecure: bool,
    /// Whether registries are asked over HTTP.
    pub plain_http: bool,
}

/// One command's view of repositories and registries.
pub struct Client<'a> {
    /// Disk and network.
    pub host: &'a dyn Host,
    /// Where files are.
    pub paths: Paths,
    /// What the flags say of servers.
    pub access: Access,
    /// Whether only what is on disk may be used.
    pub offline: bool,
}

fn fault(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Io, message)
}
