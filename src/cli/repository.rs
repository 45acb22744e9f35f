//! From flags and environment to the client of repositories and registries.

use super::flags::GlobalFlags;
use super::settings::Settings;
use crate::host::Host;
use crate::repo::{Access, Client, Paths};

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
