//! Which major version of Helm is followed where they render differently.

/// A major version of Helm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compat {
    /// Helm 3.20: documents trimmed at both ends, one document in values files, nulls in chart
    /// defaults kept, webhook configurations sorted with unknown kinds, Kubernetes 1.35.
    Helm3,
    /// Helm 4.3.
    #[default]
    Helm4,
}
