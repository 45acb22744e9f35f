//! Kubernetes: what the objects of a version look like.
