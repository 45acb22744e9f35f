//! `rhumb values`: merged values and where they came from.

use crate::support::{MemoryHost, run};

/// A chart with an aliased child, imports and globals.
fn umbrella() -> MemoryHost {
    let host = MemoryHost::new();
    host.put(
        "app/Chart.yaml",
        b"apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- {name: db, version: '*', alias: store, condition: store.enabled, import-values: [{child: exports.conn, parent: conn}]}\n",
    );
    host.put(
        "app/values.yaml",
        b"image: {tag: v1}\nstore:\n  size: 5\nglobal: {env: prod}\nold: 1\n",
    );
    host.put("app/charts/db/Chart.yaml", b"apiVersion: v2\nname: db\nversion: 0.1.0\n");
    host.put("app/charts/db/values.yaml", b"size: 1\nuser: \"x\"\nexports: {conn: {port: 5432}}\n");
    host.put("my.yaml", b"image:\n  tag: v2\nold: null\n");
    host
}

const FLAGS: [&str; 4] = ["-f", "my.yaml", "--set", "image.tag=v3"];

fn values(more: &[&str]) -> (i32, String, String) {
    let output = run(&umbrella(), &[&["values", "app"], &FLAGS[..], more].concat());
    (output.code, String::from_utf8_lossy(&output.out).into_owned(), output.err)
}

#[test]
fn merged_values_with_their_origins() {
    let (code, text, err) = values(&[]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(
        text,
        "conn:\n  port: 5432\nglobal:\n  env: prod\nimage:\n  tag: v3\nstore:\n  exports:\n    conn:\n      port: 5432\n  global:\n    env: prod\n  size: 5\n  user: x\n"
    );
    let (_, text, _) = values(&["--origin"]);
    for line in [
        "conn:\n  port: 5432      # app/charts/db/values.yaml:3:24 (import)\n",
        "global:\n  env: prod       # app/values.yaml:4:15 (chart default)\n",
        "  tag: v3         # --set image.tag=v3 (flag)\n",
        "  size: 5         # app/values.yaml:3:9 (chart default)\n",
        "  user: x         # app/charts/db/values.yaml:2:7 (subchart default)\n",
    ] {
        assert!(text.contains(line), "{line:?} in\n{text}");
    }
    let (_, text, _) = values(&["--origin", "-o", "json"]);
    assert!(text.contains("\"origin\": \"subchart default\""), "{text}");
}

#[test]
fn every_layer_has_its_word() {
    for (path, want) in [
        (
            "image.tag",
            "image.tag = \"v3\"\n  chart default  app/values.yaml:1:14  \"v1\"\n  file           my.yaml:2:8           \"v2\"\n* flag           --set image.tag=v3    \"v3\"\n",
        ),
        (
            "store.size",
            "store.size = 5\n  subchart default  app/charts/db/values.yaml:1:7  1\n* chart default     app/values.yaml:3:9            5\n",
        ),
        (
            "old",
            "old is not set\n  chart default  app/values.yaml:5:6  1\n  file           my.yaml:3:6          null\n",
        ),
    ] {
        let (code, text, err) = values(&["--why", path]);
        assert_eq!((code, text.as_str(), err.as_str()), (0, want, ""), "{path}");
    }
    let (code, _, err) = values(&["--why", "image.tga"]);
    assert_eq!(code, 1);
    assert!(err.contains("did you mean image.tag?"), "{err}");
}
