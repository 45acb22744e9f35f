//! rhumb renders Helm charts without Helm.
//!
//! Text becomes a tree, a tree becomes a value, a value becomes output. The modules stand in
//! layer order; each imports only from those above it:
//!
//! ```text
//! argv ─> cli ─> Job          disk ─> host ─> chart ─> values ─┐
//!                                                              ├─> render (gotpl | jinja)
//!                         -f, --set ─> values::layers ─────────┘        │
//!                          output <─ cli <─ kube <─ manifest <──────────┘
//! ```
//!
//! Two traits lead upwards: [`host::Host`] (bytes, clock, randomness) and
//! [`funcs::Runtime`] (`include` and `tpl` called from a template function).

// Test tables compare floats exactly, because bytes are compared exactly, and hold literals as
// the reference prints them.
#![cfg_attr(
    test,
    allow(
        clippy::float_cmp,
        clippy::unreadable_literal,
        clippy::excessive_precision,
        clippy::approx_constant
    )
)]

pub mod compat;
pub mod host;
pub mod limited;
pub mod net;
pub mod source;

pub mod mapping;
mod parallel;
pub mod stack;

pub mod diag;
pub mod doc;

pub mod coverage;

pub mod golang;

pub mod json;
pub mod toml;
pub mod yaml;

pub mod value;

pub mod funcs;

pub mod gotpl;
pub mod jinja;

pub mod chart;
pub mod models;
pub mod values;

pub mod drafting;
pub mod render;
pub mod strict;

pub mod manifest;

pub mod plugin;

pub mod kube;
pub mod typed;

pub mod diff;

pub mod openpgp;
pub mod package;
pub mod provenance;

pub mod lint;

pub mod repo;

pub mod unittest;

pub mod testing;

pub mod cli;
