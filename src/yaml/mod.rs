//! YAML as Go reads and writes it.
//!
//! Reading goes text, tokens ([`scan`]), events ([`events`]), tree ([`read`]); the rules of
//! YAML 1.1 for plain scalars are in [`scalar`]. Everything follows go-yaml v2, down to its
//! line numbers, because its sentences are what Helm prints. Blind to templates and charts.

pub mod any;
pub mod any_read;
pub(crate) mod documents;
pub mod emit;
pub mod emit_pretty;
mod emit_scalar;
pub(crate) mod events;
mod from_lines;
pub mod head;
mod lines;
mod order;
pub mod read;
pub(crate) mod scalar;
mod scan;
mod scan_scalar;
mod scan_tag;
mod text;
