//! Go's `time`: instants with zones, layouts, durations.

pub mod duration;
mod format;
mod layout;
mod parse;
pub mod zone;

pub use duration::Duration;
pub use parse::parse_in;
pub use zone::Zone;

use duration::SECOND;

/// A `time.Time`: an instant and the zone that shows it.
#[derive(Clone, Debug)]
pub struct Time {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds of the second.
    pub nanos: u32,
    /// The zone.
    pub zone: Zone,
    /// Nanoseconds on the monotonic clock, which only `time.Now` reads.
    pub monotonic: Option<i64>,
}

/// A date and time of day in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year; 0 is 1 BC.
    pub year: i64,
    /// The month, 1 to 12.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
    /// The day of the year, from 1.
    pub year_day: u32,
    /// The day of the week; 0 is Sunday.
    pub weekday: u32,
    /// The hour, 0 to 23.
    pub hour: u32,
    /// The minute.
    pub minute: u32,
    /// The second.
    pub second: u32,
}

/// Names of the months.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Names of the days, from Sunday.
pub const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Seconds since 1970 of Go's zero time, 1 January of year 1.
const ZERO: i64 = -62_135_596_800;

impl Time {
    /// Go's zero time.
    pub fn zero() -> Self {
        Self::unix(ZERO, 0, Zone::utc())
    }

    /// An instant.
    pub fn unix(seconds: i64, nanos: u32, zone: Zone) -> Self {
        Time { seconds, nanos, zone, monotonic: None }
    }

    /// `time.Date` for a date and time of day that exist; the offset is the one that applies
    /// around that time in the zone.
    pub fn from_civil(
        (year, month, day): (i64, i64, i64),
        seconds_of_day: i64,
        nanos: u32,
        zone: &Zone,
    ) -> Self {
        let local =
            days_from_civil(year, month, day).saturating_mul(86_400).saturating_add(seconds_of_day);
        // Looked up for the local time as if it were UTC first, then corrected, as Go does.
        let guess = zone.at(local).seconds;
        let offset = if guess == 0 { 0 } else { zone.at(local - guess).seconds };
        Self::unix(local - offset, nanos, zone.clone())
    }

    /// Whether it is the zero time.
    pub fn is_zero(&self) -> bool {
        self.seconds == ZERO && self.nanos == 0
    }

    /// The same instant in another zone.
    #[must_use]
    pub fn in_zone(&self, zone: Zone) -> Self {
        Self::unix(self.seconds, self.nanos, zone)
    }

