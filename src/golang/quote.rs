//! `strconv.Quote`: Go's double-quoted strings.

/// A string as `%q` prints it.
pub fn quote(text: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(text))
}
