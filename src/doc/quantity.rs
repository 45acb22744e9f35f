//! Kubernetes quantities: `500m`, `2`, `512Mi`, `1e3`.

/// Whether a text is a quantity: digits, a point, an exponent or a unit.
pub fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, unit) = unsigned.split_at(digits);
    let is_number = number.bytes().any(|b| b.is_ascii_digit())
        && number.bytes().filter(|&b| b == b'.').count() <= 1;
    let exponent = unit.strip_prefix(['e', 'E']).map(|rest| {
        let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    });
    let units =
        ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    is_number && (units.contains(&unit) || exponent == Some(true))
}

/// The amount of a quantity: bytes, cores; none for what is no quantity.
pub fn amount(text: &str) -> Option<f64> {
    if !is_quantity(text) {
        return None;
    }
    let digits = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '+' | '-'));
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    if unit.len() > 1 && unit.starts_with(['e', 'E']) && !unit.ends_with('i') {
        return text.parse().ok();
    }
    let (base, power) = match unit {
        "" => (1000.0_f64, 0),
        "n" => (1000.0, -3),
        "u" => (1000.0, -2),
        "m" => (1000.0, -1),
        "k" => (1000.0, 1),
        "M" => (1000.0, 2),
        "G" => (1000.0, 3),
        "T" => (1000.0, 4),
        "P" => (1000.0, 5),
        "E" => (1000.0, 6),
        _ => {
            let power = 1 + "KMGTPE".find(&unit[..1])?;
            (1024.0, i32::try_from(power).ok()?)
        }
    };
    Some(number.parse::<f64>().ok()? * base.powi(power))
}

/// Seconds of a duration such as `90s`, `5m` or `1h30m`; none for anything else.
pub fn seconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total = 0u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        for good in ["500m", "2", "1.5Gi", "1e3", "100k", ".5", "-1"] {
            assert!(is_quantity(good), "{good}");
        }
        for bad in ["", "Gi", "2GB", "1 Gi", "1..5", "2x", "1e"] {
            assert!(!is_quantity(bad), "{bad}");
        }
    }

    #[test]
    fn durations() {
        for (text, expected) in
            [("90s", Some(90)), ("1h30m", Some(5400)), ("5", None), ("", None), ("5x", None)]
        {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn amounts() {
        for (text, expected) in [
            ("512Mi", Some(536_870_912.0)),
            ("1.5G", Some(1.5e9)),
            ("500m", Some(0.5)),
            ("1e3", Some(1000.0)),
            ("2Ei", Some(2.0 * 1024_f64.powi(6))),
            ("2GB", None),
        ] {
            assert_eq!(amount(text), expected, "{text}");
        }
    }
}
