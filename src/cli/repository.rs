//! From flags and environment to the client of repositories and registries.

use super::Failure;
use super::flags::GlobalFlags;
use super::settings::Settings;
use crate::host::Host;
use crate::repo::{Access, Client, Paths};

/// Like [`client`], with the files about TLS read: Helm does so before anything else.
///
/// Errors: in Helm's words.
pub(super) fn checked_client<'a>(
    host: &'a dyn Host,
    global: &'a GlobalFlags,
    access: Access,
) -> Result<Client<'a>, Failure> {
    let client = client(host, global, access);
    client.tls(&client.access).map_err(|fault| fault.context("missing registry client"))?;
    Ok(client)
}

/// The client for one command.
pub(super) fn client<'a>(
    host: &'a dyn Host,
    global: &'a GlobalFlags,
    access: Access,
) -> Client<'a> {
    let settings = Settings::new(host, global);
    let paths = Paths {
        repository_config: settings.repository_config(),
        repository_cache: settings.repository_cache(),
        content_cache: settings.content_cache(),
        registry_config: settings.registry_config(),
    };
    Client { host, paths, access, offline: global.offline }
}
