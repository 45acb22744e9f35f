//! A job to rendered files.
