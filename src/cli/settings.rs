//! Where Helm keeps its files, and its other settings: flags, `HELM_*`, XDG folders, defaults.

use std::path::PathBuf;

use super::flags::GlobalFlags;
use super::namespace;
use crate::golang::filepath;
use crate::host::Host;

/// A kind of folder with its variables and its place below the home folder.
struct Base {
    helm: &'static str,
    xdg: &'static str,
    home: &'static str,
}

const CACHE: Base = Base {
    helm: "HELM_CACHE_HOME",
    xdg: "XDG_CACHE_HOME",
    home: if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" },
};
const CONFIG: Base = Base {
    helm: "HELM_CONFIG_HOME",
    xdg: "XDG_CONFIG_HOME",
    home: if cfg!(target_os = "macos") { "Library/Preferences" } else { ".config" },
};
const DATA: Base = Base {
    helm: "HELM_DATA_HOME",
    xdg: "XDG_DATA_HOME",
    home: if cfg!(target_os = "macos") { "Library" } else { ".local/share" },
};

impl Base {
    /// A path below the folder; the folder itself for an empty one.
    fn path(&self, host: &dyn Host, below: &str) -> String {
        let given = |name| host.env(name).filter(|text| !text.is_empty());
        if let Some(own) = given(self.helm) {
            return filepath::join(&own, below);
        }
        let base = given(self.xdg).unwrap_or_else(|| {
            let home = given("HOME").or_else(|| given("USERPROFILE")).unwrap_or_default();
            filepath::join(&home, self.home)
        });
        filepath::join(&filepath::join(&base, "helm"), below)
    }
}

/// Helm's settings for one command line.
pub(super) struct Settings<'a> {
    host: &'a dyn Host,
    global: &'a GlobalFlags,
}

impl<'a> Settings<'a> {
    /// The settings that flags and environment give.
    pub(super) fn new(host: &'a dyn Host, global: &'a GlobalFlags) -> Self {
        Settings { host, global }
    }

    fn or(&self, flag: Option<&String>, variable: &str, base: &Base, below: &str) -> String {
        flag.cloned()
            .or_else(|| self.host.env(variable))
            .unwrap_or_else(|| base.path(self.host, below))
    }

    /// File of the registries' credentials.
    pub(super) fn registry_config(&self) -> PathBuf {
        let flag = self.global.client.registry_config.as_ref();
        self.or(flag, "HELM_REGISTRY_CONFIG", &CONFIG, "registry/config.json").into()
    }

    /// File of the known repositories.
    pub(super) fn repository_config(&self) -> PathBuf {
        let flag = self.global.client.repository_config.as_ref();
        self.or(flag, "HELM_REPOSITORY_CONFIG", &CONFIG, "repositories.yaml").into()
    }

    /// Folder of the repositories' indexes.
    pub(super) fn repository_cache(&self) -> PathBuf {
        let flag = self.global.client.repository_cache.as_ref();
        self.or(flag, "HELM_REPOSITORY_CACHE", &CACHE, "repository").into()
    }

    /// Folder of downloaded charts, by their digests.
    pub(super) fn content_cache(&self) -> PathBuf {
        let flag = self.global.client.content_cache.as_ref();
        self.or(flag, "HELM_CONTENT_CACHE", &CACHE, "content").into()
    }

    /// Folder of charts that others begin with.
    pub(super) fn starters(&self) -> PathBuf {
        DATA.path(self.host, "starters").into()
    }

    /// Folders of plugins.
    pub(super) fn plugins(&self) -> PathBuf {
        self.or(None, "HELM_PLUGINS", &DATA, "plugins").into()
    }

    /// What `helm env` lists: names and values in byte order of the names.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        let (host, client) = (self.host, &self.global.client);
        let text = |flag: &Option<String>, name| {
            flag.clone().or_else(|| host.env(name)).unwrap_or_default()
        };
        let shown = |path: PathBuf| path.display().to_string();
        let whole = |name, default: i64| {
            host.env(name).and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        let env_groups = || {
            let text = host.env("HELM_KUBEASGROUPS").unwrap_or_default();
            text.trim_matches([',', ' ']).to_string()
        };
        let groups = match client.kube_as_group.as_slice() {
            [] => env_groups(),
            // The flag appends each group twice.
            given => [given, given].concat().join(","),
        };
        let env_flag = |name| {
            let text = host.env(name);
            text.is_some_and(|text| super::pflag::parse_bool(&text).unwrap_or(false))
        };
        let insecure =
            client.kube_insecure_skip_tls_verify || env_flag("HELM_KUBEINSECURE_SKIP_TLS_VERIFY");
        let queries = client.qps.or_else(|| host.env("HELM_QPS")?.parse().ok()).unwrap_or(0.0);
        let burst = client.burst_limit.unwrap_or_else(|| whole("HELM_BURST_LIMIT", 100));
        let mut variables = vec![
            ("HELM_BIN", self.global.started_as.clone()),
            ("HELM_BURST_LIMIT", burst.to_string()),
            ("HELM_CACHE_HOME", CACHE.path(host, "")),
            ("HELM_CONFIG_HOME", CONFIG.path(host, "")),
            ("HELM_CONTENT_CACHE", shown(self.content_cache())),
            ("HELM_DATA_HOME", DATA.path(host, "")),
            ("HELM_DEBUG", self.global.debug.to_string()),
            ("HELM_KUBEAPISERVER", text(&client.kube_apiserver, "HELM_KUBEAPISERVER")),
            ("HELM_KUBEASGROUPS", groups),
            ("HELM_KUBEASUSER", text(&client.kube_as_user, "HELM_KUBEASUSER")),
            ("HELM_KUBECAFILE", text(&client.kube_ca_file, "HELM_KUBECAFILE")),
            ("HELM_KUBECONTEXT", text(&self.global.kube_context, "HELM_KUBECONTEXT")),
            ("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", insecure.to_string()),
            (
                "HELM_KUBETLS_SERVER_NAME",
                text(&client.kube_tls_server_name, "HELM_KUBETLS_SERVER_NAME"),
            ),
            ("HELM_KUBETOKEN", text(&client.kube_token, "HELM_KUBETOKEN")),
            ("HELM_MAX_HISTORY", whole("HELM_MAX_HISTORY", 10).to_string()),
            ("HELM_NAMESPACE", namespace::namespace(host, self.global)),
            ("HELM_PLUGINS", shown(self.plugins())),
            ("HELM_QPS", format!("{queries:.2}")),
            ("HELM_REGISTRY_CONFIG", shown(self.registry_config())),
            ("HELM_REPOSITORY_CACHE", shown(self.repository_cache())),
            ("HELM_REPOSITORY_CONFIG", shown(self.repository_config())),
        ];
        // The variable of this name has no line: only the flag is a setting.
        if let Some(config) = self.global.kubeconfig.as_ref().filter(|path| !path.is_empty()) {
            variables.push(("KUBECONFIG", config.clone()));
        }
        variables
    }
}
