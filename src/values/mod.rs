//! Values: layers, `--set`, coalescing, schemas.
//!
//! [`layers::merge`] makes one document of what the user gave, [`compose`] lays it over the
//! values of a tree of charts, [`schema::validate`] checks the result.

pub mod coalesce;
pub mod describe;
pub mod explain;
pub mod layers;
pub mod read;
pub mod schema;
pub mod set_flag;
mod tree;

pub use coalesce::{Final, compose, compose_keeping_nulls};
pub(crate) use coalesce::{coalesce_tables, compose_again};
pub use layers::ValueOptions;
