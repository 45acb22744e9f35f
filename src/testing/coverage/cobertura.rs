//! Cobertura's XML: a package for each chart, a class for each template file.

use crate::coverage::{Coverage, FileCoverage, Measure, Ratio, ratio};
use crate::host::Host;
use crate::unittest::report::xml::Element;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE coverage SYSTEM \
                    \"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n";

pub(super) fn write(charts: &[&Coverage], host: &dyn Host) -> String {
    let (lines, branches) = (ratio(charts, Measure::Lines), ratio(charts, Measure::Branches));
    let mut root = rated(Element::new("coverage"), lines, branches)
        .with("lines-covered", lines.hit)
        .with("lines-valid", lines.total)
        .with("branches-covered", branches.hit)
        .with("branches-valid", branches.total)
        .with("complexity", 0)
        .with("version", format!("rhumb {}", env!("CARGO_PKG_VERSION")))
        .with("timestamp", host.now().0 * 1000);
    let mut sources = Element::new("sources");
    sources.push(Element::text("source", "."));
    root.push(sources);
    let mut packages = Element::new("packages");
    for chart in charts {
        let of = |measure| chart.ratio(measure);
        let mut package = rated(
            Element::new("package").with("name", &chart.chart),
            of(Measure::Lines),
            of(Measure::Branches),
        )
        .with("complexity", 0);
        let mut classes = Element::new("classes");
        chart.files.iter().for_each(|file| classes.push(class(file)));
        package.push(classes);
        packages.push(package);
    }
    root.push(packages);
    format!("{HEAD}{}", root.document())
}

fn class(file: &FileCoverage) -> Element {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let mut class = rated(
        Element::new("class").with("name", name).with("filename", &file.path),
        file.ratio(Measure::Lines),
        file.ratio(Measure::Branches),
    )
    .with("complexity", 0);
    let mut methods = Element::new("methods");
    for (named, count) in &file.templates {
        let rate = Ratio { hit: usize::from(*count > 0), total: 1 };
        let method = Element::new("method").with("name", &named.name).with("signature", "");
        let mut method = rated(method, rate, Ratio::default()).with("complexity", 0);
        let mut lines = Element::new("lines");
        lines.push(Element::new("line").with("number", named.line).with("hits", count));
        method.push(lines);
        methods.push(method);
    }
    class.push(methods);
    let mut lines = Element::new("lines");
    for (number, count) in &file.lines {
        let mut line = Element::new("line").with("number", number).with("hits", count);
        let ways = file.forks.iter().filter(|(fork, _)| fork.line == *number);
        let ways: Vec<u64> = ways.flat_map(|(_, ways)| *ways).collect();
        if !ways.is_empty() {
            let hit = ways.iter().filter(|count| **count > 0).count();
            let percent = hit * 100 / ways.len();
            line = line
                .with("branch", true)
                .with("condition-coverage", format!("{percent}% ({hit}/{})", ways.len()));
        }
        lines.push(line);
    }
    class.push(lines);
    class
}

/// With its rates, which are from 0 to 1.
fn rated(element: Element, lines: Ratio, branches: Ratio) -> Element {
    let rate = |ratio: Ratio| {
        let permille = ratio.permille();
        format!("{}.{:03}", permille / 1000, permille % 1000)
    };
    element.with("line-rate", rate(lines)).with("branch-rate", rate(branches))
}
