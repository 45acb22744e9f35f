//! Laying values over each other along a tree of charts.
//!
//! Coalescing removes what a user set to null; merging keeps the nulls for a later pass. Helm
//! runs the same algorithm several times (dependency conditions, imports, final values) and
//! warns each time, so this does too.

use std::sync::Arc;

use crate::chart::{Chart, deps};
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::Doc;
use crate::doc::shared::Shared;
use crate::value::from_doc::from_doc;
use crate::value::{print, verbs};

use super::tree::{Endless, MAX_DEPTH, Table, Tree};

const GLOBAL: &str = "global";

/// What templates see.
#[derive(Clone, Debug)]
pub struct Final {
    /// The root chart's values. The values of a chart below are the table under its name, and so
    /// on downwards; each has its `global`.
    pub values: Doc,
    /// Tables among them that are one in several places.
    pub shared: Shared,
}

impl From<Doc> for Final {
    /// Values without shared tables.
    fn from(values: Doc) -> Self {
        Final { values, shared: Shared::default() }
    }
}

/// Processes dependencies (tags, conditions, aliases, imports) and coalesces the values of all
/// charts. Disabled charts are gone from `chart` afterwards.
pub fn compose(chart: &mut Chart, user: &Doc, log: &mut Vec<String>) -> Result<Final> {
    compose_with(chart, user, false, log)
}

/// Like [`compose`] in Helm 3, which keeps the nulls among a chart's own values.
pub fn compose_keeping_nulls(
    chart: &mut Chart,
    user: &Doc,
    log: &mut Vec<String>,
) -> Result<Final> {
    compose_with(chart, user, true, log)
}

fn compose_with(
    chart: &mut Chart,
    user: &Doc,
    default_nulls: bool,
    log: &mut Vec<String>,
) -> Result<Final> {
    if let Err(error) = deps::process(chart, user, log) {
        let shown = crate::diag::log::field(error.message());
        log.push(format!("level=ERROR msg=\"chart dependencies processing failed\" error={shown}"));
        return Err(error.context("chart dependencies processing failed"));
    }
    let mut pass = Pass { default_nulls, ..Pass::new(log, false) };
    let (values, shared) = pass.run(&&*chart, Table::from_doc(user))?.to_shared_doc()?;
    Ok(Final { values, shared })
}

/// Coalesces the values of all charts once more, under values that have them already: what a null
/// of the user removed comes back. Helm's linter does it.
pub(crate) fn compose_again(chart: &Chart, values: &Doc, log: &mut Vec<String>) -> Result<Final> {
    let mut pass = Pass::new(log, false);
    let (values, shared) = pass.run(&chart, Table::from_doc(values))?.to_shared_doc()?;
    Ok(Final { values, shared })
}

/// Helm's `CoalesceTables`: one map over another, blind to charts.
pub(crate) fn coalesce_tables(over: &Doc, under: &Doc, log: &mut Vec<String>) -> Result<Doc> {
    let upper = Table::from_doc(over);
    Pass::new(log, false).tables(&upper, &Table::from_doc(under), Path::Root)?;
    Ok(upper.to_doc()?)
}

/// A chart as coalescing sees it.
pub(crate) trait ChartNode: Sized {
    /// Its name, which is the key of its values in its parent's.
    fn name(&self) -> &str;
    /// Its own values.
    fn values(&self) -> &Doc;
    /// The charts below.
    fn below(&self) -> Vec<Self>;
}

impl ChartNode for &Chart {
    fn name(&self) -> &str {
        Chart::name(self)
    }

    fn values(&self) -> &Doc {
        &self.values
    }

    fn below(&self) -> Vec<Self> {
        self.dependencies.iter().collect()
    }
}

/// Helm's `CoalesceValues` over documents: the values of a chart tree under those of a user.
pub(crate) fn coalesce_values(
    chart: &impl ChartNode,
    user: &Doc,
    log: &mut Vec<String>,
) -> Result<Doc> {
    Ok(Pass::new(log, false).run(chart, Table::from_doc(user))?.to_doc()?)
}

