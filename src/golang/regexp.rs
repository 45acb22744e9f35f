//! Go's `regexp` (RE2 syntax, replacement templates) over the `regex` crate.
