//! Log records as Helm prints them: `level=WARN msg="…" key=value`.

/// A record of what is going on, which only `--debug` shows.
pub fn debug(what: &str, fields: &[(&str, &dyn std::fmt::Display)]) -> String {
    let mut record = format!("level=DEBUG msg={}", field(what));
    for (key, value) in fields {
        record.extend([" ", key, "=", &field(value)]);
    }
    record
}

/// A value of a record: bare when it is one plain word, else quoted as Go's logfmt does.
pub fn field(text: impl std::fmt::Display) -> String {
    let text = text.to_string();
    let plain = !text.is_empty()
        && text.chars().all(|c| {
            c > ' '
                && c != '"'
                && c != '='
                && c != '\\'
                && c != '\u{7f}'
                && (c.is_ascii() || c.is_alphanumeric())
        });
    if plain { text } else { crate::golang::quote::quote(text.as_bytes()) }
}
