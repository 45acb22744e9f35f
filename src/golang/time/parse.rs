//! Reading times by layout.

use super::layout::{Item, next_item};
use super::{MONTHS, Time, WEEKDAYS, Zone, days_in, is_leap, quote};

/// A field that does not read.
struct Bad;

/// What went wrong with an item.
enum Problem {
    /// The text is not of the item's form.
    Form,
    /// A number is out of range; the range's name.
    Range(&'static str),
}

impl From<Bad> for Problem {
    fn from(_: Bad) -> Self {
        Problem::Form
    }
}

/// What has been read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: u32,
    am: bool,
    pm: bool,
    utc: bool,
    offset: Option<i64>,
    abbreviation: Vec<u8>,
}

/// `time.ParseInLocation`; the error is its sentence.
pub fn parse_in(layout: &[u8], value: &[u8], zone: &Zone) -> Result<Time, String> {
    let failed = |message: &str| format!("parsing time {}{message}", quote(value));
    let cannot = |part: &[u8], item: &[u8]| {
        let (layout, part, item) = (quote(layout), quote(part), quote(item));
        failed(&format!(" as {layout}: cannot parse {part} as {item}"))
    };
    let mut fields = Fields::default();
    let mut format = layout;
    let mut rest = value;
    while let Some((start, length, item)) = next_item(format) {
        let (prefix, after) = format.split_at(start);
        let (name, after) = after.split_at(length);
        rest = skip(rest, prefix).map_err(|rest| cannot(rest, prefix))?;
        format = after;
        let before = rest;
        match fields.read(item, &mut rest, format) {
            Ok(()) => {}
            Err(Problem::Form) => return Err(cannot(before, name)),
            Err(Problem::Range(range)) => return Err(failed(&format!(": {range} out of range"))),
        }
    }
    rest = skip(rest, format).map_err(|rest| cannot(rest, format))?;
    if !rest.is_empty() {
        return Err(failed(&format!(": extra text: {}", quote(rest))));
    }
    fields.finish(zone).map_err(|message| failed(&format!(": {message}")))
}

