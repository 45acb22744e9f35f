//! `--coverage`: what tests reach of a chart's templates and values.

use crate::support::{MemoryHost, Output, run};

fn text(output: &Output) -> String {
    let lines = String::from_utf8_lossy(&output.out).into_owned();
    lines.split_once("\nCoverage").map_or(lines.clone(), |(_, rest)| format!("Coverage{rest}"))
}

fn host() -> MemoryHost {
    let host = MemoryHost::new();
    host.put("web/Chart.yaml", b"apiVersion: v2\nname: web\nversion: 1.0.0\n");
    host.put(
        "web/values.yaml",
        b"replicas: 1\nimage: {name: web, tag: ''}\nextra: {a: 1, b: 2}\nlabels: {x: y}\nold: 1\n",
    );
    host.put(
        "web/templates/_h.tpl",
        b"{{ define \"web.image\" -}}\n{{ .Values.image.name }}\n\
          {{- with .Values.image.tag }}:{{ . }}{{ end }}\n{{- end }}\n\
          {{ define \"web.unused\" }}\nx: {{ .Values.extra.b }}\n{{ end }}\n",
    );
    host.put(
        "web/templates/a.yaml",
        b"# A comment\nkind: A\nlabels: {{ toJson .Values.labels }}\n\
          {{- if gt (int .Values.replicas) 1 }}\nmany: {{ .Values.extra.a }}\n\
          {{- else }}\none: {{ include \"web.image\" . }}\n{{- end }}\n\
          {{ tpl \"{{ if true }}t: 1{{ end }}\" . }}\n",
    );
    host.put("web/templates/b.yaml", b"kind: B\n");
    host.put(
        "web/tests/a_test.yaml",
        b"suite: a\ntemplates: [a.yaml]\ntests:\n- it: has one\n  asserts:\n  \
          - equal: {path: one, value: web}\n",
    );
    host
}

#[test]
fn suites_say_what_they_reach() {
    let output = run(&host(), &["unittest", "web", "--coverage"]);
    insta::assert_snapshot!(text(&output), @"
    Coverage                         lines          branches         templates
    web/templates/_h.tpl       2/3  66.6 %       1/2  50.0 %       1/2  50.0 %
    web/templates/a.yaml       5/6  83.3 %       1/2  50.0 %       1/1 100.0 %
    web/templates/b.yaml       0/1   0.0 %                 -       0/1   0.0 %
    all templates             7/10  70.0 %       2/4  50.0 %       2/4  50.0 %
    web/values.yaml            4/7  57.1 %  of the values

    Never rendered
      web/templates/b.yaml

    web/templates/_h.tpl
      line 6: never reached
      line 3: with never holds
      line 5: web.unused is never used

    web/templates/a.yaml
      line 5: never reached
      line 4: if never holds

    web/values.yaml
      line 3: extra is never read
      line 5: old is read by no template
    ");
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    let plain = run(&host(), &["unittest", "web"]);
    assert!(!String::from_utf8_lossy(&plain.out).contains("Coverage"));
}

#[test]
fn too_little_has_an_exit_code_of_its_own() {
    let least = |args: &[&str]| run(&host(), &[&["unittest", "web"], args].concat());
    assert_eq!(least(&["--coverage-min", "70"]).code, 0);
    let short = least(&["--coverage-min", "70.1", "--coverage-min", "values=90%"]);
    assert_eq!(short.code, 3);
    assert_eq!(
        short.err,
        "Error: 70.0 % of the lines are covered (7 of 10), --coverage-min wants 70.1 %\n       \
         57.1 % of the values are covered (4 of 7), --coverage-min wants 90 %\n"
    );
    let host = host();
    host.put("web/templates/a.yaml", b"kind: A\n");
    assert_eq!(run(&host, &["unittest", "web", "--coverage-min", "100"]).code, 1, "failed");
    for (args, why) in [
        (["--coverage-min", "words=3"], "--coverage-min words=3: \"words\" is not measured: "),
        (["--coverage-min", "123"], "--coverage-min 123: \"123\" is no percentage from 0 to 100"),
        (["--coverage-format", "html"], "--coverage-format \"html\" is unknown: text, lcov, "),
        (["--coverage-output", "x.y"], "--coverage-output x.y: the name says no form; add "),
    ] {
        let output = least(&args);
        assert!(output.code == 1 && output.err.contains(why), "{}", output.err);
    }
}

#[test]
fn files_for_other_programs() {
    let host = host();
    assert_eq!(run(&host, &["unittest", "web", "--coverage-format", "lcov"]).code, 0);
    let lcov = host.text("lcov.info").expect("written");
    assert!(lcov.contains("SF:web/templates/a.yaml\n") && lcov.contains("DA:5,0\n"), "{lcov}");
    assert!(lcov.contains("FN:5,web.unused\n") && lcov.contains("FNDA:1,web.image\n"), "{lcov}");
    assert_eq!(run(&host, &["unittest", "web", "--coverage-output", "out/c.xml"]).code, 0);
    let xml = host.text("out/c.xml").expect("written");
    assert!(xml.contains("lines-covered=\"7\" lines-valid=\"10\""), "{xml}");
}

#[test]
fn native_charts_are_counted_by_regions() {
    let host = MemoryHost::new();
    host.put("nat/Chart.yaml", b"apiVersion: v2\nname: nat\nversion: 1.0.0\n");
    host.put("nat/values.yaml", b"open: false\nports: {http: 80}\nold: 1\n");
    host.put(
        "nat/templates/a.yaml.j2",
        b"{% macro never() %}\nx: 1\n{% endmacro %}\nkind: A\nports:\n  {{ values.ports }}\n\
          {% if values.open %}\nopen: true\n{% endif %}\nlast: 1\n",
    );
    host.put(
        "nat/tests/a_test.yaml",
        b"suite: a\ntests:\n- it: is A\n  asserts:\n  - isKind: {of: A}\n",
    );
    let output = run(&host, &["unittest", "nat", "--coverage"]);
    insta::assert_snapshot!(text(&output), @"
    Coverage                            lines          branches         templates
    nat/templates/a.yaml.j2       5/7  71.4 %       1/2  50.0 %       1/2  50.0 %
    all templates                 5/7  71.4 %       1/2  50.0 %       1/2  50.0 %
    nat/values.yaml               2/3  66.6 %  of the values

    nat/templates/a.yaml.j2
      lines 2, 8: never reached
      line 7: if never holds
      line 1: never is never used

    nat/values.yaml
      line 3: old is read by no template
    ");
    assert_eq!(output.code, 0);
}

/// Counting changes nothing of what the shipped charts render.
#[test]
fn the_shipped_charts_can_be_counted() {
    for chart in rhumb::models::CHARTS {
        let host = MemoryHost::new();
        host.put_folder(&format!("charts/{chart}"), chart);
        let output = run(&host, &["unittest", chart, "--coverage"]);
        let text = text(&output);
        assert_eq!(output.code, 0, "{text}");
        let all = text.lines().find(|line| line.starts_with("all templates")).expect("a total");
        assert!(!all.contains(" 0.0 %"), "{text}");
    }
}
