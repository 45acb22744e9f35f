//! Laws that hold for all values, tried on generated ones: what is written reads back the same,
//! layers of values may be merged step by step, and flags say what they were made from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::support::{MemoryHost, run};

/// The same numbers every time (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A text of pieces that YAML, JSON and flags treat in ways of their own.
    fn text(&mut self) -> String {
        const PIECES: [&str; 40] = [
            "",
            "a",
            "b c",
            "é",
            "日本",
            "🙂",
            ":",
            ": ",
            " #",
            "#",
            "- ",
            "-",
            "---",
            "\n",
            "\n\n",
            "\t",
            " ",
            "'",
            "\"",
            "\\",
            "{",
            "}",
            "[",
            "]",
            ",",
            "&x",
            "*x",
            "!t",
            "|",
            ">",
            "%",
            "@",
            "`",
            "null",
            "true",
            "yes",
            "0x1F",
            "1e3",
            "007",
            "2024-01-02",
        ];
        (0..self.below(4)).map(|_| self.pick(&PIECES)).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth > 3 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(100_000) as f64 / 8.0 - 3.0),
            3 | 4 => json!(self.text()),
            5 => (0..self.below(4)).map(|_| self.value(depth + 1)).collect(),
            _ => Value::Object(self.map(depth + 1)),
        }
    }

    fn map(&mut self, depth: usize) -> Map<String, Value> {
        (0..self.below(4)).map(|_| (self.text(), self.value(depth))).collect()
    }
}

fn chart(template: &str, values: &str) -> MemoryHost {
    let host = MemoryHost::new();
    host.put("c/Chart.yaml", b"apiVersion: v2\nname: c\nversion: 0.1.0\n");
    host.put("c/templates/t.yaml", template.as_bytes());
    host.put("c/values.yaml", values.as_bytes());
    host
}

fn output(host: &MemoryHost, args: &[&str]) -> String {
    let output = run(host, args);
    assert_eq!((output.code, output.err.as_str()), (0, ""), "{args:?}");
    String::from_utf8_lossy(&output.out).into_owned()
}

#[test]
fn what_is_written_reads_back_the_same() {
    let mut chance = Chance(1);
    let values: Vec<Value> = (0..3000).map(|_| chance.value(0)).collect();
    // Helm itself cannot read back all that `toYamlPretty` writes, so it is not here.
    // A last key, because `toYaml` cuts the last line's end, which may belong to a text.
    let mut template = String::from("{{ range .Values.all }}{{ $it := dict \"v\" . \"z\" 1.5 }}");
    for round in [
        "$it | toYaml | fromYaml",
        "$it | toJson | fromYaml",
        "$it | toJson | fromJson",
        "$it | toPrettyJson | fromJson",
        "dict \"z\" 1.5 \"v\" (list . 1 | toYaml | fromYamlArray | first)",
        "$it | deepCopy",
        "$it | toYaml | indent 3 | fromYaml",
    ] {
        let _ = write!(
            template,
            "{{{{ if ne ({round} | toJson) (toJson $it) }}}}# {round}: {{{{ toJson . }}}}\n{{{{ end }}}}"
        );
    }
    template.push_str("{{ end }}");
    let values = json!({ "all": values }).to_string();
    assert_eq!(output(&chart(&template, &values), &["template", "c"]).trim(), "");
}

