//! What Kubernetes makes of the rendered documents.

pub mod catalog;
pub mod decode;

#[cfg(test)]
mod charts_test;
