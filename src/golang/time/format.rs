//! Writing times by layout.

use super::layout::{Item, next_item};
use super::{MONTHS, Time, WEEKDAYS};

impl Time {
    /// `Format`: the time in the way a layout shows the reference time.
    pub fn format(&self, mut layout: &[u8]) -> Vec<u8> {
        let offset = self.zone.at(self.seconds);
        let civil = self.civil();
        let hour12 = if civil.hour.is_multiple_of(12) { 12 } else { civil.hour % 12 };
        let afternoon = civil.hour >= 12;
        let month = MONTHS[civil.month as usize - 1];
        let weekday = WEEKDAYS[civil.weekday as usize];
        let mut text = Vec::with_capacity(layout.len() + 10);
        while let Some((start, length, item)) = next_item(layout) {
            text.extend_from_slice(&layout[..start]);
            layout = &layout[start + length..];
            let part = match item {
                Item::LongMonth => month.to_owned(),
                Item::Month => month[..3].to_owned(),
                Item::NumMonth => civil.month.to_string(),
                Item::ZeroMonth => format!("{:02}", civil.month),
                Item::LongWeekday => weekday.to_owned(),
                Item::Weekday => weekday[..3].to_owned(),
                Item::Day => civil.day.to_string(),
                Item::UnderDay => format!("{:2}", civil.day),
                Item::ZeroDay => format!("{:02}", civil.day),
                Item::UnderYearDay => format!("{:3}", civil.year_day),
                Item::ZeroYearDay => format!("{:03}", civil.year_day),
                Item::Hour => format!("{:02}", civil.hour),
                Item::Hour12 => hour12.to_string(),
                Item::ZeroHour12 => format!("{hour12:02}"),
                Item::Minute => civil.minute.to_string(),
                Item::ZeroMinute => format!("{:02}", civil.minute),
                Item::Second => civil.second.to_string(),
                Item::ZeroSecond => format!("{:02}", civil.second),
                Item::LongYear => {
                    let sign = if civil.year < 0 { "-" } else { "" };
                    format!("{sign}{:04}", civil.year.unsigned_abs())
                }
                Item::Year => format!("{:02}", civil.year.unsigned_abs() % 100),
                Item::UpperPm => (if afternoon { "PM" } else { "AM" }).to_owned(),
                Item::LowerPm => (if afternoon { "pm" } else { "am" }).to_owned(),
                Item::Abbreviation if offset.abbreviation.is_empty() => {
                    offset_text(offset.seconds, false, 2)
                }
                Item::Abbreviation => offset.abbreviation.clone(),
                Item::Offset { zulu: true, .. } if offset.seconds == 0 => "Z".to_owned(),
                Item::Offset { colon, numbers, .. } => offset_text(offset.seconds, colon, numbers),
                Item::Fraction { digits, trim, separator } => {
                    self.fraction(digits, trim, separator)
                }
            };
            text.extend_from_slice(part.as_bytes());
        }
        text.extend_from_slice(layout);
        text
    }

    fn fraction(&self, digits: usize, trim: bool, separator: u8) -> String {
        if trim && self.nanos == 0 {
            return String::new();
        }
        let mut text = format!("{}{:09}", char::from(separator), self.nanos);
        // More than nine digits are not there to be shown.
        text.truncate(1 + digits.min(9));
        if trim {
            let kept = text.trim_end_matches('0').trim_end_matches(char::from(separator)).len();
            text.truncate(kept);
        }
        text
    }
}

/// An offset as `-0700`, with colons if asked for, in one to three numbers.
fn offset_text(seconds: i64, colon: bool, numbers: u8) -> String {
    // The sign is that of the whole minutes.
    let sign = if seconds / 60 < 0 { '-' } else { '+' };
    let (minutes, seconds) = ((seconds / 60).abs(), seconds.abs() % 60);
    let separator = if colon { ":" } else { "" };
    let mut text = format!("{sign}{:02}", minutes / 60);
    if numbers > 1 {
        text = format!("{text}{separator}{:02}", minutes % 60);
    }
    if numbers > 2 {
        text = format!("{text}{separator}{seconds:02}");
    }
    text
}
