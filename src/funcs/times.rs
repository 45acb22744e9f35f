//! `time.Time`, `time.Duration` and their kin as templates see them.

use super::{FromArg, Runtime, Ty, mismatch};
use crate::diag::{Fault, Result};
use crate::golang::quote::quote;
use crate::golang::time::{Civil, Duration, MONTHS, Time, WEEKDAYS, Zone};
use crate::value::{IntType, Kind, Method, Object, Str, Value};

/// A `time.Time`.
#[derive(Clone, Debug)]
pub struct TimeValue(pub Time);

/// A `time.Duration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationValue(pub Duration);

/// A `time.Month` or `time.Weekday`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Named {
    type_name: &'static str,
    number: i64,
    name: &'static str,
}

/// A `*time.Location`.
#[derive(Clone, Debug)]
struct Location(Zone);

const LOCATION: &str = "*time.Location";

impl<'a> FromArg<'a> for &'a Time {
    const TY: Ty = Ty::Time;
    fn from_arg(value: &'a Value) -> Result<Self> {
        value.downcast::<TimeValue>().map(|time| &time.0).ok_or_else(|| mismatch(Self::TY, value))
    }
}

impl FromArg<'_> for Duration {
    const TY: Ty = Ty::Duration;
    /// An integer literal is a duration, too.
    fn from_arg(value: &Value) -> Result<Self> {
        match value {
            Value::Int(nanos, _) => Ok(Duration(*nanos)),
            _ => value
                .downcast::<DurationValue>()
                .map(|duration| duration.0)
                .ok_or_else(|| mismatch(Self::TY, value)),
        }
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Value::object(TimeValue(time))
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Value::object(DurationValue(duration))
    }
}

/// The time now in the local zone, with a monotonic clock that starts at the first call.
pub(super) fn now(cx: &dyn Runtime) -> Time {
    static START: std::sync::OnceLock<(i64, u32)> = std::sync::OnceLock::new();
    let (seconds, nanos) = cx.host().now();
    let (start_seconds, start_nanos) = *START.get_or_init(|| (seconds, nanos));
    let elapsed = (seconds - start_seconds)
        .saturating_mul(1_000_000_000)
        .saturating_add(i64::from(nanos) - i64::from(start_nanos));
    let mut time = Time::unix(seconds, nanos, Zone::local(cx.host()));
    time.monotonic = Some(elapsed);
    time
}