#[test]
fn layers_merge_step_by_step() {
    let mut chance = Chance(2);
    for _ in 0..150 {
        // Few keys, so that layers meet.
        let mut layer = |name: &str, host: &MemoryHost| {
            let mut map = BTreeMap::new();
            for _ in 0..chance.below(5) {
                let inner = json!({ chance.pick(&["x", "y"]): chance.value(2) });
                let value = if chance.below(2) == 0 { inner } else { chance.value(2) };
                map.insert(chance.pick(&["k", "l", "m"]).to_owned(), value);
            }
            host.put(name, json!(map).to_string().as_bytes());
        };
        let host = chart("{{ toJson .Values }}", "");
        layer("a.yaml", &host);
        layer("b.yaml", &host);
        layer("d.yaml", &host);
        host.put("none.yaml", b"");
        let merged = |files: &[&str]| {
            let mut args = vec!["template", "c"];
            args.extend(files.iter().flat_map(|file| ["-f", file]));
            let text = output(&host, &args);
            text.lines().last().unwrap_or_default().to_owned()
        };
        let all = merged(&["a.yaml", "b.yaml", "d.yaml"]);
        host.put("ab.yaml", merged(&["a.yaml", "b.yaml"]).as_bytes());
        assert_eq!(merged(&["ab.yaml", "d.yaml"]), all);
        let alone = merged(&["a.yaml"]);
        assert_eq!(merged(&["a.yaml", "a.yaml"]), alone);
        assert_eq!(merged(&["a.yaml", "none.yaml"]), alone);
        assert_eq!(merged(&["none.yaml", "a.yaml"]), alone);
        // As the chart's own values they are the same, but for nulls.
        host.put("c/values.yaml", alone.as_bytes());
        if !alone.contains("null") {
            assert_eq!(merged(&["none.yaml"]), alone);
        }
    }
}

/// A text with a backslash before each byte that the grammar of `--set` would read.
fn escaped(text: &str, special: &[char]) -> String {
    text.chars().fold(String::new(), |mut all, c| {
        if special.contains(&c) {
            all.push('\\');
        }
        all.push(c);
        all
    })
}

#[test]
fn flags_say_what_they_were_made_from() {
    let mut chance = Chance(3);
    for _ in 0..400 {
        let mut want = json!({});
        let mut flags = Vec::new();
        for at in 0..=chance.below(4) {
            // Each flag has a key of its own first, so that none overwrites another.
            let mut path = vec![format!("k{at}")];
            let deeper = (0..chance.below(3)).map(|_| chance.text()).filter(|key| !key.is_empty());
            path.extend(deeper.collect::<Vec<_>>());
            let text = chance.text();
            let keys: Vec<String> =
                path.iter().map(|key| escaped(key, &['\\', '.', ',', '=', '['])).collect();
            let index = (chance.below(3) == 0).then(|| chance.below(3));
            let (flag, value) = match chance.below(3) {
                0 if !text.starts_with('{') => {
                    ("--set-string", (escaped(&text, &['\\', ',']), json!(text)))
                }
                1 => {
                    let value = chance.value(1);
                    ("--set-json", (value.to_string(), value))
                }
                _ => {
                    let items: Vec<String> = (0..=chance.below(3)).map(|_| chance.text()).collect();
                    let shown: Vec<String> =
                        items.iter().map(|item| escaped(item, &['\\', ',', '}'])).collect();
                    ("--set-string", (format!("{{{}}}", shown.join(",")), json!(items)))
                }
            };
            let (shown, mut value) = value;
            let place = index.map_or_else(String::new, |index| format!("[{index}]"));
            if let Some(index) = index {
                let mut list = vec![Value::Null; index];
                list.push(value);
                value = Value::Array(list);
            }
            for key in path[1..].iter().rev() {
                value = json!({ key.as_str(): value });
            }
            want[path[0].as_str()] = value;
            flags.extend([flag.to_owned(), format!("{}{place}={shown}", keys.join("."))]);
        }
        let host = chart("# {{ toJson .Values }}", "");
        let mut args = vec!["template", "c"];
        args.extend(flags.iter().map(String::as_str));
        let text = output(&host, &args);
        let json = text.lines().find_map(|line| line.strip_prefix("# {")).unwrap_or_default();
        let got: Value = serde_json::from_str(&format!("{{{json}")).expect("JSON");
        assert_eq!(floats(got), floats(want), "{flags:?}");
    }
}

/// Numbers as Helm keeps those of JSON.
fn floats(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.into_iter().map(floats).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, floats(value))).collect(),
        other => other,
    }
}