impl Fields {
    /// Reads one item; `format` is what follows it in the layout.
    fn read(&mut self, item: Item, rest: &mut &[u8], format: &[u8]) -> Result<(), Problem> {
        match item {
            Item::Year => {
                let year = atoi(take(rest, 2)?).ok_or(Bad)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Item::LongYear => {
                if !is_digit(rest, 0) {
                    return Err(Problem::Form);
                }
                self.year = atoi(take(rest, 4)?).ok_or(Bad)?;
            }
            Item::Month => self.month = Some(name(rest, MONTHS.iter().map(|name| &name[..3]))?),
            Item::LongMonth => self.month = Some(name(rest, MONTHS)?),
            Item::NumMonth | Item::ZeroMonth => {
                let month = two_digits(rest, item == Item::ZeroMonth)?;
                self.month = Some(in_range(month, 1, 12, "month")?);
            }
            Item::Weekday => {
                name(rest, WEEKDAYS.iter().map(|name| &name[..3]))?;
            }
            Item::LongWeekday => {
                name(rest, WEEKDAYS)?;
            }
            Item::Day | Item::UnderDay | Item::ZeroDay => {
                if item == Item::UnderDay {
                    *rest = rest.strip_prefix(b" ").unwrap_or(rest);
                }
                self.day = Some(two_digits(rest, item == Item::ZeroDay)?);
            }
            Item::UnderYearDay | Item::ZeroYearDay => {
                if item == Item::UnderYearDay {
                    *rest = rest.strip_prefix(b" ").unwrap_or(rest);
                    *rest = rest.strip_prefix(b" ").unwrap_or(rest);
                }
                let digits = rest.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
                if digits == 0 || (item == Item::ZeroYearDay && digits != 3) {
                    return Err(Problem::Form);
                }
                self.year_day = atoi(take(rest, digits)?);
            }
            Item::Hour => self.hour = in_range(two_digits(rest, false)?, 0, 23, "hour")?,
            Item::Hour12 | Item::ZeroHour12 => {
                let hour = two_digits(rest, item == Item::ZeroHour12)?;
                self.hour = in_range(hour, 0, 12, "hour")?;
            }
            Item::Minute | Item::ZeroMinute => {
                let minute = two_digits(rest, item == Item::ZeroMinute)?;
                self.minute = in_range(minute, 0, 59, "minute")?;
            }
            Item::Second | Item::ZeroSecond => {
                let second = two_digits(rest, item == Item::ZeroSecond)?;
                self.second = in_range(second, 0, 59, "second")?;
                // A fraction may follow even where the layout has none.
                let expected = matches!(next_item(format), Some((_, _, Item::Fraction { .. })));
                if has_fraction(rest) && !expected {
                    self.read_fraction(rest, 1 + count_digits(&rest[1..]))?;
                }
            }
            Item::UpperPm | Item::LowerPm => {
                let (am, pm): (&[u8], &[u8]) =
                    if item == Item::UpperPm { (b"AM", b"PM") } else { (b"am", b"pm") };
                let text = take(rest, 2)?;
                if text == pm {
                    self.pm = true;
                } else if text == am {
                    self.am = true;
                } else {
                    return Err(Problem::Form);
                }
            }
            Item::Offset { zulu: true, .. } if rest.first() == Some(&b'Z') => {
                *rest = &rest[1..];
                self.utc = true;
            }
            Item::Offset { colon, numbers, .. } => {
                self.offset = Some(read_offset(rest, colon, numbers)?);
            }
            Item::Abbreviation => {
                if let Some(after) = rest.strip_prefix(b"UTC") {
                    *rest = after;
                    self.utc = true;
                } else {
                    let length = abbreviation_length(rest).ok_or(Bad)?;
                    self.abbreviation = take(rest, length)?.to_vec();
                }
            }
            Item::Fraction { digits, trim: false, .. } => {
                if rest.len() < digits + 1 {
                    return Err(Problem::Form);
                }
                self.read_fraction(rest, digits + 1)?;
            }
            Item::Fraction { .. } => {
                if has_fraction(rest) {
                    self.read_fraction(rest, 1 + count_digits(&rest[1..]))?;
                }
            }
        }
        Ok(())
    }

    /// Reads a separator and digits, in all of a given length; those past nanoseconds are cut.
    fn read_fraction(&mut self, rest: &mut &[u8], length: usize) -> Result<(), Problem> {
        let text = take(rest, length)?;
        if !matches!(text[0], b'.' | b',') {
            return Err(Problem::Form);
        }
        let digits = &text[1..length.min(10)];
        let nanos = atoi(digits).ok_or(Bad)?;
        if nanos < 0 {
            return Err(Problem::Range("fractional second"));
        }
        self.nanos = nanos as u32 * 10u32.pow(9 - digits.len() as u32);
        Ok(())
    }

    /// Puts the time together.
    fn finish(mut self, zone: &Zone) -> Result<Time, &'static str> {
        if self.pm && self.hour < 12 {
            self.hour += 12;
        } else if self.am && self.hour == 12 {
            self.hour = 0;
        }
        let (month, day) = match self.year_day {
            Some(year_day) => self.month_and_day(year_day)?,
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        if day < 1 || day > days_in(month, self.year) {
            return Err("day out of range");
        }
        let date = (self.year, month, day);
        let seconds = self.hour * 3600 + self.minute * 60 + self.second;
        let make = |zone: &Zone| Time::from_civil(date, seconds, self.nanos, zone);
        if self.utc {
            return Ok(make(&Zone::utc()));
        }
        let as_utc = make(&Zone::utc());
        let abbreviation = String::from_utf8_lossy(&self.abbreviation);
        // An offset of one second behind UTC counts as none, in Go too.
        if let Some(offset) = self.offset.filter(|&offset| offset != -1) {
            let seconds = as_utc.seconds - offset;
            let local = zone.at(seconds);
            let fits = local.seconds == offset
                && (abbreviation.is_empty() || local.abbreviation == abbreviation);
            let zone = if fits { zone.clone() } else { Zone::fixed(&abbreviation, offset) };
            return Ok(Time::unix(seconds, self.nanos, zone));
        }
        if !abbreviation.is_empty() {
            if let Some(offset) = zone.offset_of(&abbreviation, as_utc.seconds) {
                return Ok(Time::unix(as_utc.seconds - offset, self.nanos, zone.clone()));
            }
            let hours = abbreviation.strip_prefix("GMT").filter(|hours| !hours.is_empty());
            let offset = hours.and_then(|hours| atoi(hours.as_bytes())).unwrap_or(0) * 3600;
            // The offset is noted, yet the time is taken to be UTC.
            return Ok(as_utc.in_zone(Zone::fixed(&abbreviation, offset)));
        }
        Ok(make(zone))
    }

    fn month_and_day(&self, year_day: i64) -> Result<(i64, i64), &'static str> {
        if year_day < 1 || year_day > 365 + i64::from(is_leap(self.year)) {
            return Err("day-of-year out of range");
        }
        let (mut month, mut day) = (1, year_day);
        while day > days_in(month, self.year) {
            day -= days_in(month, self.year);
            month += 1;
        }
        if self.month.is_some_and(|seen| seen != month) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|seen| seen != day) {
            return Err("day-of-year does not match day");
        }
        Ok((month, day))
    }
}