impl Object for TimeValue {
    fn type_name(&self) -> &'static str {
        "time.Time"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn method(&self, name: &str) -> Option<Method> {
        let params: &'static [Ty] = match name {
            "Clock" | "Date" | "Day" | "GoString" | "GobEncode" | "Hour" | "ISOWeek" | "IsDST"
            | "IsZero" | "Local" | "Location" | "MarshalJSON" | "MarshalText" | "Minute"
            | "Month" | "Nanosecond" | "Second" | "String" | "UTC" | "Unix" | "UnixMicro"
            | "UnixMilli" | "UnixNano" | "Weekday" | "Year" | "YearDay" | "Zone" | "ZoneBounds" => {
                &[]
            }
            "Add" | "Round" | "Truncate" => &[Ty::Duration],
            "AddDate" => &[Ty::Int, Ty::Int, Ty::Int],
            "After" | "Before" | "Compare" | "Equal" | "Sub" => &[Ty::Time],
            "Format" => &[Ty::Str],
            "In" => &[Ty::Named(LOCATION)],
            _ => return None,
        };
        Some(Method { params, variadic: false })
    }

    fn call(&self, name: &str, cx: &mut dyn Runtime, args: &[Value]) -> Result<Value> {
        let time = &self.0;
        let civil = time.civil();
        let int = |number: u32| Ok(Value::int(i64::from(number)));
        Ok(match (name, args) {
            ("Year", _) => Value::int(civil.year),
            ("YearDay", _) => return int(civil.year_day),
            ("Day", _) => return int(civil.day),
            ("Hour", _) => return int(civil.hour),
            ("Minute", _) => return int(civil.minute),
            ("Second", _) => return int(civil.second),
            ("Nanosecond", _) => return int(time.nanos),
            ("Month", _) => {
                let (number, name) = (civil.month, MONTHS[civil.month as usize - 1]);
                Named::value("time.Month", number, name)
            }
            ("Weekday", _) => {
                let (number, name) = (civil.weekday, WEEKDAYS[civil.weekday as usize]);
                Named::value("time.Weekday", number, name)
            }
            ("Unix", _) => Value::int64(time.seconds),
            ("UnixMilli", _) => Value::int64(
                time.seconds.wrapping_mul(1000).wrapping_add(i64::from(time.nanos / 1_000_000)),
            ),
            ("UnixMicro", _) => Value::int64(
                time.seconds.wrapping_mul(1_000_000).wrapping_add(i64::from(time.nanos / 1000)),
            ),
            ("UnixNano", _) => Value::int64(time.unix_nanos()),
            ("IsZero", _) => Value::Bool(time.is_zero()),
            ("IsDST", _) => Value::Bool(time.zone.at(time.seconds).is_dst),
            ("UTC", _) => time.in_zone(Zone::utc()).into(),
            ("Local", _) => time.in_zone(Zone::local(cx.host())).into(),
            ("Location", _) => Value::object(Location(time.zone.clone())),
            ("String", _) => Value::str(time.to_string()),
            ("GoString", _) => Value::str(self.go_string().unwrap_or_default()),
            ("MarshalText", _) => match time.to_rfc3339() {
                Ok(text) => Value::Bytes(Str::from(text)),
                Err(error) => {
                    return Err(Fault::function(format!("Time.MarshalText: {error}")));
                }
            },
            ("MarshalJSON", _) => match time.to_rfc3339() {
                Ok(text) => Value::Bytes(Str::from(format!("\"{text}\""))),
                Err(error) => {
                    return Err(Fault::function(format!("Time.MarshalJSON: {error}")));
                }
            },
            ("Format", [layout]) => Value::str(time.format(<&Str>::from_arg(layout)?.as_bytes())),
            ("Add", [duration]) => time.add(Duration::from_arg(duration)?).into(),
            ("Round", [duration]) => time.round(Duration::from_arg(duration)?).into(),
            ("Truncate", [duration]) => time.truncate(Duration::from_arg(duration)?).into(),
            ("AddDate", [years, months, days]) => {
                let number = |value| super::Int::from_arg(value).map(|number| number.0);
                time.add_date(number(years)?, number(months)?, number(days)?).into()
            }
            ("Sub", [other]) => time.since(<&Time>::from_arg(other)?).into(),
            ("Compare", [other]) => Value::int(time.compare(<&Time>::from_arg(other)?) as i64),
            ("After", [other]) => Value::Bool(time.compare(<&Time>::from_arg(other)?).is_gt()),
            ("Before", [other]) => Value::Bool(time.compare(<&Time>::from_arg(other)?).is_lt()),
            ("Equal", [other]) => Value::Bool(time.compare(<&Time>::from_arg(other)?).is_eq()),
            ("In", [zone]) => match zone.downcast::<Location>() {
                Some(zone) => time.in_zone(zone.0.clone()).into(),
                None => return Err(Fault::function("time: missing Location in call to Time.In")),
            },
            ("Clock" | "Date", _) => {
                let problem = format!("function {name} has 3 return values; should be 1 or 2");
                return Err(Fault::engine(problem));
            }
            ("Zone" | "ISOWeek" | "ZoneBounds", _) => {
                let second = if name == "ZoneBounds" { "time.Time" } else { "int" };
                return Err(Fault::engine(format!(
                    "invalid function signature for {name}: second return value should be error; \
                     is {second}"
                )));
            }
            _ => Value::Nil,
        })
    }

    fn display(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    fn go_string(&self) -> Option<String> {
        let (civil, zone) = (self.0.civil(), &self.0.zone);
        let month = MONTHS[civil.month as usize - 1];
        let zone = match zone.name() {
            "UTC" | "Local" => format!("time.{}", zone.name()),
            name => format!("time.Location({})", quote(name.as_bytes())),
        };
        let Civil { year, day, hour, minute, second, .. } = civil;
        let nanos = self.0.nanos;
        Some(format!(
            "time.Date({year}, time.{month}, {day}, {hour}, {minute}, {second}, {nanos}, {zone})"
        ))
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let any: &dyn std::any::Any = other;
        any.downcast_ref::<TimeValue>().is_some_and(|other| {
            let (left, right) = (&self.0, &other.0);
            left.seconds == right.seconds
                && left.nanos == right.nanos
                && left.monotonic == right.monotonic
                && left.zone.name() == right.zone.name()
        })
    }

    fn to_json(&self) -> Value {
        self.0.to_rfc3339().map_or(Value::Nil, Value::str)
    }
}

