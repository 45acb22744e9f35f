//! What Kubernetes makes of the rendered documents.

pub mod catalog;
pub mod cel;
pub mod cross;
pub mod cursor;
pub mod custom;
pub mod finding;
pub mod folder;
pub mod formats;
pub mod lifecycle;
pub mod report;
mod report_ci;
pub mod rules;
pub mod stream;
pub mod structure;
pub mod target;
pub mod validate;

#[cfg(test)]
mod charts_test;
