//! Where schema, defaults and templates of a chart have drifted apart.

use serde_json::Value as Json;

use super::uses_of;
use crate::chart::Chart;
use crate::doc::Doc;
use crate::doc::uses::Uses;
use crate::source::Sources;
use crate::strict::schema_keys::Place;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Where: a place in values.yaml or in a template; empty for the schema alone.
    pub place: String,
    /// What differs.
    pub message: String,
}

/// Every difference between a chart's schema, its defaults and its templates; nothing without a
/// schema.
pub fn drifts(chart: &Chart, sources: &Sources) -> Vec<Drift> {
    let schema = chart.schema.as_ref().and_then(|text| serde_json::from_slice::<Json>(text).ok());
    let Some(schema) = schema else { return Vec::new() };
    let uses = uses_of(chart);
    let mut walk = Walk { chart, sources, drifts: Vec::new() };
    walk.level(&[Place::root(&schema)], Some(&chart.defaults), &[&uses], "", Above::default());
    walk.drifts
}

/// What is known from the levels above.
#[derive(Clone, Copy, Default)]
struct Above {
    /// Templates read everything from there on.
    is_read: bool,
    /// The schema takes everything from there on.
    is_free: bool,
}

struct Walk<'a> {
    chart: &'a Chart,
    sources: &'a Sources,
    drifts: Vec<Drift>,
}

impl Walk<'_> {
    fn note(&mut self, place: String, message: String) {
        self.drifts.push(Drift { place, message });
    }

    /// Whether a key of the root belongs to other charts.
    fn is_foreign(&self, path: &str, key: &str) -> bool {
        let mut names = self.chart.metadata.dependencies.iter().flatten();
        path.is_empty()
            && (key == "global"
                || key == "tags"
                || names.any(|it| it.name == key || it.alias == key)
                || self.chart.dependencies.iter().any(|child| child.name() == key))
    }

    fn level(
        &mut self,
        schemas: &[Place<'_>],
        default: Option<&Doc>,
        uses: &[&Uses],
        path: &str,
        above: Above,
    ) {
        let is_free = above.is_free
            || schemas.iter().any(|place| place.is_free() || place.names().is_empty());
        let is_read = above.is_read || uses.iter().any(|uses| uses.whole || uses.items.is_some());
        let mut keys: Vec<String> = Vec::new();
        let defaults = default.and_then(Doc::as_map);
        let named = defaults.into_iter().flat_map(|map| map.keys().map(ToString::to_string));
        let listed = schemas.iter().flat_map(|place| place.names().into_iter().map(str::to_owned));
        let read = uses.iter().flat_map(|uses| uses.keys.keys().map(ToString::to_string));
        for key in named.chain(listed).chain(read) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        for key in keys {
            if self.is_foreign(path, &key) {
                continue;
            }
            let own = defaults.and_then(|map| map.get(&*key));
            let below: Vec<Place<'_>> =
                schemas.iter().flat_map(|place| place.property(&key)).collect();
            let reads: Vec<&Uses> = uses.iter().flat_map(|uses| uses.below(Some(&key))).collect();
            let here = super::joined(path, &key);
            let is_known = !below.is_empty() || is_free;
            match (own, is_known, reads.is_empty() && !is_read) {
                (Some(own), false, _) => {
                    let place = self.sources.describe(self.sources.key_span(own.span, &key));
                    self.note(
                        place,
                        format!("{here}: has a default that the schema does not know"),
                    );
                    continue;
                }
                (Some(own), true, true) => {
                    let place = self.sources.describe(self.sources.key_span(own.span, &key));
                    self.note(place, format!("{here}: no template reads it"));
                    continue;
                }
                (None, _, true) if !below.is_empty() => {
                    let message = "in the schema alone: no default has it, no template reads it";
                    self.note(String::new(), format!("{here}: {message}"));
                    continue;
                }
                (None, false, false) => {
                    let place = reads.iter().flat_map(|uses| &uses.places).next();
                    // The library reads what some charts have and others have not.
                    if place.is_some_and(|place| place.file.starts_with("lib/")) {
                        continue;
                    }
                    let place = place.map(|at| format!("{}:{}", at.file, at.line));
                    let message = "read here; neither schema nor defaults know it";
                    self.note(place.unwrap_or_default(), format!("{here}: {message}"));
                    continue;
                }
                _ => {}
            }
            let is_table = own.is_some_and(|own| own.as_map().is_some_and(|map| !map.is_empty()))
                || below.iter().any(|place| !place.names().is_empty());
            if is_table {
                let above = Above { is_free: is_free && below.is_empty(), is_read };
                self.level(&below, own, &reads, &here, above);
            }
        }
    }
}
