//! Go's `text/template` as Helm's engine embeds it.
//!
//! Text becomes tokens ([`lex`]), tokens a tree ([`parse`]), and the tree is walked ([`eval`])
//! with values of [`crate::value`] and functions of [`crate::funcs`]. Errors carry Go's
//! sentences; [`crate::diag::helm`] lays them out. Blind to charts and values files.

mod ast;
mod call;
mod coverage;
mod eval;
mod field;
mod lex;
mod literal;
mod output;
mod parse;
mod print;
mod render;
mod set;
#[cfg(test)]
mod tests;
mod trace;
pub mod uses;
pub mod watch;

pub use crate::stack;
pub use coverage::outline;
pub use lex::token_count;
pub use render::{RenderOptions, Renderer};
pub use set::{Parsed, TemplateSet};