/// Helm's `MergeValues` with nothing from the user, for import-values.
pub(crate) fn merge_values(chart: &impl ChartNode, log: &mut Vec<String>) -> Result<Values> {
    Ok(Values(Pass::new(log, true).run(chart, Table::new())?))
}

/// Values under work, for dependency processing.
pub(crate) struct Values(Table);

impl Values {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Values(Table::new())
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A copy that shares nothing.
    pub(crate) fn deep_copy(&self) -> Result<Self> {
        Ok(Values(self.0.deep_copy()?))
    }

    /// The table at a dotted path, shared with these values; or the first part that is none.
    pub(crate) fn table(&self, path: &str) -> std::result::Result<Values, String> {
        let mut table = self.0.clone();
        for part in path.split('.') {
            match table.get(part) {
                Some(Tree::Table(below)) => table = below,
                _ => return Err(part.to_owned()),
            }
        }
        Ok(Values(table))
    }

    /// These values below a dotted path, shared; `.` is the root.
    pub(crate) fn at_path(self, path: &str) -> Self {
        if path == "." {
            return self;
        }
        path.rsplit('.').fold(self, |below, part| {
            let above = Table::new();
            above.insert(&Arc::from(part), Tree::Table(below.0));
            Values(above)
        })
    }

    /// Puts what is missing here from lower values, nulls kept.
    pub(crate) fn merge_under(&mut self, lower: &Values, log: &mut Vec<String>) -> Result<()> {
        Ok(Pass::new(log, true).tables(&self.0, &lower.0, Path::Root)?)
    }

    /// As a document.
    pub(crate) fn to_doc(&self) -> Result<Doc> {
        Ok(self.0.to_doc()?)
    }
}

/// A dotted path that is put together only for a warning.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Below(&'a Path<'a>, &'a str),
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Below(Path::Root, key) => f.write_str(key),
            Path::Below(above, key) => write!(f, "{above}.{key}"),
        }
    }
}

/// One run of the algorithm.
struct Pass<'a> {
    log: &'a mut Vec<String>,
    keep_nulls: bool,
    /// Whether nulls among a chart's own values are values, too.
    default_nulls: bool,
    /// How deep in tables it stands.
    depth: usize,
}

impl From<Endless> for Fault {
    fn from(_: Endless) -> Self {
        Fault::new(FaultKind::Limit, "values contain themselves")
            .hint("an import-values entry takes over a table that it lies in")
    }
}

impl<'a> Pass<'a> {
    fn new(log: &'a mut Vec<String>, keep_nulls: bool) -> Self {
        Pass { log, keep_nulls, default_nulls: false, depth: 0 }
    }

    /// Whether the nulls of a chart's own values are left out.
    fn drops_nulls(&self) -> bool {
        !self.keep_nulls && !self.default_nulls
    }

    fn run(&mut self, chart: &impl ChartNode, user: Table) -> Result<Table> {
        self.chart(chart, &user, Path::Root)?;
        Ok(user)
    }

    fn warn(&mut self, message: impl std::fmt::Display) {
        let message = message.to_string();
        let shown = crate::golang::quote::quote(message.as_bytes());
        self.log.push(format!("level=INFO msg={shown}"));
    }

    fn chart(&mut self, chart: &impl ChartNode, into: &Table, above: Path<'_>) -> Result<()> {
        let path = Path::Below(&above, chart.name());
        self.own_values(chart, into, path)?;
        for child in &chart.below() {
            let name = child.name();
            let table = match into.get(name) {
                None => {
                    let table = Table::new();
                    into.insert(&Arc::from(name), Tree::Table(table.clone()));
                    table
                }
                Some(Tree::Table(table)) => table,
                Some(Tree::Leaf(doc)) => return Err(type_mismatch(name, &doc)),
            };
            self.globals(&table, into, path)?;
            self.chart(child, &table, path)?;
        }
        Ok(())
    }

