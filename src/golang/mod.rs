//! Pieces of Go's standard library whose exact behaviour shows in output.
//!
//! Blind to `Value`.

pub mod asn1;
pub mod base64;
pub(crate) mod decimal;
pub mod filepath;
pub mod number;
mod parse;
pub mod pem;
mod printable;
pub mod quote;
pub mod regexp;
pub mod semver;
pub mod time;
pub mod unicode;
pub mod url;
