//! The one integration binary: a module per subject, each a loop over files below `cases/`.

mod command_line;
mod functions;
mod kube;
mod recorded;
mod renders;
mod support;
