//! Hostile inputs: each must end in one clear error or in a render, without a panic, and in
//! bounded time and memory.

use std::io::Read as _;

use crate::support::{MemoryHost, run};

/// A chart of one template and one values file.
fn chart(template: &[u8], values: &[u8]) -> MemoryHost {
    let host = MemoryHost::new();
    host.put("h/Chart.yaml", b"apiVersion: v2\nname: h\nversion: 0.1.0\n");
    host.put("h/templates/t.yaml", template);
    host.put("h/values.yaml", values);
    host
}

/// Renders, and looks for a part of the error.
fn fails(name: &str, host: &MemoryHost, args: &[&str], part: &str) {
    let args: Vec<&str> = ["template", "r", "h"].iter().chain(args).copied().collect();
    let output = run(host, &args);
    assert_eq!((output.code, output.out.as_slice()), (1, &b""[..]), "{name}: {}", output.err);
    assert!(output.err.contains(part), "{name}: {}", output.err);
    let errors = output.err.lines().filter(|line| line.starts_with("Error: ")).count();
    assert_eq!(errors, 1, "{name}: {}", output.err);
}

#[test]
fn values_files() {
    let laughs: String = (1..10)
        .map(|level| {
            let aliases = vec![format!("*a{}", level - 1); 9].join(",");
            format!("a{level}: &a{level} [{aliases}]\n")
        })
        .collect();
    let merges: String = (1..25)
        .map(|level| {
            let before = level - 1;
            format!("a{level}: &a{level} {{<<: [*a{before}, *a{before}], k{level}: *a{before}}}\n")
        })
        .collect();
    let blocks: String = (0..3000).map(|level| " ".repeat(level) + "a:\n").collect();
    let table: [(&str, Vec<u8>, &str); 10] = [
        ("lists", ["a: ", &"[".repeat(100_000)].concat().into(), "exceeded max depth"),
        ("maps", ["a: ", &"{a: ".repeat(50_000)].concat().into(), "exceeded max depth"),
        ("blocks", blocks.into(), "exceeded max depth"),
        (
            "laughs",
            ["a0: &a0 [x,x,x,x,x,x,x,x,x]\n", &laughs].concat().into(),
            "excessive aliasing",
        ),
        ("merges", ["a0: &a0 {x: 1}\n", &merges].concat().into(), "excessive aliasing"),
        ("itself", b"a: &a [*a]\n".to_vec(), "value contains itself"),
        ("NUL", b"a: \"\0\"\n".to_vec(), "control characters are not allowed"),
        ("not UTF-8", b"a: \xff\xfe\n".to_vec(), "invalid leading UTF-8 octet"),
        ("no anchor", b"a: *b\n".to_vec(), "unknown anchor"),
        ("open quote", b"a: 'b\n".to_vec(), "found unexpected end of stream"),
    ];
    for (name, values, part) in table {
        fails(name, &chart(b"a: {{ .Values.a | toJson }}\n", &values), &[], part);
    }
}

