//! Rendered files to manifests in install order.
