//! The order in which go-yaml writes the keys of a map: numbers inside keys count as numbers.

use crate::golang::unicode::{is_digit, is_letter};

/// Whether key `a` is written before key `b`. `digits_first` is the later version of the rule
/// (yaml v3), in which a letter that follows a digit sorts before other characters.
fn precedes(a: &str, b: &str, digits_first: bool) -> bool {
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    // Characters that differ may share their first bytes.
    let common = (0..=common).rev().find(|&at| a.is_char_boundary(at)).unwrap_or(0);
    let (Some(ca), Some(cb)) = (a[common..].chars().next(), b[common..].chars().next()) else {
        return a.len() < b.len();
    };
    let (letter_a, letter_b) = (is_letter(ca), is_letter(cb));
    if letter_a && letter_b {
        return ca < cb;
    }
    if letter_a || letter_b {
        let after_digit = a[..common].chars().next_back().is_some_and(is_digit);
        return if digits_first && after_digit { letter_a } else { letter_b };
    }
    // Zeros inside a number that began before them have weight.
    let inside_number = (ca == '0' || cb == '0')
        && a[..common].chars().rev().take_while(|c| is_digit(*c)).any(|c| c != '0');
    let (number_a, length_a) = leading_number(&a[common..], inside_number);
    let (number_b, length_b) = leading_number(&b[common..], inside_number);
    if number_a != number_b {
        return number_a < number_b;
    }
    if length_a != length_b {
        return length_a < length_b;
    }
    ca < cb
}

fn leading_number(text: &str, inside_number: bool) -> (i64, usize) {
    let start = (i64::from(inside_number), 0);
    text.chars().take_while(|c| is_digit(*c)).fold(start, |(number, length), digit| {
        let digit = i64::from(digit as u32) - i64::from(u32::from('0'));
        (number.wrapping_mul(10).wrapping_add(digit), length + 1)
    })
}

/// Sorts entries by their keys.
///
/// A merge sort of our own: the rule is not a total order (`a1b` < `a2` < `a12` < `a1b`), and
/// the standard library's sorts may refuse such a rule.
pub(super) fn sort_entries<T>(mut entries: Vec<(&str, T)>, digits_first: bool) -> Vec<(&str, T)> {
    let in_order = |a: &(&str, T), b: &(&str, T)| !precedes(b.0, a.0, digits_first);
    if entries.windows(2).all(|pair| in_order(&pair[0], &pair[1])) {
        return entries;
    }
    let right = entries.split_off(entries.len() / 2);
    let mut left = sort_entries(entries, digits_first).into_iter().peekable();
    let mut right = sort_entries(right, digits_first).into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if in_order(a, b) => left.next(),
            (_, Some(_)) => right.next(),
            (Some(_), None) => left.next(),
            (None, None) => return merged,
        };
        merged.extend(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(keys: &str, digits_first: bool) -> String {
        let entries = keys.split(',').map(|key| (key, ())).collect();
        let sorted = sort_entries(entries, digits_first);
        sorted.iter().map(|(key, ())| *key).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn natural_order() {
        let keys = "ab,aB,a10,a2,a01,a1,a_b,a/b,a.b,a-b,a b,a";
        assert_eq!(sorted(keys, false), "a,a b,a-b,a.b,a/b,a_b,a1,a01,a2,a10,aB,ab");
        assert_eq!(sorted("a10,a2,a01,a1b,a1a,a1", true), "a1,a1a,a1b,a01,a2,a10");
        assert_eq!(sorted("v100,v10,v1000,v1", false), "v1,v10,v100,v1000");
        // Not a total order: any answer will do, a panic will not.
        sorted("a1b,a2,a12", false);
    }
}
