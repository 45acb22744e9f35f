//! Sprig's dates, with Go layouts.

use super::times::{TimeValue, now as time_now};
use super::{Def, Runtime, def};
use crate::diag::{Fault, Result};
use crate::golang::time::{Duration, Time, Zone, parse_in};
use crate::value::{IntType, Str, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("ago" => ago(cx; date: &Value)),
    def!("date" => local_date(cx; layout: &Str, date: &Value)),
    def!("dateInZone" => date_in_zone(cx; layout: &Str, date: &Value, zone: &Str)),
    def!("dateModify" => date_modify(duration: &Str, date: &Time)),
    def!("date_in_zone" => date_in_zone(cx; layout: &Str, date: &Value, zone: &Str)),
    def!("date_modify" => date_modify(duration: &Str, date: &Time)),
    def!("htmlDate" => html_date(cx; date: &Value)),
    def!("htmlDateInZone" => html_date_in_zone(cx; date: &Value, zone: &Str)),
    def!("mustDateModify" => must_date_modify(duration: &Str, date: &Time)),
    def!("mustToDate" => must_to_date(cx; layout: &Str, text: &Str)),
    def!("must_date_modify" => must_date_modify(duration: &Str, date: &Time)),
    def!("now" => now(cx;)),
    def!("toDate" => to_date(cx; layout: &Str, text: &Str)),
    def!("unixEpoch" => unix_epoch(date: &Time)),
];

/// What HTML's date inputs expect.
const HTML: &[u8] = b"2006-01-02";

/// How long ago a time was, in whole seconds.
///
/// Takes: date (time.Time, or int or int64 seconds since 1970; anything else is now).
/// Returns: string such as `1h30m0s`.
/// Errors: none. Source: sprig `ago`.
fn ago(cx: &mut dyn Runtime, date: &Value) -> String {
    let now = time_now(cx);
    let then = match date {
        Value::Int(seconds, IntType::Int | IntType::Int64) => Time::unix(*seconds, 0, Zone::utc()),
        _ => match date.downcast::<TimeValue>() {
            Some(time) => time.0.clone(),
            None => now.clone(),
        },
    };
    now.since(&then).round(Duration(1_000_000_000)).to_string()
}

/// Shows a time by a Go layout in the local zone.
///
/// Takes: layout (string), date (time.Time, or int, int32 or int64 seconds since 1970; anything
/// else, floats included, is now). Returns: string.
/// Errors: none. Source: sprig `date`.
fn local_date(cx: &mut dyn Runtime, layout: &Str, date: &Value) -> Str {
    show(cx, layout.as_bytes(), date, "Local")
}

/// Shows a time by a Go layout in a zone; an unknown zone is UTC.
///
/// Takes: layout (string), date (as for `date`), zone (string). Returns: string.
/// Errors: none. Source: sprig `dateInZone`, `date_in_zone`.
fn date_in_zone(cx: &mut dyn Runtime, layout: &Str, date: &Value, zone: &Str) -> Str {
    show(cx, layout.as_bytes(), date, &zone.to_str_lossy())
}

/// Adds a duration to a time; one that does not read changes nothing.
///
/// Takes: duration (string such as `-1h30m`), date (time.Time). Returns: time.Time.
/// Errors: none. Source: sprig `dateModify`, `date_modify`.
fn date_modify(duration: &Str, date: &Time) -> Time {
    match Duration::parse(duration.as_bytes()) {
        Ok(duration) => date.add(duration),
        Err(_) => date.clone(),
    }
}

/// Shows a time as `2006-01-02` in the local zone.
///
/// Takes: date (as for `date`). Returns: string.
/// Errors: none. Source: sprig `htmlDate`.
fn html_date(cx: &mut dyn Runtime, date: &Value) -> Str {
    show(cx, HTML, date, "Local")
}

/// Shows a time as `2006-01-02` in a zone; an unknown zone is UTC.
///
/// Takes: date (as for `date`), zone (string). Returns: string.
/// Errors: none. Source: sprig `htmlDateInZone`.
fn html_date_in_zone(cx: &mut dyn Runtime, date: &Value, zone: &Str) -> Str {
    show(cx, HTML, date, &zone.to_str_lossy())
}