    /// Date and time of day in its zone.
    pub fn civil(&self) -> Civil {
        let local = i128::from(self.seconds) + i128::from(self.zone.at(self.seconds).seconds);
        let days = local.div_euclid(86_400) as i64;
        let rest = local.rem_euclid(86_400) as u32;
        let (year, month, day) = civil_from_days(days);
        Civil {
            year,
            month,
            day,
            year_day: (days - days_from_civil(year, 1, 1)) as u32 + 1,
            weekday: (days + 4).rem_euclid(7) as u32,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// `Add`.
    #[must_use]
    pub fn add(&self, duration: Duration) -> Self {
        let nanos = i64::from(self.nanos) + duration.0 % SECOND;
        Time {
            seconds: self
                .seconds
                .saturating_add(duration.0 / SECOND)
                .saturating_add(nanos.div_euclid(SECOND)),
            nanos: nanos.rem_euclid(SECOND) as u32,
            zone: self.zone.clone(),
            monotonic: self.monotonic.and_then(|clock| clock.checked_add(duration.0)),
        }
    }

    /// `AddDate`: in calendar units, overflowing days into the next month.
    #[must_use]
    pub fn add_date(&self, years: i64, months: i64, days: i64) -> Self {
        let civil = self.civil();
        let months = i64::from(civil.month) - 1 + months;
        let year = civil.year.saturating_add(years).saturating_add(months.div_euclid(12));
        let month = months.rem_euclid(12) + 1;
        let seconds =
            i64::from(civil.hour) * 3600 + i64::from(civil.minute * 60) + i64::from(civil.second);
        let day = i64::from(civil.day).saturating_add(days);
        Self::from_civil((year, month, day), seconds, self.nanos, &self.zone)
    }

    /// Nanoseconds since 1970, exactly.
    fn total_nanos(&self) -> i128 {
        i128::from(self.seconds) * i128::from(SECOND) + i128::from(self.nanos)
    }

    /// `Sub`; saturates.
    pub fn since(&self, earlier: &Self) -> Duration {
        if let (Some(now), Some(then)) = (self.monotonic, earlier.monotonic) {
            return Duration(now.saturating_sub(then));
        }
        let span = self.total_nanos() - earlier.total_nanos();
        Duration(span.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }

    /// `Compare`.
    pub fn compare(&self, other: &Self) -> std::cmp::Ordering {
        match (self.monotonic, other.monotonic) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => self.total_nanos().cmp(&other.total_nanos()),
        }
    }

    /// Nanoseconds since the last multiple of a duration since the zero time.
    fn past_multiple(&self, duration: Duration) -> i64 {
        let since_zero = self.total_nanos() - i128::from(ZERO) * i128::from(SECOND);
        since_zero.rem_euclid(i128::from(duration.0)) as i64
    }

    /// `Truncate`: down to a multiple of a duration since the zero time.
    #[must_use]
    pub fn truncate(&self, duration: Duration) -> Self {
        let mut truncated = Time { monotonic: None, ..self.clone() };
        if duration.0 > 0 {
            truncated = truncated.add(Duration(-self.past_multiple(duration)));
        }
        truncated
    }

    /// `Round`: to the nearest multiple of a duration since the zero time, halves up.
    #[must_use]
    pub fn round(&self, duration: Duration) -> Self {
        let rounded = Time { monotonic: None, ..self.clone() };
        if duration.0 <= 0 {
            return rounded;
        }
        let past = self.past_multiple(duration);
        let up = past.unsigned_abs() * 2 >= duration.0.unsigned_abs();
        rounded.add(Duration(if up { duration.0 - past } else { -past }))
    }

    /// `UnixNano`, wrapping where Go does.
    pub fn unix_nanos(&self) -> i64 {
        self.total_nanos() as i64
    }

    /// `MarshalText`: RFC 3339 with fractions; the error is Go's, without its prefix.
    pub fn to_rfc3339(&self) -> Result<String, String> {
        let civil = self.civil();
        if !(0..=9999).contains(&civil.year) {
            return Err("year outside of range [0,9999]".to_owned());
        }
        if self.zone.at(self.seconds).seconds.abs() >= 24 * 3600 {
            return Err("timezone hour outside of range [0,23]".to_owned());
        }
        let text = self.format(b"2006-01-02T15:04:05.999999999Z07:00");
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

impl std::fmt::Display for Time {
    /// `String()`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.format(b"2006-01-02 15:04:05.999999999 -0700 MST");
        f.write_str(&String::from_utf8_lossy(&text))?;
        if let Some(clock) = self.monotonic {
            let sign = if clock < 0 { '-' } else { '+' };
            let (seconds, nanos) =
                (clock.unsigned_abs() / SECOND as u64, clock.unsigned_abs() % SECOND as u64);
            write!(f, " m={sign}{seconds}.{nanos:09}")?;
        }
        Ok(())
    }
}

/// Days since 1970 of a date; the month is 1 to 12, the day may be any.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era.saturating_mul(146_097).saturating_add(day_of_era - 719_468).saturating_add(day - 1)
}

/// The date of a number of days since 1970.
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Quotes a text as the time package does, which escapes all bytes beyond ASCII.
fn quote(text: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut quoted = String::from("\"");
    for &byte in text {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(byte));
            }
            b' '..=0x7F => quoted.push(char::from(byte)),
            _ => write!(quoted, "\\x{byte:02x}").expect("writing to a String"),
        }
    }
    quoted.push('"');
    quoted
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::FixedHost;

    fn zone(name: &str) -> Zone {
        Zone::load(&FixedHost::new(0, 0), name).expect("a known zone")
    }

    fn lossy(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn layouts_show_the_reference_time() {
        let leap_day = Time::unix(1_709_211_845, 120_000_000, zone("Europe/Berlin"));
        let cases = [
            ("Mon Jan _2 15:04:05 MST 2006", "Thu Feb 29 14:04:05 CET 2024"),
            ("2006-01-02T15:04:05.000Z07:00", "2024-02-29T14:04:05.120+01:00"),
            ("Monday, 02-Jan-06 3:04:05,999PM -070000", "Thursday, 29-Feb-24 2:04:05,12PM +010000"),
            ("002 __2 _2006 1 Month Z07", "060  60 _2024 2 Month +01"),
            ("", ""),
        ];
        for (layout, expected) in cases {
            assert_eq!(lossy(&leap_day.format(layout.as_bytes())), expected, "{layout}");
        }
        assert_eq!(Time::zero().to_string(), "0001-01-01 00:00:00 +0000 UTC");
        let far = Time::unix(99_999_999_999_999, 0, zone("America/New_York"));
        assert_eq!(lossy(&far.format(b"2006-01-02 MST")), "3170843-11-07 EST");
    }

    #[test]
    fn texts_are_read_by_layout() {
        let berlin = zone("Europe/Berlin");
        let cases = [
            ("2006-01-02", "2024-02-29", "2024-02-29 00:00:00 +0100 CET"),
            (
                "2006-01-02T15:04:05Z07:00",
                "2024-07-01T12:00:00.5Z",
                "2024-07-01 12:00:00.5 +0000 UTC",
            ),
            ("2006-01-02 -0700", "2024-07-01 +0200", "2024-07-01 00:00:00 +0200 CEST"),
            ("2006-01-02 -0700", "2024-07-01 +0300", "2024-07-01 00:00:00 +0300 +0300"),
            ("2006-01-02 MST", "2024-07-01 CEST", "2024-07-01 00:00:00 +0200 CEST"),
            ("2006-01-02 MST", "2024-07-01 PST", "2024-07-01 00:00:00 +0000 PST"),
            ("2006 002 3:04pm", "2024 60 12:30am", "error"),
            ("2006 __2 3:04pm", "2024  60 12:30am", "2024-02-29 00:30:00 +0100 CET"),
        ];
        for (layout, text, expected) in cases {
            match parse_in(layout.as_bytes(), text.as_bytes(), &berlin) {
                Ok(time) => assert_eq!(time.to_string(), expected),
                Err(_) => assert_eq!("error", expected, "{layout} {text}"),
            }
        }
        let cases = [
            ("2006-01-02", "x", " as \"2006-01-02\": cannot parse \"x\" as \"2006\""),
            ("2006-01-02", "2023-02-29", ": day out of range"),
            ("2006-01-02", "2023-13-01", ": month out of range"),
            ("2006", "2023x", ": extra text: \"x\""),
            ("2006-01", "2023/01", " as \"2006-01\": cannot parse \"/01\" as \"-\""),
            ("2006-01-02 -0700", "2024-07-01 +9900", ": time zone offset hour out of range"),
        ];
        for (layout, text, error) in cases {
            let expected = format!("parsing time \"{text}\"{error}");
            let got = parse_in(layout.as_bytes(), text.as_bytes(), &berlin).unwrap_err();
            assert_eq!(got, expected);
        }
    }

    #[test]
    fn zones_have_exact_names() {
        let host = FixedHost::new(0, 0);
        for name in ["europe/berlin", "Nowhere/Else", "../etc/passwd", "/etc/localtime"] {
            assert!(Zone::load(&host, name).is_none(), "{name}");
        }
    }

    #[test]
    fn arithmetic_crosses_calendars() {
        let time = Time::from_civil((2024, 1, 31), 3600, 0, &Zone::utc());
        assert_eq!(time.add_date(0, 1, 0).to_string(), "2024-03-02 01:00:00 +0000 UTC");
        let shown = time.truncate(Duration(24 * duration::HOUR)).to_string();
        assert_eq!(shown, "2024-01-31 00:00:00 +0000 UTC");
        assert_eq!(time.since(&time.add(Duration(-5))), Duration(5));
    }
}
