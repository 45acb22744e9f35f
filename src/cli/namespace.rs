//! The namespace of a release: flag, `HELM_NAMESPACE`, kubeconfig, `default`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::flags::GlobalFlags;
use crate::host::Host;

#[derive(Debug, Default, Deserialize)]
struct KubeConfig {
    #[serde(default, rename = "current-context")]
    current_context: Option<String>,
    #[serde(default)]
    contexts: Vec<NamedContext>,
}

#[derive(Debug, Deserialize)]
struct NamedContext {
    name: String,
    #[serde(default)]
    context: Option<Context>,
}

#[derive(Debug, Deserialize)]
struct Context {
    #[serde(default)]
    namespace: Option<String>,
}

/// The namespace; a broken or missing kubeconfig counts as none, as in Helm.
pub(super) fn namespace(host: &dyn Host, flags: &GlobalFlags) -> String {
    let given = flags.namespace.clone().or_else(|| host.env("HELM_NAMESPACE"));
    given
        .filter(|name| !name.is_empty())
        .or_else(|| from_kubeconfig(host, flags))
        .unwrap_or_else(|| "default".to_string())
}

fn from_kubeconfig(host: &dyn Host, flags: &GlobalFlags) -> Option<String> {
    let context = flags
        .kube_context
        .clone()
        .or_else(|| host.env("HELM_KUBECONTEXT"))
        .filter(|name| !name.is_empty());
    let paths: Vec<PathBuf> = match (&flags.kubeconfig, host.env("KUBECONFIG")) {
        (Some(path), _) if !path.is_empty() => vec![PathBuf::from(path)],
        (_, Some(paths)) if !paths.is_empty() => {
            paths.split(':').filter(|path| !path.is_empty()).map(PathBuf::from).collect()
        }
        _ => vec![Path::new(&host.env("HOME")?).join(".kube/config")],
    };
    let mut merged = KubeConfig::default();
    for path in paths {
        let Ok(bytes) = host.read(&path) else { continue };
        let config: KubeConfig = serde_yaml::from_slice(&bytes).ok()?;
        merged.current_context = merged.current_context.or(config.current_context);
        merged.contexts.extend(config.contexts);
    }
    let name = context.or(merged.current_context)?;
    let found = merged.contexts.into_iter().find(|context| context.name == name)?;
    found.context?.namespace.filter(|name| !name.is_empty())
}