#[test]
fn templates() {
    let deep = [b"{{ ".to_vec(), b"(".repeat(100_000), b"1".to_vec()].concat();
    let text_limit = "rendered text exceeds the limit of 268435456 bytes";
    let walk_limit = "functions walk over more than 50000000 values";
    let table: [(&str, &[u8], &str); 26] = [
        ("parentheses", &deep, "max expression depth exceeded"),
        ("blocks", &b"{{ if true }}".repeat(20_000), "max block depth exceeded"),
        ("words", &[b"{{ ".to_vec(), b"a ".repeat(100_000)].concat(), "\"a\" not defined"),
        ("include", b"{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}", "nested reference"),
        ("template", b"{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}", "maximum template depth"),
        ("tpl", b"{{ tpl .Values.a . }}", "tpl is nested more than"),
        ("until", b"{{ range until 9223372036854775807 }}{{ end }}", text_limit),
        ("untilStep", b"{{ untilStep 0 9223372036854775807 1 | len }}", text_limit),
        ("seq", b"{{ seq 1 9999999999999 }}", text_limit),
        ("repeat", b"{{ repeat 9223372036854775807 \"a\" }}", text_limit),
        ("repeated repeat", b"{{ repeat 100000 (repeat 100000 \"abc\") | len }}", text_limit),
        ("indent", b"{{ indent 9999999999 \"a\" }}", text_limit),
        ("random", b"{{ randAlphaNum 9999999999 | len }}", text_limit),
        ("replace", b"{{ $s := \"x\" }}{{ range until 64 }}{{ $s = replace \"x\" \"xxxxxxxxxxxxxxxx\" $s }}{{ end }}", text_limit),
        ("range", b"{{ range until 100000 }}{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}{{ end }}", text_limit),
        ("shared in JSON", b"{{ $s := list 1 }}{{ range until 64 }}{{ $s = list $s $s }}{{ end }}{{ toJson $s }}", walk_limit),
        ("shared in YAML", b"{{ $s := list 1 }}{{ range until 64 }}{{ $s = list $s $s }}{{ end }}{{ toYaml $s }}", walk_limit),
        ("shared in pretty YAML", b"{{ $s := list 1 }}{{ range until 64 }}{{ $s = list $s $s }}{{ end }}{{ toYamlPretty $s }}", walk_limit),
        ("a map in itself", b"{{ $d := dict }}{{ $_ := set $d \"a\" $d }}{{ $d }}", "contains itself"),
        ("its copy", b"{{ $d := dict }}{{ $_ := set $d \"a\" $d }}{{ $e := deepCopy $d }}{{ len $e }}", "nested more than"),
        ("NUL", b"a: \"\0\"\n", "control characters are not allowed"),
        ("not UTF-8", b"a: \"\xff\xfe\"\n", "invalid leading UTF-8 octet"),
        ("deep output", b"a: {{ repeat 50000 \"[\" }}{{ repeat 50000 \"]\" }}\n", "exceeded max depth"),
        ("regex", b"{{ mustRegexMatch \"(a{1000}){1000}\" \"a\" }}", "invalid repeat count"),
        ("version", b"{{ semver (repeat 100000 \"1.\") }}", "invalid semantic version"),
        ("number", b"{{ 99999999999999999999 }}", "parse error at (h/templates/t.yaml:1)"),
    ];
    for (name, template, part) in table {
        fails(name, &chart(template, b"a: '{{ tpl .Values.a . }}'\n"), &[], part);
    }
}

