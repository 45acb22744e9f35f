//! Documents say what is: tables of values, lists of layers, examples.

use std::path::Path;

use crate::support::{MemoryHost, run};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_value_of_a_shipped_chart_is_described() {
    for chart in rhumb::models::CHARTS {
        let values = read(&format!("charts/{chart}/values.yaml"));
        for row in rhumb::values::describe::describe(values.as_bytes()).expect("YAML") {
            assert!(!row.text.is_empty(), "{chart}: {} has no comment", row.path);
        }
    }
}

#[test]
fn the_tables_in_the_readmes_are_current() {
    for chart in rhumb::models::CHARTS {
        let output = run(&MemoryHost::new(), &["docs", chart]);
        let table = String::from_utf8(output.out).expect("UTF-8");
        let readme = read(&format!("charts/{chart}/README.md"));
        let marked = format!("<!-- values -->\n{table}<!-- /values -->\n");
        assert!(readme.contains(&marked), "run `rhumb docs charts/{chart} --write`");
    }
}

#[test]
fn the_readmes_name_every_layer() {
    for chart in rhumb::models::CHARTS {
        let readme = read(&format!("charts/{chart}/README.md"));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("values").join(chart);
        for entry in std::fs::read_dir(folder).expect("layers") {
            let name = entry.expect("entry").file_name().into_string().expect("UTF-8");
            let name = name.trim_end_matches(".yaml");
            assert!(readme.contains(name), "{chart}: {name}");
        }
    }
}

#[test]
fn a_table_is_written_between_its_marks() {
    let host = MemoryHost::new();
    host.put("web/Chart.yaml", b"apiVersion: v2\nname: web\nversion: 0.1.0\n");
    host.put("web/values.yaml", b"# How many.\ncount: 3\n");
    host.put("web/README.md", b"# web\n");
    let refused = run(&host, &["docs", "web", "--write"]);
    assert!(refused.err.contains("README.md has no place for the table"), "{}", refused.err);
    host.put("web/README.md", b"# web\n<!-- values -->\nold\n<!-- /values -->\nend\n");
    assert_eq!(run(&host, &["docs", "web", "--write"]).code, 0);
    let table =
        "| Value | Default | What it is |\n| --- | --- | --- |\n| `count` | `3` | How many. |\n";
    let expected = format!("# web\n<!-- values -->\n{table}<!-- /values -->\nend\n");
    assert_eq!(host.text("web/README.md"), Some(expected));
}

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = read("README.md");
    let host = MemoryHost::new();
    host.put(
        "my.yaml",
        b"replicaCount: 2\npodDisruptionBudget: {minAvailable: 1}\nserver: {port: 9059}\n",
    );
    let printed = String::from_utf8(run(&host, &["charts"]).out).expect("UTF-8");
    assert!(readme.contains(&format!("$ rhumb charts\n{printed}")), "{printed}");
    let command = "template ojp-server ojp-server -n ojp -f my.yaml --notes";
    let notes = run(&host, &command.split_whitespace().collect::<Vec<_>>()).err;
    assert!(readme.contains(&format!("$ rhumb {command} > ojp.yaml\n{notes}")), "{notes}");
}

#[test]
fn every_macro_of_the_library_is_documented() {
    let document = read("docs/native-charts.md");
    for (name, text) in rhumb::jinja::library::FILES {
        assert!(document.contains(&format!("`{name}`")), "{name}");
        for line in text.lines() {
            let Some(signature) = line.strip_prefix("{% macro ") else { continue };
            let name = signature.split('(').next().unwrap_or_default();
            assert!(document.contains(&format!("`{name}(")), "{name}");
        }
    }
}
