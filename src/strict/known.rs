//! All that speaks of one path of values: defaults, schemas, templates, subcharts.

use serde_json::Value as Json;

use super::Case;
use super::schema_keys::Place;
use crate::chart::Chart;
use crate::doc::uses::{Uses, Way};
use crate::doc::{Doc, Node};

/// The schemas of a tree of charts, parsed.
pub(super) struct Schemas(Vec<(String, Json)>);

impl Schemas {
    /// Of a chart and those below.
    pub(super) fn new(chart: &Chart) -> Self {
        fn collect(chart: &Chart, found: &mut Vec<(String, Json)>) {
            let parsed = chart.schema.as_ref().and_then(|text| serde_json::from_slice(text).ok());
            if let Some(schema) = parsed {
                found.push((chart.path.clone(), schema));
            }
            chart.dependencies.iter().for_each(|child| collect(child, found));
        }
        let mut found = Vec::new();
        collect(chart, &mut found);
        Schemas(found)
    }

    fn of(&self, chart: &Chart) -> Option<&Json> {
        self.0.iter().find(|(path, _)| *path == chart.path).map(|(_, schema)| schema)
    }
}

/// What speaks of one path.
#[derive(Clone, Default)]
pub(super) struct Known<'a> {
    /// The values that charts have there; those of outer charts come first.
    pub(super) defaults: Vec<&'a Doc>,
    /// The schemas of it.
    pub(super) schemas: Vec<Place<'a>>,
    /// What templates read of it.
    uses: Vec<&'a Uses>,
    /// The charts whose values these are.
    charts: Vec<&'a Chart>,
    /// Whether everything below is known.
    pub(super) is_free: bool,
}

impl<'a> Known<'a> {
    /// What speaks of the root.
    pub(super) fn root(case: &Case<'a>, schemas: &'a Schemas) -> Self {
        Known {
            defaults: vec![&case.chart.defaults],
            schemas: schemas.of(case.chart).map(Place::root).into_iter().collect(),
            uses: case.uses.into_iter().collect(),
            charts: vec![case.chart],
            is_free: false,
        }
    }

    /// Whether templates take whatever is here.
    pub(super) fn is_open(&self) -> bool {
        self.is_free
            || self.uses.iter().any(|uses| {
                let leaf = uses.keys.is_empty() && uses.items.is_none();
                uses.whole || leaf && !uses.ways.iter().eq([&Way::Tested])
            })
            || self.schemas.iter().any(|place| place.is_free())
    }

    /// What speaks of a key; none when nothing does.
    pub(super) fn key(&self, key: &str, schemas: &'a Schemas, root: &'a Chart) -> Option<Self> {
        let mut below = Known { is_free: self.is_open(), ..Known::default() };
        below.defaults = self.defaults.iter().filter_map(|doc| doc.get(key)).collect();
        below.schemas = self.schemas.iter().flat_map(|place| place.property(key)).collect();
        below.uses = self.uses.iter().flat_map(|uses| uses.below(Some(key))).collect();
        for chart in &self.charts {
            let child = chart.dependencies.iter().find(|child| child.name() == key);
            if let Some(child) = child {
                below.charts.push(child);
                below.defaults.push(&child.defaults);
                below.schemas.extend(schemas.of(child).map(Place::root));
            }
            if key == "global" {
                collect_globals(root, schemas, &mut below);
            }
        }
        let is_known = below.is_free
            || !below.defaults.is_empty()
            || !below.schemas.is_empty()
            || !below.uses.is_empty()
            || !below.charts.is_empty()
            || key == "global" && !self.charts.is_empty();
        is_known.then_some(below)
    }

    /// What speaks of the items of a list here.
    pub(super) fn items(&self) -> Self {
        let items = self.defaults.iter().filter_map(|doc| doc.as_list()).flatten();
        let uses = self.uses.iter().flat_map(|uses| uses.below(None));
        Known {
            defaults: items.collect(),
            schemas: self.schemas.iter().flat_map(|place| place.items()).collect(),
            uses: uses.collect(),
            charts: Vec::new(),
            is_free: self.is_open(),
        }
    }

    /// Every key that something knows here.
    pub(super) fn names(&self) -> Vec<&'a str> {
        let defaults = self.defaults.iter().filter_map(|doc| doc.as_map());
        let mut names: Vec<&'a str> = defaults.flat_map(|map| map.keys().map(|it| &**it)).collect();
        names.extend(self.schemas.iter().flat_map(|place| place.names()));
        names.extend(self.uses.iter().flat_map(|uses| uses.keys.keys().map(|key| &**key)));
        for chart in &self.charts {
            names.extend(chart.dependencies.iter().map(Chart::name));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The first default that is not null.
    pub(super) fn first_default(&self) -> Option<&'a Doc> {
        self.defaults.iter().find(|doc| !matches!(doc.node, Node::Null)).copied()
    }
}

/// Globals of any chart are globals of all.
fn collect_globals<'a>(chart: &'a Chart, schemas: &'a Schemas, below: &mut Known<'a>) {
    below.defaults.extend(chart.defaults.get("global"));
    if let Some(schema) = schemas.of(chart) {
        below.schemas.extend(Place::root(schema).property("global"));
    }
    chart.dependencies.iter().for_each(|child| collect_globals(child, schemas, below));
}