#[test]
fn flags_and_schemas() {
    let host = chart(b"a: {{ .Values.a | toJson }}\n", b"a: 1\n");
    let deep = format!("a{}=1", ".a".repeat(5000));
    let braces = format!("a={}", "{".repeat(50_000));
    fails("depth", &host, &["--set", &deep], "nested level is greater");
    fails("index", &host, &["--set", "a[999999999]=1"], "greater than maximum supported index");
    fails("braces", &host, &["--set", &braces], "list must terminate");
    let not = ["{\"not\":".repeat(50_000), "{}".into(), "}".repeat(50_000)].concat();
    // Each definition tries the next one twice.
    let next = |at: usize| format!(r##"{{"$ref":"#/definitions/a{}"}}"##, at + 1);
    let twice = |at: usize| format!(r#""a{at}":{{"anyOf":[{0},{0}]}}"#, next(at));
    let all: Vec<String> = (0..40).map(twice).collect();
    let branches = format!(
        r##"{{"$ref":"#/definitions/a0","definitions":{{{},"a40":{{"type":"string"}}}}}}"##,
        all.join(",")
    );
    for (name, schema, part) in [
        ("loop", r##"{"$ref":"#"}"##, "reference cycle"),
        ("loops", r##"{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}"##, "reference cycle"),
        ("branches", &branches, "takes too long"),
        ("deep", &not, "exceeded max depth"),
        ("pattern", r#"{"properties":{"a":{"pattern":"(a{1000}){1000}"}}}"#, "not valid regex"),
        ("broken", "{", "unexpected EOF"),
    ] {
        host.put("h/values.schema.json", schema.as_bytes());
        fails(name, &host, &[], part);
    }
}

/// The first file that is too much is named.
#[test]
fn folders() {
    let host = chart(b"a: 1\n", b"");
    for name in ["a", "b", "c"] {
        host.put(&format!("h/files/{name}"), &vec![0; 40 << 20]);
    }
    for name in 0..100 {
        host.put(&format!("h/more/{name}"), b"x");
    }
    let part = "error reading files/c: chart exceeds maximum decompressed size of 104857600 bytes";
    fails("folder", &host, &[], part);
}

/// A zipped archive of entries: names and how many zeros each holds.
fn archive(entries: impl Iterator<Item = (String, u64)>) -> Vec<u8> {
    let level = flate2::Compression::fast();
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), level));
    let chart = "apiVersion: v2\nname: h\nversion: 0.1.0\n";
    let mut header = tar::Header::new_gnu();
    header.set_size(chart.len() as u64);
    tar.append_data(&mut header, "h/Chart.yaml", chart.as_bytes()).expect("an entry");
    for (name, size) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        tar.append_data(&mut header, name, std::io::repeat(0).take(size)).expect("an entry");
    }
    tar.into_inner().expect("an end").finish().expect("bytes")
}

#[test]
fn archives() {
    let host = MemoryHost::new();
    let bomb = archive([("h/zeros".to_owned(), 101 << 20)].into_iter());
    let names = archive((0..3).map(|at| (format!("h/{}", "n".repeat((70 << 20) + at)), 0)));
    let many = archive((0..100_001).map(|at| (format!("h/{at}"), 0)));
    assert!(bomb.len() < 1 << 20 && names.len() < 4 << 20 && many.len() < 4 << 20);
    for (name, bytes, part) in [
        ("bomb", bomb, "larger than the maximum size 104857600"),
        ("names", names, "larger than the maximum size 104857600"),
        ("many", many, "more than 100000 entries"),
    ] {
        host.put("h.tgz", &bytes);
        let output = run(&host, &["show", "chart", "h.tgz"]);
        assert_eq!((output.code, output.out.as_slice()), (1, &b""[..]), "{name}");
        assert_eq!(output.err.lines().count(), 1, "{name}: {}", output.err);
        // As a chart below another.
        let parent = chart(b"a: 1\n", b"");
        parent.put("h/charts/h.tgz", &bytes);
        fails(name, &parent, &[], part);
    }
}

#[test]
fn limits_have_flags() {
    let nested = b"{{ define \"x\" }}{{ if . }}{{ template \"x\" (rest .) }}{{ end }}{{ end }}{{ template \"x\" (until 50) }}";
    let table: [(&str, &[u8], &[&str], &str); 4] = [
        (
            "output",
            b"# {{ repeat 3000 \"a\" }}",
            &["--limit-output", "2Ki"],
            "exceeds the limit of 2048 bytes (--limit-output)",
        ),
        (
            "steps",
            b"{{ range until 2000 }}{{ end }}",
            &["--limit-steps", "1000"],
            "more than 1000 steps (--limit-steps)",
        ),
        (
            "walks",
            b"# {{ until 3000 | toJson | len }}",
            &["--limit-steps", "1000"],
            "more than 2500 values (--limit-steps)",
        ),
        ("depth", nested, &["--limit-depth", "40"], "nested more than 40 deep (--limit-depth)"),
    ];
    for (name, template, args, part) in table {
        let host = chart(template, b"");
        fails(name, &host, args, part);
        assert_eq!(run(&host, &["template", "r", "h"]).code, 0, "{name}");
    }
    let host = chart(b"a: 1\n", b"");
    fails("no size", &host, &["--limit-output", "much"], "a size such as 100Mi or 2Gi is expected");
    fails("no time", &host, &["--limit-time", "5"], "a time such as 30s or 5m is expected");
}

#[test]
fn odd_but_fine() {
    for (template, values, want) in [
        (&b"a: b\r\nkind: X\r\n"[..], &b"a: 1\r\n"[..], "a: b"),
        (b"\xef\xbb\xbfa: {{ .Values.a }}\n", b"\xef\xbb\xbfa: 1\n", "a: 1"),
        (b"{{ $d := dict }}{{ $_ := set $d \"a\" $d }}a: {{ toJson $d }}\n", b"", "a:"),
        (b"a: {{ regexMatch \"(a*)*b\" (repeat 50000 \"a\") }}\n", b"", "a: false"),
    ] {
        let output = run(&chart(template, values), &["template", "r", "h"]);
        assert_eq!((output.code, output.err.as_str()), (0, ""));
        let text = String::from_utf8_lossy(&output.out);
        assert!(text.contains(want), "{text}");
    }
}
