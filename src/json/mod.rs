//! JSON as Go's `encoding/json` reads and writes it.

pub mod read;
pub mod write;
