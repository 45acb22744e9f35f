//! Which parts of a chart a run of tests has reached.
//!
//! Each template language gives the [`Outline`] of a file, what there is to reach, and counts
//! what a render reaches into [`Hits`]; a [`Collector`] adds up the hits of many renders, side by
//! side. Together they are the [`Coverage`] of a chart. Blind to templates and charts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::doc::uses::Uses;

/// What there is to reach in a template file. A spot is a number that means one place of the
/// file to the language's own hits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Lines that write or decide something, each with its spots.
    pub lines: BTreeMap<u32, Vec<u32>>,
    /// Places that go one of two ways.
    pub forks: Vec<Fork>,
    /// Named templates, or macros.
    pub templates: Vec<Named>,
}

/// A place that goes one of two ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fork {
    /// Its number in the hits.
    pub spot: u32,
    /// Its line.
    pub line: u32,
    /// What it is: `if`, `with`, `range`, `for`.
    pub word: &'static str,
}

/// A named template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// The line where it begins.
    pub line: u32,
}

/// What was reached in one file, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileHits {
    /// Spots.
    pub spots: BTreeMap<u32, u64>,
    /// Forks: how often the condition held, and how often it did not.
    pub forks: BTreeMap<u32, [u64; 2]>,
    /// Named templates; the file itself by its own name.
    pub templates: BTreeMap<String, u64>,
}

/// What was reached in the files of a chart tree, and what was read of its values.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// Files by template name.
    pub files: BTreeMap<String, FileHits>,
    /// Values.
    pub uses: Uses,
}

impl Hits {
    /// Adds those of another render.
    pub fn join(&mut self, other: Hits) {
        for (name, file) in other.files {
            let own = self.files.entry(name).or_default();
            for (spot, count) in file.spots {
                *own.spots.entry(spot).or_default() += count;
            }
            for (spot, counts) in file.forks {
                let sum = own.forks.entry(spot).or_default();
                *sum = [sum[0] + counts[0], sum[1] + counts[1]];
            }
            for (name, count) in file.templates {
                *own.templates.entry(name).or_default() += count;
            }
        }
        self.uses.join(other.uses);
    }
}

/// Where renders that may run at a time leave their hits.
#[derive(Debug, Default)]
pub struct Collector(Mutex<Hits>);

impl Collector {
    /// Takes the hits of a render.
    pub fn add(&self, hits: Hits) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).join(hits);
    }

    /// The hits so far, which it forgets.
    pub fn take(&self) -> Hits {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How much of a chart was reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The chart's name.
    pub chart: String,
    /// Its template files, by name.
    pub files: Vec<FileCoverage>,
    /// The file of its values, as a path for people.
    pub values_file: String,
    /// How many of its values are read.
    pub values: Ratio,
    /// Those that are not.
    pub unread: Vec<UnreadValue>,
}

/// How much of a template file was reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// Its path for people: the chart's as it was given, and its own below it.
    pub path: String,
    /// How often each line was.
    pub lines: BTreeMap<u32, u64>,
    /// Both ways of each fork.
    pub forks: Vec<(Fork, [u64; 2])>,
    /// Named templates and how often they were used.
    pub templates: Vec<(Named, u64)>,
    /// How often the file was rendered; none for files that only define.
    pub rendered: Option<u64>,
}

/// A value that nothing has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadValue {
    /// Its path: `image.tag`.
    pub path: String,
    /// Its line in values.yaml.
    pub line: u32,
    /// Whether some template would read it.
    pub is_named: bool,
}

/// Some of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    /// Those that were reached.
    pub hit: usize,
    /// All.
    pub total: usize,
}

impl Ratio {
    /// In thousandths, never rounded up; all of nothing is everything.
    pub fn permille(self) -> usize {
        (self.hit * 1000).checked_div(self.total).unwrap_or(1000)
    }

    /// In percent: `83.3`.
    pub fn percent(self) -> String {
        let permille = self.permille();
        format!("{}.{}", permille / 10, permille % 10)
    }

    /// Counts those for which something holds.
    fn of(all: impl Iterator<Item = bool>) -> Self {
        let mut ratio = Ratio::default();
        for hit in all {
            ratio.hit += usize::from(hit);
            ratio.total += 1;
        }
        ratio
    }

    fn plus(self, other: Ratio) -> Ratio {
        Ratio { hit: self.hit + other.hit, total: self.total + other.total }
    }
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Lines of templates.
    Lines,
    /// Ways of forks: two for each.
    Branches,
    /// Named templates that are used and files that are rendered.
    Templates,
    /// Values that are read.
    Values,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 4] =
        [Measure::Lines, Measure::Branches, Measure::Templates, Measure::Values];

    /// Its name: `lines`.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Lines => "lines",
            Measure::Branches => "branches",
            Measure::Templates => "templates",
            Measure::Values => "values",
        }
    }
}

impl FileCoverage {
    /// Joins what there is in a file with what was reached. `own` is the file's template name,
    /// `is_rendered` whether it is rendered by itself.
    pub fn new(path: String, own: &str, is_rendered: bool, outline: Outline, hits: &Hits) -> Self {
        let nothing = FileHits::default();
        let hits = hits.files.get(own).unwrap_or(&nothing);
        let count = |spot: &u32| hits.spots.get(spot).copied().unwrap_or_default();
        let used = |name: &str| hits.templates.get(name).copied().unwrap_or_default();
        let lines = outline.lines.into_iter();
        let forks = outline.forks.into_iter();
        let templates = outline.templates.into_iter();
        FileCoverage {
            path,
            lines: lines
                .map(|(line, spots)| (line, spots.iter().map(count).max().unwrap_or_default()))
                .collect(),
            forks: forks
                .map(|fork| {
                    let counts = hits.forks.get(&fork.spot).copied().unwrap_or_default();
                    (fork, counts)
                })
                .collect(),
            templates: templates
                .map(|named| {
                    let count = used(&named.name);
                    (named, count)
                })
                .collect(),
            rendered: is_rendered.then(|| used(own)),
        }
    }

    /// How much of it was reached; of values a file knows nothing.
    pub fn ratio(&self, measure: Measure) -> Ratio {
        match measure {
            Measure::Lines => Ratio::of(self.lines.values().map(|count| *count > 0)),
            Measure::Branches => {
                Ratio::of(self.forks.iter().flat_map(|(_, ways)| ways).map(|count| *count > 0))
            }
            Measure::Templates => {
                let named = self.templates.iter().map(|(_, count)| *count);
                Ratio::of(named.chain(self.rendered).map(|count| count > 0))
            }
            Measure::Values => Ratio::default(),
        }
    }
}

impl Coverage {
    /// How much of the chart was reached.
    pub fn ratio(&self, measure: Measure) -> Ratio {
        match measure {
            Measure::Values => self.values,
            _ => self
                .files
                .iter()
                .map(|file| file.ratio(measure))
                .fold(Ratio::default(), Ratio::plus),
        }
    }
}

/// How much of several charts was reached.
pub fn ratio(charts: &[&Coverage], measure: Measure) -> Ratio {
    charts.iter().map(|chart| chart.ratio(measure)).fold(Ratio::default(), Ratio::plus)
}

/// Whether a line of a template is worth counting: it is not blank and not a YAML comment.
/// `part` is what of the line `line` counts.
pub fn counts(line: &[u8], part: &[u8]) -> bool {
    !part.trim_ascii().is_empty() && !line.trim_ascii_start().starts_with(b"#")
}
