//! Charts on disk and in archives.
