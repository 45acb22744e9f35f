//! Layouts: a text in which parts of the reference time, `Mon Jan 2 15:04:05 MST 2006`, stand
//! for parts of a time.

/// A part of a time that a layout can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// `January`
    LongMonth,
    /// `Jan`
    Month,
    /// `1`
    NumMonth,
    /// `01`
    ZeroMonth,
    /// `Monday`
    LongWeekday,
    /// `Mon`
    Weekday,
    /// `2`
    Day,
    /// `_2`
    UnderDay,
    /// `02`
    ZeroDay,
    /// `__2`
    UnderYearDay,
    /// `002`
    ZeroYearDay,
    /// `15`
    Hour,
    /// `3`
    Hour12,
    /// `03`
    ZeroHour12,
    /// `4`
    Minute,
    /// `04`
    ZeroMinute,
    /// `5`
    Second,
    /// `05`
    ZeroSecond,
    /// `2006`
    LongYear,
    /// `06`
    Year,
    /// `PM`
    UpperPm,
    /// `pm`
    LowerPm,
    /// `MST`
    Abbreviation,
    /// `-0700`, `Z07:00` and their like.
    Offset {
        /// Whether UTC is written as `Z`.
        zulu: bool,
        /// Whether colons stand between the numbers.
        colon: bool,
        /// How many numbers there are: hours, minutes, seconds.
        numbers: u8,
    },
    /// `.000`, `,999` and their like.
    Fraction {
        /// Number of digits.
        digits: usize,
        /// Whether trailing zeros are left out.
        trim: bool,
        /// The separator.
        separator: u8,
    },
}

/// Offsets by their text behind the sign or `Z`, those first that others begin with.
const OFFSETS: [(&[u8], bool, u8); 5] = [
    (b"070000", false, 3),
    (b"07:00:00", true, 3),
    (b"0700", false, 2),
    (b"07:00", true, 2),
    (b"07", false, 1),
];

/// Finds the first item of a layout: the text before it, its length, and the item.
pub(super) fn next_item(layout: &[u8]) -> Option<(usize, usize, Item)> {
    (0..layout.len()).find_map(|start| {
        let (length, item) = item_at(&layout[start..])?;
        // `_2006` is an underscore and a year.
        if item == Item::LongYear && layout[start] == b'_' {
            return Some((start + 1, length - 1, item));
        }
        Some((start, length, item))
    })
}

/// The item that a text begins with.
fn item_at(text: &[u8]) -> Option<(usize, Item)> {
    let lower_follows = |at: usize| text.get(at).is_some_and(u8::is_ascii_lowercase);
    let found = match text {
        [b'J', b'a', b'n', ..] if text.starts_with(b"January") => (7, Item::LongMonth),
        [b'J', b'a', b'n', ..] if !lower_follows(3) => (3, Item::Month),
        [b'M', b'o', b'n', ..] if text.starts_with(b"Monday") => (6, Item::LongWeekday),
        [b'M', b'o', b'n', ..] if !lower_follows(3) => (3, Item::Weekday),
        [b'M', b'S', b'T', ..] => (3, Item::Abbreviation),
        [b'0', b'1', ..] => (2, Item::ZeroMonth),
        [b'0', b'2', ..] => (2, Item::ZeroDay),
        [b'0', b'3', ..] => (2, Item::ZeroHour12),
        [b'0', b'4', ..] => (2, Item::ZeroMinute),
        [b'0', b'5', ..] => (2, Item::ZeroSecond),
        [b'0', b'6', ..] => (2, Item::Year),
        [b'0', b'0', b'2', ..] => (3, Item::ZeroYearDay),
        [b'1', b'5', ..] => (2, Item::Hour),
        [b'1', ..] => (1, Item::NumMonth),
        [b'2', b'0', b'0', b'6', ..] => (4, Item::LongYear),
        [b'2', ..] => (1, Item::Day),
        [b'_', b'2', b'0', b'0', b'6', ..] => (5, Item::LongYear),
        [b'_', b'2', ..] => (2, Item::UnderDay),
        [b'_', b'_', b'2', ..] => (3, Item::UnderYearDay),
        [b'3', ..] => (1, Item::Hour12),
        [b'4', ..] => (1, Item::Minute),
        [b'5', ..] => (1, Item::Second),
        [b'P', b'M', ..] => (2, Item::UpperPm),
        [b'p', b'm', ..] => (2, Item::LowerPm),
        [sign @ (b'-' | b'Z'), rest @ ..] => {
            let (text, colon, numbers) =
                OFFSETS.into_iter().find(|(text, ..)| rest.starts_with(text))?;
            (text.len() + 1, Item::Offset { zulu: *sign == b'Z', colon, numbers })
        }
        [separator @ (b'.' | b','), digit @ (b'0' | b'9'), ..] => {
            let digits = text[1..].iter().take_while(|&byte| byte == digit).count();
            // Other digits behind it make it a number of another kind.
            if text.get(digits + 1).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            (digits + 1, Item::Fraction { digits, trim: *digit == b'9', separator: *separator })
        }
        _ => return None,
    };
    Some(found)
}