/// Adds a duration to a time.
///
/// Takes: duration (string such as `-1h30m`), date (time.Time). Returns: time.Time.
/// Errors: a duration that does not read. Source: sprig `mustDateModify`, `must_date_modify`.
fn must_date_modify(duration: &Str, date: &Time) -> Result<Time> {
    let duration = Duration::parse(duration.as_bytes()).map_err(Fault::function)?;
    Ok(date.add(duration))
}

/// Reads a time by a Go layout; without a zone it is local.
///
/// Takes: layout (string), text (string). Returns: time.Time.
/// Errors: text that does not read. Source: sprig `mustToDate`.
fn must_to_date(cx: &mut dyn Runtime, layout: &Str, text: &Str) -> Result<Time> {
    let zone = Zone::local(cx.host());
    parse_in(layout.as_bytes(), text.as_bytes(), &zone).map_err(Fault::function)
}

/// The time now, in the local zone.
///
/// Takes: nothing. Returns: time.Time.
/// Errors: none. Source: sprig `now`.
fn now(cx: &mut dyn Runtime) -> Time {
    time_now(cx)
}

/// Reads a time by a Go layout; without a zone it is local.
///
/// Takes: layout (string), text (string). Returns: time.Time; the zero time for text that does
/// not read.
/// Errors: none. Source: sprig `toDate`.
fn to_date(cx: &mut dyn Runtime, layout: &Str, text: &Str) -> Time {
    must_to_date(cx, layout, text).unwrap_or_else(|_| Time::zero())
}

/// The seconds since 1970 of a time.
///
/// Takes: date (time.Time). Returns: string.
/// Errors: none. Source: sprig `unixEpoch`.
fn unix_epoch(date: &Time) -> String {
    date.seconds.to_string()
}

fn show(cx: &dyn Runtime, layout: &[u8], date: &Value, zone: &str) -> Str {
    let zone = Zone::load(cx.host(), zone).unwrap_or_else(Zone::utc);
    let time = match date {
        Value::Int(seconds, IntType::Int | IntType::Int32 | IntType::Int64) => {
            Time::unix(*seconds, 0, zone)
        }
        _ => match date.downcast::<TimeValue>() {
            Some(time) => time.0.in_zone(zone),
            None => time_now(cx).in_zone(zone),
        },
    };
    Str::from(time.format(layout))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::funcs::testing::TestRuntime;

    #[test]
    fn anything_but_a_time_is_now() {
        let mut cx = TestRuntime::default();
        let layout = Str::from("2006-01-02 15:04 MST");
        let zone = Str::from("Europe/Berlin");
        let mut shown = |date: Value| date_in_zone(&mut cx, &layout, &date, &zone).to_string();
        assert_eq!(shown(Value::int(0)), "1970-01-01 01:00 CET");
        assert_eq!(shown(Value::from(Time::zero())), "0001-01-01 00:53 LMT");
        assert_eq!(shown(Value::Float(0.0)), "2024-02-29 14:04 CET");
        assert_eq!(shown(Value::Nil), "2024-02-29 14:04 CET");
        let nowhere = Str::from("Nowhere");
        let shown = date_in_zone(&mut cx, &layout, &Value::int64(0), &nowhere);
        assert_eq!(shown.to_string(), "1970-01-01 00:00 UTC");
    }

    #[test]
    fn bad_durations_and_dates_pass_silently() {
        let mut cx = TestRuntime::default();
        let time = Time::unix(0, 0, Zone::utc());
        let modified = |duration: &str| date_modify(&Str::from(duration), &time).seconds;
        assert_eq!((modified("-90m"), modified("1d")), (-5400, 0));
        let bad = to_date(&mut cx, &Str::from("2006"), &Str::from("x"));
        assert_eq!(bad.to_string(), "0001-01-01 00:00:00 +0000 UTC");
        assert_eq!(ago(&mut cx, &Value::int(1_709_211_845 - 90)), "1m30s");
    }
}