    /// Lays the chart's own values under those in `into`.
    fn own_values(
        &mut self,
        chart: &impl ChartNode,
        into: &Table,
        path: Path<'_>,
    ) -> Result<(), Endless> {
        let own = Table::from_doc(chart.values());
        for (key, lower) in own.entries() {
            match into.get(&key) {
                None => {
                    if self.drops_nulls() {
                        if lower.is_null() {
                            continue;
                        }
                        if let Tree::Table(table) = &lower {
                            table.drop_nulls();
                        }
                    }
                    into.insert(&key, lower);
                }
                Some(upper) if upper.is_null() && !self.keep_nulls => into.remove(&key),
                Some(Tree::Leaf(_)) => {}
                Some(Tree::Table(upper)) => match &lower {
                    Tree::Table(lower) => {
                        // Nulls for a child chart must survive until its own turn.
                        let is_child = chart.below().iter().any(|child| child.name() == &*key);
                        let outer = self.keep_nulls;
                        self.keep_nulls |= is_child;
                        if self.drops_nulls() {
                            lower.drop_nulls();
                        }
                        self.tables(&upper, lower, Path::Below(&path, &key))?;
                        self.keep_nulls = outer;
                    }
                    Tree::Leaf(doc) if doc.is_null() => {}
                    Tree::Leaf(_) => {
                        self.warn(format_args!(
                            "warning: skipped value for {path}.{key}: Not a table."
                        ));
                    }
                },
            }
        }
        Ok(())
    }

    /// Hands the parent's globals down to a child.
    fn globals(&mut self, child: &Table, parent: &Table, path: Path<'_>) -> Result<(), Endless> {
        let child_globals = match child.get(GLOBAL) {
            None => Table::new(),
            Some(Tree::Table(table)) => table,
            Some(Tree::Leaf(_)) => {
                self.warn("warning: skipping globals because destination global is not a table.");
                return Ok(());
            }
        };
        let parent_globals = match parent.get(GLOBAL) {
            None => Table::new(),
            Some(Tree::Table(table)) => table,
            Some(Tree::Leaf(_)) => {
                self.warn("warning: skipping globals because source global is not a table.");
                return Ok(());
            }
        };
        for (key, item) in parent_globals.entries() {
            let known = child_globals.get(&key);
            match (&item, known) {
                (Tree::Table(table), None) => {
                    child_globals.insert(&key, Tree::Table(table.shallow_copy()));
                }
                (Tree::Table(table), Some(Tree::Table(known))) => {
                    // Here the parent wins, so the child's table goes under a copy of it.
                    let copy = table.shallow_copy();
                    let outer = std::mem::replace(&mut self.keep_nulls, true);
                    self.tables(&copy, &known, Path::Below(&path, &key))?;
                    self.keep_nulls = outer;
                    child_globals.insert(&key, Tree::Table(copy));
                }
                (Tree::Table(_), Some(Tree::Leaf(_))) => {
                    let shown = crate::golang::quote::quote(key.as_bytes());
                    self.warn(format_args!(
                        "Conflict: cannot merge map onto non-map for {shown}. Skipping."
                    ));
                }
                (Tree::Leaf(_), Some(Tree::Table(_))) => {
                    self.warn(format_args!("key {key} is table. Skipping"));
                }
                (Tree::Leaf(_), _) => child_globals.insert(&key, item),
            }
        }
        child.insert(&Arc::from(GLOBAL), Tree::Table(child_globals));
        Ok(())
    }