impl Object for DurationValue {
    fn type_name(&self) -> &'static str {
        "time.Duration"
    }

    fn kind(&self) -> Kind {
        Kind::Int(IntType::Int64)
    }

    fn truth(&self) -> bool {
        self.0.0 != 0
    }

    fn method(&self, name: &str) -> Option<Method> {
        let params: &'static [Ty] = match name {
            "Abs" | "Hours" | "Microseconds" | "Milliseconds" | "Minutes" | "Nanoseconds"
            | "Seconds" | "String" => &[],
            "Round" | "Truncate" => &[Ty::Duration],
            _ => return None,
        };
        Some(Method { params, variadic: false })
    }

    fn call(&self, name: &str, _cx: &mut dyn Runtime, args: &[Value]) -> Result<Value> {
        let duration = self.0;
        Ok(match (name, args) {
            ("Abs", _) => duration.abs().into(),
            ("Hours", _) => Value::Float(duration.hours()),
            ("Minutes", _) => Value::Float(duration.minutes()),
            ("Seconds", _) => Value::Float(duration.seconds()),
            ("Milliseconds", _) => Value::int64(duration.0 / 1_000_000),
            ("Microseconds", _) => Value::int64(duration.0 / 1_000),
            ("Nanoseconds", _) => Value::int64(duration.0),
            ("String", _) => Value::str(duration.to_string()),
            ("Round", [multiple]) => duration.round(Duration::from_arg(multiple)?).into(),
            ("Truncate", [multiple]) => duration.truncate(Duration::from_arg(multiple)?).into(),
            _ => Value::Nil,
        })
    }

    fn display(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let any: &dyn std::any::Any = other;
        any.downcast_ref() == Some(self)
    }

    fn to_json(&self) -> Value {
        Value::int64(self.0.0)
    }

    fn counted(&self, number: i64) -> Option<Value> {
        Some(Value::object(DurationValue(Duration(number))))
    }
}

impl Named {
    fn value(type_name: &'static str, number: u32, name: &'static str) -> Value {
        Value::object(Named { type_name, number: i64::from(number), name })
    }
}

impl Object for Named {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn kind(&self) -> Kind {
        Kind::Int(IntType::Int)
    }

    fn truth(&self) -> bool {
        self.number != 0
    }

    fn method(&self, name: &str) -> Option<Method> {
        (name == "String").then_some(Method { params: &[], variadic: false })
    }

    fn call(&self, _name: &str, _cx: &mut dyn Runtime, _args: &[Value]) -> Result<Value> {
        Ok(Value::str(self.name))
    }

    fn display(&self) -> Option<String> {
        Some(self.name.to_owned())
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let any: &dyn std::any::Any = other;
        any.downcast_ref() == Some(self)
    }

    fn to_json(&self) -> Value {
        Value::int(self.number)
    }
}

impl Object for Location {
    fn type_name(&self) -> &'static str {
        LOCATION
    }

    fn kind(&self) -> Kind {
        Kind::Ptr
    }

    fn method(&self, name: &str) -> Option<Method> {
        (name == "String").then_some(Method { params: &[], variadic: false })
    }

    fn call(&self, _name: &str, _cx: &mut dyn Runtime, _args: &[Value]) -> Result<Value> {
        Ok(Value::str(self.0.name()))
    }

    fn display(&self) -> Option<String> {
        Some(self.0.name().to_owned())
    }
}