/// Skips a layout's literal text; runs of blanks match runs of blanks. The error is the rest
/// where they differ.
fn skip<'a>(mut value: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    let trim = |text: &mut &[u8]| {
        while let [b' ', rest @ ..] = *text {
            *text = rest;
        }
    };
    while let Some(&expected) = prefix.first() {
        if expected == b' ' {
            if value.first().is_some_and(|&byte| byte != b' ') {
                return Err(value);
            }
            trim(&mut prefix);
            while let [b' ', rest @ ..] = value {
                value = rest;
            }
            continue;
        }
        if value.first() != Some(&expected) {
            return Err(value);
        }
        prefix = &prefix[1..];
        value = &value[1..];
    }
    Ok(value)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Bad> {
    let (taken, after) = rest.split_at_checked(length).ok_or(Bad)?;
    *rest = after;
    Ok(taken)
}

fn is_digit(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_digit)
}

fn count_digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn has_fraction(text: &[u8]) -> bool {
    matches!(text, [b'.' | b',', digit, ..] if digit.is_ascii_digit())
}

/// An integer with an optional sign; the texts here are short.
fn atoi(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        _ => (false, text),
    };
    if digits.len() > 18 || count_digits(digits) != digits.len() {
        return None;
    }
    let value = digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some(if negative { -value } else { value })
}

/// One or two digits, or exactly two.
fn two_digits(rest: &mut &[u8], fixed: bool) -> Result<i64, Bad> {
    let length = match (is_digit(rest, 0), is_digit(rest, 1)) {
        (true, true) => 2,
        (true, false) if !fixed => 1,
        _ => return Err(Bad),
    };
    atoi(take(rest, length)?).ok_or(Bad)
}

fn in_range(value: i64, low: i64, high: i64, name: &'static str) -> Result<i64, Problem> {
    if (low..=high).contains(&value) { Ok(value) } else { Err(Problem::Range(name)) }
}

/// One of some names, in any case; its number from 1.
fn name<'n>(rest: &mut &[u8], names: impl IntoIterator<Item = &'n str>) -> Result<i64, Bad> {
    for (number, name) in (1..).zip(names) {
        let start = rest.get(..name.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes())) {
            *rest = &rest[name.len()..];
            return Ok(number);
        }
    }
    Err(Bad)
}

fn read_offset(rest: &mut &[u8], colon: bool, numbers: u8) -> Result<i64, Problem> {
    let gap = usize::from(colon);
    let length = 1 + 2 * usize::from(numbers) + gap * (usize::from(numbers) - 1);
    let text = rest.get(..length).ok_or(Bad)?;
    let mut parts = [0; 3];
    let mut bad = false;
    for (index, part) in parts.iter_mut().take(usize::from(numbers)).enumerate() {
        let at = 1 + index * (2 + gap);
        if colon && index > 0 && text[at - 1] != b':' {
            return Err(Problem::Form);
        }
        // After a number that does not read, Go leaves the others at zero.
        if !bad {
            match two_digits(&mut &text[at..at + 2], true) {
                Ok(number) => *part = number,
                Err(Bad) => bad = true,
            }
        }
    }
    let [hours, minutes, seconds] = parts;
    // Some people write 24 hours, 60 minutes or 60 seconds. Go names the last that is wrong.
    in_range(seconds, 0, 60, "time zone offset second")?;
    in_range(minutes, 0, 60, "time zone offset minute")?;
    in_range(hours, 0, 24, "time zone offset hour")?;
    let offset = (hours * 60 + minutes) * 60 + seconds;
    if bad {
        return Err(Problem::Form);
    }
    *rest = &rest[length..];
    match text[0] {
        b'+' => Ok(offset),
        b'-' => Ok(-offset),
        _ => Err(Problem::Form),
    }
}

/// Length of the zone abbreviation that a text begins with.
fn abbreviation_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(hours) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_hours_length(hours));
    }
    if matches!(text[0], b'+' | b'-') {
        return Some(signed_hours_length(text)).filter(|&length| length > 0);
    }
    match text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count() {
        5 if text[4] == b'T' => Some(5),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// Length of `+3` or `-11` at the start; 0 if there is none.
fn signed_hours_length(text: &[u8]) -> usize {
    let [b'+' | b'-', digits @ ..] = text else { return 0 };
    let count = count_digits(digits);
    let small = atoi(&digits[..count]).is_some_and(|hours| hours <= 23);
    if count > 0 && small { 1 + count } else { 0 }
}