    /// Lays `lower` under `upper`, in place.
    fn tables(&mut self, upper: &Table, lower: &Table, path: Path<'_>) -> Result<(), Endless> {
        if self.depth > MAX_DEPTH {
            return Err(Endless);
        }
        // What was not null before the nulls from above were marked: only such a key is removed
        // by a null, while a null for a key unknown below stays.
        let mut known: Vec<Arc<str>> = Vec::new();
        for (key, item) in upper.nulls() {
            if lower.get(&key).is_some_and(|item| !item.is_null()) {
                known.push(key.clone());
            }
            lower.insert(&key, item);
        }
        for (key, below) in lower.entries() {
            let Some(above) = upper.get(&key) else {
                upper.insert(&key, below);
                continue;
            };
            if !self.keep_nulls && above.is_null() && known.contains(&key) {
                upper.remove(&key);
                continue;
            }
            let here = Path::Below(&path, &key);
            match (above.as_table(), below.as_table()) {
                (Some(above), Some(below)) => {
                    self.depth += 1;
                    self.tables(above, below, here)?;
                    self.depth -= 1;
                }
                (None, Some(_)) => {
                    let shown = shown(&below)?;
                    self.warn(format_args!(
                        "warning: cannot overwrite table with non table for {here} ({shown})"
                    ));
                }
                (Some(_), None) if !below.is_null() => {
                    let shown = shown(&below)?;
                    self.warn(format_args!(
                        "warning: destination for {here} is a table. Ignoring non-table value \
                         ({shown})"
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A value as `%v` prints it.
fn shown(tree: &Tree) -> Result<String, Endless> {
    let text = print::sprint(&from_doc(&tree.to_doc()?));
    Ok(String::from_utf8_lossy(text.as_bytes()).into_owned())
}

/// Helm formats the offending value with `%t`, which complains about anything but a boolean.
fn type_mismatch(name: &str, found: &Doc) -> Fault {
    let shown = verbs::sprintf(b"%t", &[from_doc(found)]);
    let shown = String::from_utf8_lossy(shown.as_bytes()).into_owned();
    Fault::new(FaultKind::Values, format!("type mismatch on {name}: {shown}")).at(found.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Metadata;
    use crate::json::write::{Options, to_json};
    use crate::source::SourceId;
    use crate::values::read::documents;

    /// A chart `t` with one chart `k` below, the user's values, and what Helm makes of them.
    struct Case {
        dependencies: &'static str,
        parent: &'static str,
        child: &'static str,
        user: &'static str,
        result: &'static str,
        log: &'static [&'static str],
    }

    fn chart(head: &str, values: &str, dependencies: Vec<Chart>) -> Chart {
        let read = |text: &str| documents(text.as_bytes(), SourceId::NONE).expect("good text");
        let mut metadata = Metadata::default();
        metadata.decode(&read(head)).expect("good metadata");
        Chart { metadata, values: read(values), dependencies, ..Chart::default() }
    }

    #[test]
    fn composes_as_helm() {
        let cases = [
            Case {
                dependencies: "",
                parent: "a: 1\nm: {x: 1, y: null}\nn: null\n",
                child: "",
                user: "m: {x: null, z: null}\na: null\nq: null\n",
                result: r#"{"k":{"global":{}},"m":{"z":null},"q":null}"#,
                log: &[],
            },
            Case {
                dependencies: "",
                parent: "k: {a: null, b: 2}\n",
                child: "a: 1\nb: 1\n",
                user: "",
                result: r#"{"k":{"a":1,"b":2,"global":{}}}"#,
                log: &[],
            },
            Case {
                dependencies: "",
                parent: "k: {b: 2}\n",
                child: "a: 1\nb: 1\n",
                user: "k: {a: null}\n",
                result: r#"{"k":{"b":2,"global":{}}}"#,
                log: &[],
            },
            Case {
                dependencies: "",
                parent: "global: {g: {p: 1}}\n",
                child: "global: {g: {p: 2, c: 3}, own: 1}\n",
                user: "",
                result: r#"{"global":{"g":{"p":1}},"k":{"global":{"g":{"c":3,"p":1},"own":1}}}"#,
                log: &[],
            },
            Case {
                dependencies: "",
                parent: "global: {a: {b: {c: 1}}}\n",
                child: "global: {a: {b: {d: 2}}}\n",
                user: "",
                result: r#"{"global":{"a":{"b":{"c":1,"d":2}}},"k":{"global":{"a":{"b":{"c":1,"d":2}}}}}"#,
                log: &[],
            },
            Case {
                dependencies: "",
                parent: "m: {t: {u: 1}}\ns: 1\n",
                child: "",
                user: "m: {t: 5}\ns: {v: 1}\n",
                result: r#"{"k":{"global":{}},"m":{"t":5},"s":{"v":1}}"#,
                log: &[
                    r#"level=INFO msg="warning: cannot overwrite table with non table for t.m.t (map[u:1])""#,
                    r#"level=INFO msg="warning: skipped value for t.s: Not a table.""#,
                ],
            },
            Case {
                dependencies: "dependencies:\n- name: k\n  version: \"*\"\n  condition: k.use,other\n",
                parent: "other: true\n",
                child: "use: \"yes\"\n",
                user: "",
                result: r#"{"k":{"global":{},"use":"yes"},"other":true}"#,
                log: &[r#"level=WARN msg="returned non-bool value" path=k.use chart=k"#],
            },
            Case {
                dependencies: "dependencies:\n- name: k\n  version: \"*\"\n  condition: k.use\n",
                parent: "",
                child: "use: false\n",
                user: "",
                result: "{}",
                log: &[],
            },
            Case {
                dependencies: "dependencies:\n- name: k\n  version: \"*\"\n  tags: [x, w]\n",
                parent: "tags: {x: false, w: 1}\n",
                child: "a: 1\n",
                user: "",
                result: r#"{"tags":{"w":1,"x":false}}"#,
                log: &[r#"level=WARN msg="returned non-bool value" tag=w chart=k"#],
            },
            Case {
                dependencies: "dependencies:\n- name: k\n  version: \"*\"\n  alias: al\n",
                parent: "k: {a: 5}\nal: {b: 6}\n",
                child: "a: 1\n",
                user: "",
                result: r#"{"al":{"a":1,"b":6,"global":{}},"k":{"a":5}}"#,
                log: &[],
            },
            Case {
                dependencies: "dependencies:\n- name: k\n  version: \"*\"\n  import-values:\n  - data\n  - child: d.e\n    parent: x.w\n  - nope\n",
                parent: "p: 0\nx: {w: {f: 9}}\n",
                child: "exports: {data: {p: 1, q: 2}}\nd: {e: {f: 1, g: 2}}\n",
                user: "",
                result: r#"{"k":{"d":{"e":{"f":1,"g":2}},"exports":{"data":{"p":1,"q":2}},"global":{}},"p":0,"q":2,"x":{"w":{"f":9,"g":2}}}"#,
                log: &[
                    r#"level=WARN msg="ImportValues missing table" error="\"nope\" is not a table""#,
                ],
            },
            Case {
                dependencies: "",
                parent: "k: 5\n",
                child: "a: 1\n",
                user: "",
                result: "Error: type mismatch on k: %!t(float64=5)",
                log: &[],
            },
            Case {
                dependencies: "dependencies:\n- name: k\n  version: \"*\"\n",
                parent: "k: [true]\n",
                child: "a: 1\n",
                user: "",
                result: "Error: chart dependencies processing failed: type mismatch on k: [true]",
                log: &[
                    r#"level=ERROR msg="chart dependencies processing failed" error="type mismatch on k: [true]""#,
                ],
            },
        ];
        for case in cases {
            let child = chart("name: k\nversion: 0.1.0\n", case.child, vec![]);
            let head = format!("name: t\nversion: 0.1.0\n{}", case.dependencies);
            let mut chart = chart(&head, case.parent, vec![child]);
            let user = documents(case.user.as_bytes(), SourceId::NONE).expect("good text");
            let mut log = Vec::new();
            let result = match compose(&mut chart, &user, &mut log) {
                Ok(done) => {
                    let options = Options { escape_html: false, indent: false };
                    let json = to_json(&from_doc(&done.values), options).expect("finite");
                    String::from_utf8(json).expect("text")
                }
                Err(error) => format!("Error: {error}"),
            };
            assert_eq!(result, case.result, "{} {}", case.parent, case.user);
            assert_eq!(log, case.log, "{} {}", case.parent, case.user);
        }
    }
}
