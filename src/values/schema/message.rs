//! What a failed check says, in the words of Helm's validator.
//!
//! Numbers appear as its English printer formats them: thousands apart, large ones as `1×10²¹`.

use crate::golang::quote::quote as go_quote;

use super::json::{Decimal, Json};

/// A text in single quotes.
pub(super) fn quote(text: &str) -> String {
    let quoted = go_quote(text.as_bytes());
    let inner = quoted[1..quoted.len() - 1].replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{inner}'")
}

/// Several texts in single quotes.
pub(super) fn quote_all<T: AsRef<str>>(texts: &[T]) -> String {
    texts.iter().map(|text| quote(text.as_ref())).collect::<Vec<_>>().join(", ")
}

/// A count.
pub(super) fn count(value: usize) -> String {
    group(&value.to_string())
}

/// A bound or the number that broke it.
pub(super) fn number(value: &Decimal) -> String {
    let science = format!("{:e}", value.to_f64());
    let (mantissa, exponent) = science.split_once('e').unwrap_or((&science, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&power) {
        let sign = if power < 0 { "⁻" } else { "" };
        let digits: String = format!("{:02}", power.abs())
            .bytes()
            .map(|b| ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][usize::from(b - b'0')])
            .collect();
        return format!("{mantissa}×10{sign}{digits}");
    }
    let plain = format!("{}", value.to_f64());
    match plain.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", group(whole)),
        None => group(&plain),
    }
}

fn group(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What `const` and `enum` want.
pub(super) fn wanted(keyword: &str, values: &[Json]) -> String {
    let is_nested = |value: &Json| matches!(value, Json::Array(_) | Json::Object(_));
    if values.iter().any(is_nested) {
        return format!("'{keyword}' failed");
    }
    let shown: Vec<String> = values
        .iter()
        .map(|value| match value {
            Json::Null => "<nil>".to_owned(),
            Json::Bool(value) => value.to_string(),
            Json::Number(number) => number.text.clone(),
            Json::String(text) => quote(text),
            Json::Array(_) | Json::Object(_) => unreachable!("checked above"),
        })
        .collect();
    match &*shown {
        [one] => format!("value must be {one}"),
        many => format!("value must be one of {}", many.join(", ")),
    }
}

/// Indexes as Go prints a list of numbers, without its brackets.
pub(super) fn indexes(items: &[usize]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
