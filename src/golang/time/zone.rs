//! Time zones: `time.LoadLocation` and what `time.Local` is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use jiff::Timestamp;
use jiff::tz::{Dst, TimeZone};

use crate::host::Host;

/// A `*time.Location`.
#[derive(Clone, Debug)]
pub struct Zone(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    rules: Rules,
}

#[derive(Debug)]
enum Rules {
    /// A constant offset from UTC in seconds; the zone's name is the abbreviation.
    Fixed(i64),
    Database(TimeZone),
}

/// What a zone says of an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offset {
    /// Seconds to add to UTC.
    pub seconds: i64,
    /// The abbreviation, such as `CET`; may be empty.
    pub abbreviation: String,
    /// Whether it is daylight saving time.
    pub is_dst: bool,
}

/// Where Go looks for zone files on Unix.
const DIRECTORIES: [&str; 4] =
    ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"];

/// Length of the calendar's cycle, 400 years, in seconds.
const CYCLE: i64 = 146_097 * 86_400;

thread_local! {
    /// Zones loaded before on this thread, by name, and by `TZ=` plus value for the local one.
    static KNOWN: RefCell<HashMap<String, Option<Zone>>> = RefCell::default();
}

impl Zone {
    /// UTC.
    pub fn utc() -> Self {
        Self::fixed("UTC", 0)
    }

    /// `time.FixedZone`.
    pub fn fixed(name: &str, seconds: i64) -> Self {
        Zone(Rc::new(Inner { name: name.to_owned(), rules: Rules::Fixed(seconds) }))
    }

    /// `time.LoadLocation`; none for an unknown name.
    pub fn load(host: &dyn Host, name: &str) -> Option<Self> {
        match name {
            "" | "UTC" => return Some(Self::utc()),
            "Local" => return Some(Self::local(host)),
            _ if name.contains("..") || name.starts_with(['/', '\\']) => return None,
            _ => {}
        }
        cached(name, || {
            let custom = host.env("ZONEINFO").filter(|path| !path.is_empty());
            let mut directories = custom.as_deref().into_iter().chain(DIRECTORIES);
            let file = directories
                .find_map(|directory| read(host, &Path::new(directory).join(name), name));
            file.or_else(|| bundled(name))
        })
    }

    /// `time.Local`: what `TZ` says, else `/etc/localtime`, else UTC.
    pub fn local(host: &dyn Host) -> Self {
        let setting = host.env("TZ");
        let key = format!("TZ={}", setting.as_deref().unwrap_or("unset"));
        let zone = cached(&key, || match setting.as_deref() {
            None => read(host, Path::new("/etc/localtime"), "Local"),
            Some(setting) => match setting.strip_prefix(':').unwrap_or(setting) {
                "" | "UTC" => None,
                path if path.starts_with('/') => {
                    let name = if path == "/etc/localtime" { "Local" } else { path };
                    read(host, Path::new(path), name)
                }
                name => Self::load(host, name),
            },
        });
        zone.unwrap_or_else(Self::utc)
    }

    /// The location's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Offset and abbreviation at an instant, given in seconds since 1970.
    pub fn at(&self, seconds: i64) -> Offset {
        match &self.0.rules {
            Rules::Fixed(offset) => {
                Offset { seconds: *offset, abbreviation: self.0.name.clone(), is_dst: false }
            }
            Rules::Database(zone) => {
                let info = zone.to_offset_info(timestamp(seconds));
                Offset {
                    seconds: i64::from(info.offset().seconds()),
                    abbreviation: info.abbreviation().to_owned(),
                    is_dst: info.dst() == Dst::Yes,
                }
            }
        }
    }

    /// The offset of an abbreviation: preferably one that was in use at the local time given
    /// in seconds, else any.
    pub fn offset_of(&self, abbreviation: &str, local_seconds: i64) -> Option<i64> {
        let Rules::Database(zone) = &self.0.rules else { return None };
        // The zone database's own transitions end before 2038; rules after that repeat.
        let last = Timestamp::from_second(1 << 31).ok()?;
        let first = zone.to_offset_info(Timestamp::MIN);
        let mut offsets = Vec::new();
        if first.abbreviation() == abbreviation {
            offsets.push(i64::from(first.offset().seconds()));
        }
        for transition in zone.following(Timestamp::MIN) {
            if transition.timestamp() > last {
                break;
            }
            let offset = i64::from(transition.offset().seconds());
            if transition.abbreviation() == abbreviation && !offsets.contains(&offset) {
                offsets.push(offset);
            }
        }
        let in_use = |offset: &&i64| {
            self.at(local_seconds.saturating_sub(**offset)).abbreviation == abbreviation
        };
        match offsets.iter().find(in_use) {
            Some(offset) => Some(self.at(local_seconds.saturating_sub(*offset)).seconds),
            None => offsets.first().copied(),
        }
    }
}

fn cached(key: &str, load: impl FnOnce() -> Option<Zone>) -> Option<Zone> {
    if let Some(known) = KNOWN.with_borrow(|known| known.get(key).cloned()) {
        return known;
    }
    let zone = load();
    KNOWN.with_borrow_mut(|known| known.insert(key.to_owned(), zone.clone()));
    zone
}

fn read(host: &dyn Host, path: &Path, name: &str) -> Option<Zone> {
    let bytes = host.read(path).ok()?;
    let zone = TimeZone::tzif(name, &bytes).ok()?;
    Some(Zone(Rc::new(Inner { name: name.to_owned(), rules: Rules::Database(zone) })))
}

/// A zone of the database in the binary, for machines without one; names are exact.
fn bundled(name: &str) -> Option<Zone> {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(name).ok()?;
    (zone.iana_name() == Some(name))
        .then(|| Zone(Rc::new(Inner { name: name.to_owned(), rules: Rules::Database(zone) })))
}

/// An instant as jiff takes it; one out of its range becomes one in it that is the same day of
/// the calendar's cycle.
fn timestamp(seconds: i64) -> Timestamp {
    let in_range = if Timestamp::from_second(seconds).is_ok() {
        seconds
    } else if seconds > 0 {
        // From 2370 on, within the cycle that follows.
        12_622_780_800 + (seconds - 12_622_780_800).rem_euclid(CYCLE)
    } else {
        // Long before any rule.
        -CYCLE
    };
    Timestamp::from_second(in_range).unwrap_or_default()
}
