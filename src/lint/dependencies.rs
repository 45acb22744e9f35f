//! Rules for the charts below a chart.

use super::{Linter, rule};
use crate::chart::{Chart, load};
use crate::source::Sources;

impl Linter<'_> {
    pub(super) fn dependencies(&mut self) {
        let folder = self.folder.clone();
        let loaded = load::load_any(self.host, &Sources::new(), &folder, self.log);
        let chart = match loaded {
            Ok(chart) => chart,
            Err(why) => {
                let text = Err(format!("unable to load chart\n\t{why}"));
                self.check(&rule::LOADABLE, "", text);
                return;
            }
        };
        let path = folder.display().to_string();
        self.check(&rule::DEPENDENCY_UNLISTED, &path, unlisted(&chart));
        self.check(&rule::DEPENDENCY_TWICE, &path, twice(&chart));
        let missing = chart.missing_dependencies().join(",");
        let found = if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("chart directory is missing these dependencies: {missing}"))
        };
        self.check(&rule::DEPENDENCY_MISSING, &path, found);
    }
}

fn unlisted(chart: &Chart) -> Result<(), String> {
    let listed = chart.metadata.dependencies.as_deref().unwrap_or_default();
    let names: Vec<&str> = chart
        .dependencies
        .iter()
        .map(Chart::name)
        .filter(|name| !listed.iter().any(|it| it.name == *name))
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(format!("chart metadata is missing these dependencies: {}", names.join(",")))
}

fn twice(chart: &Chart) -> Result<(), String> {
    let mut seen = Vec::new();
    let mut again = Vec::new();
    for dependency in chart.metadata.dependencies.iter().flatten() {
        let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
        if seen.contains(&key) {
            again.push(key.as_str());
        }
        seen.push(key);
    }
    if again.is_empty() {
        return Ok(());
    }
    Err(format!("multiple dependencies with name or alias: {}", again.join(",")))
}
