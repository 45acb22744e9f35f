//! Native charts: Jinja templates over the same values, strict and safe for YAML.
//!
//! An undefined value is an error, a map or list is printed as YAML at the column of its tag,
//! a scalar is quoted where YAML would misread it. Templates see `values`, `release`, `chart`,
//! `capabilities`, `files` and `template`; no clock, environment, disk or randomness. Blind to
//! Go templates.

mod coverage;
mod fault;
mod filters;
mod format;
mod imports;
mod layout;
pub mod library;
mod sprig;
mod trace;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};

pub use coverage::{Covering, outline};

use crate::diag::nearest::nearest;
use crate::diag::{Fault, FaultKind, Result};
use crate::doc::Doc;
use crate::mapping::TextMap;
use crate::source::{SourceId, SourceKind, Sources};

/// Instructions that one template may execute before it is stopped.
const FUEL: u64 = 10_000_000;

/// What templates see.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The final values.
    pub values: Doc,
    /// `name`, `namespace`, `service`, `revision`, `isInstall`, `isUpgrade`.
    pub release: Doc,
    /// Chart.yaml with its own key names: `name`, `version`, `appVersion` …
    pub chart: Doc,
    /// `kubeVersion` (`version`, `major`, `minor`), `apiVersions` (a list), `helmVersion`.
    pub capabilities: Doc,
    /// The chart's other files by path, as a map from path to text.
    pub files: Doc,
}

/// A text that can be rendered or imported.
#[derive(Debug)]
struct File {
    text: Arc<str>,
    source: SourceId,
    is_yaml: bool,
}

/// The Jinja templates of one chart, with the library.
#[derive(Debug)]
pub struct Templates {
    env: Environment<'static>,
    files: Arc<HashMap<String, File>>,
    /// Instructions that one template may take.
    fuel: u64,
}

impl Templates {
    /// Takes the `*.j2` files of a chart by full template name (`chart/templates/a.yaml.j2`);
    /// each is compiled when it is first used.
    ///
    /// # Errors
    /// A file that is not UTF-8.
    pub fn new(files: &[(String, Bytes)], sources: &Sources) -> Result<Self> {
        let mut known = HashMap::with_capacity(files.len() + library::FILES.len());
        for (name, text) in library::FILES {
            let source = sources.add(SourceKind::Template, *name, text.as_bytes());
            let file = File { text: Arc::from(*text), source, is_yaml: layout::is_yaml(name) };
            known.insert((*name).to_owned(), file);
        }
        for (name, bytes) in files {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let at = error.valid_up_to();
                Fault::new(FaultKind::Parse, format!("{name} is not UTF-8 (byte {at})"))
            })?;
            let source = sources.add(SourceKind::Template, name, bytes.clone());
            let file = File { text: Arc::from(text), source, is_yaml: layout::is_yaml(name) };
            known.insert(name.clone(), file);
        }
        let files = Arc::new(known);
        Ok(Templates { env: environment(Arc::clone(&files), FUEL), files, fuel: FUEL })
    }

    /// Lets every template take `fuel` instructions.
    #[must_use]
    pub fn with_fuel(mut self, fuel: u64) -> Self {
        self.env.set_fuel(Some(fuel));
        self.fuel = fuel;
        self
    }

    /// Renders one template with marks in its text and gives what wrote each part of `text`, the
    /// same template rendered without.
    ///
    /// # Errors
    /// Those of [`Templates::render`].
    pub fn map(&self, name: &str, context: &Context, text: &[u8]) -> Result<TextMap> {
        let places = trace::Places::default();
        let mut env = environment(Arc::clone(&self.files), self.fuel);
        trace::install(&mut env, &places, &self.files);
        let traced = Templates { env, files: Arc::clone(&self.files), fuel: self.fuel };
        let (marked, record) = trace::record(|| traced.render(name, context));
        Ok(places.map(name, &marked?, &record, &self.files, text))
    }

    /// Renders one template.
    ///
    /// # Errors
    /// A template that does not parse; undefined values; whatever a filter refuses; a template
    /// that runs for too long. The fault carries the place and the chain of includes.
    pub fn render(&self, name: &str, context: &Context) -> Result<Vec<u8>> {
        let suggest = |path: &str| suggestion(path, context);
        let base = name.split_once("/templates/").map_or(name, |(chart, _)| chart);
        let template = Value::from_pairs([
            ("name", Value::from(name)),
            ("basePath", Value::from(format!("{base}/templates"))),
        ]);
        let root = Value::from_pairs([
            ("values", view::from_doc(&context.values)),
            ("release", view::from_doc(&context.release)),
            ("chart", view::from_doc(&context.chart)),
            ("capabilities", view::from_doc(&context.capabilities)),
            ("files", view::from_doc(&context.files)),
            ("template", template),
        ]);
        let rendered = self.env.get_template(name).and_then(|template| template.render(root));
        rendered.map(String::into_bytes).map_err(|error| self.fault(&error, &suggest))
    }

    /// The text that is compiled for a template, with every expression wrapped for its place.
    pub fn compiled_text(&self, name: &str) -> Option<String> {
        let file = self.files.get(name)?;
        Some(if file.is_yaml { layout::prepare(&file.text).text } else { file.text.to_string() })
    }
}

fn environment(files: Arc<HashMap<String, File>>, fuel: u64) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_debug(true);
    env.set_fuel(Some(fuel));
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .expect("the standard delimiters are valid");
    env.set_syntax(syntax);
    env.set_formatter(|out, _, value| {
        // What is undefined here is an `if` without `else`; the engine refuses all else before.
        if value.is_undefined() {
            return Ok(());
        }
        out.write_str(&format::scalar_text(value)?).map_err(Error::from)
    });
    env.set_path_join_callback(|name, parent| join(name, parent).into());
    env.set_loader(move |name| {
        Ok(file_to_load(&files, name)?.map(|file| {
            if file.is_yaml { layout::prepare(&file.text).text } else { file.text.to_string() }
        }))
    });
    filters::install(&mut env);
    env
}

/// The file of a name, if there is one and the engine bears it.
fn file_to_load<'f>(
    files: &'f HashMap<String, File>,
    name: &str,
) -> std::result::Result<Option<&'f File>, Error> {
    let file = files.get(name);
    file.map_or(Ok(()), |file| imports::check(name, &file.text))?;
    Ok(file)
}

/// The full name of an imported template: the library's as it is, others below the chart's own
/// `templates/`.
fn join(name: &str, parent: &str) -> String {
    let leaves = name.split('/').any(|step| step == "..");
    if leaves || name.starts_with("lib/") || name.contains("/templates/") {
        return name.to_owned();
    }
    match parent.rfind("/templates/") {
        Some(at) => {
            format!("{}/templates/{}", &parent[..at], name.strip_prefix("./").unwrap_or(name))
        }
        None => name.to_owned(),
    }
}

/// The nearest name that exists, for a dotted path that does not.
fn suggestion(path: &str, context: &Context) -> Option<String> {
    let mut steps = path.split('.');
    let first = steps.next()?;
    let mut at = match first {
        "values" => &context.values,
        "release" => &context.release,
        "chart" => &context.chart,
        "capabilities" => &context.capabilities,
        _ => return None,
    };
    let mut known = first.to_owned();
    for step in steps {
        let Some(map) = at.as_map() else {
            return Some(format!("{known} is {}", at.kind()));
        };
        let Some(next) = map.get(step) else {
            let near = nearest(step, map.keys().map(|key| &**key))?;
            return Some(format!("did you mean {known}.{near}?"));
        };
        at = next;
        known = format!("{known}.{step}");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::{DocMap, Node};
    use crate::source::Span;

    fn values(json: &str) -> Doc {
        fn doc(value: &serde_json::Value) -> Doc {
            match value {
                serde_json::Value::Null => Doc::null(),
                serde_json::Value::Bool(value) => Doc::new(Node::Bool(*value), Span::NONE),
                serde_json::Value::Number(value) => match value.as_i64() {
                    Some(whole) => Doc::new(Node::Int(whole), Span::NONE),
                    None => Doc::new(Node::Float(value.as_f64().unwrap()), Span::NONE),
                },
                serde_json::Value::String(text) => Doc::str(text.as_str()),
                serde_json::Value::Array(items) => Doc::list(items.iter().map(doc).collect()),
                serde_json::Value::Object(map) => {
                    let map = map.iter().map(|(key, item)| (Arc::from(&**key), doc(item)));
                    Doc::map(map.collect::<DocMap>())
                }
            }
        }
        doc(&serde_json::from_str(json).unwrap())
    }

    fn render(template: &str) -> Result<String> {
        let files = [
            ("c/templates/_part.j2".to_owned(), Bytes::from_static(b"a: 1\n{{ values.nope.x }}\n")),
            (
                "c/templates/_macros.j2".to_owned(),
                Bytes::from_static(b"{% macro labels(extra) %}\na: {{ values.name }}\nb: {{ extra }}\n{% endmacro %}\n"),
            ),
            ("c/templates/t.yaml.j2".to_owned(), Bytes::copy_from_slice(template.as_bytes())),
        ];
        let sources = Sources::new();
        let templates = Templates::new(&files, &sources).unwrap();
        let values = values(
            r#"{"name": "on", "size": 4194304, "half": 0.5, "yes": true, "nil": null,
                "map": {"b": 1, "a": {"c": [1, "2"]}}, "list": ["x", {"k": "v", "l": 2}],
                "empty": {}, "text": "one\ntwo\n", "ports": {"http": 80}}"#,
        );
        let context = Context { values, ..Context::default() };
        let text = templates.render("c/templates/t.yaml.j2", &context)?;
        Ok(String::from_utf8(text).unwrap())
    }

    #[test]
    fn values_fit_their_place() {
        let table = [
            ("a: {{ values.name }}\n", "a: \"on\"\n"),
            ("a: {{ values.size }} \n", "a: 4194304 \n"),
            ("a: {{ values.half }}{{ values.yes }}\n", "a: 0.5true\n"),
            ("a: \"{{ values.text }}\"\n", "a: \"one\\ntwo\\n\"\n"),
            (
                "a:\n  {{ values.map }}\nb: 1\n",
                "a:\n  a:\n    c:\n    - 1\n    - \"2\"\n  b: 1\nb: 1\n",
            ),
            ("a:\n  {{ values.list }}\n", "a:\n  - x\n  - k: v\n    l: 2\n"),
            ("a:\n  - {{ values.list[1] }}\n", "a:\n  - k: v\n    l: 2\n"),
            (
                "a: {{ values.map | toyaml | nindent(2) }}\n",
                "a: \n  a:\n    c:\n    - 1\n    - \"2\"\n  b: 1\n",
            ),
            ("a:\n  {{ values.empty }}\n", "a:\n  {}\n"),
            ("a: |\n  {{ values.text }}\nb: x\n", "a: |\n  one\n  two\nb: x\n"),
            ("a\n  {{ \"\" }}\nb\n", "a\nb\n"),
            ("{% if values.yes %}\na: 1\n{% endif %}\n", "a: 1\n"),
            (
                "{% from \"_macros.j2\" import labels %}\nm:\n  {{ labels(\"1\") }}\nn: 1\n",
                "m:\n  a: \"on\"\n  b: \"1\"\nn: 1\n",
            ),
            (
                "{% for k, v in values.ports.items() %}\n{{ k }}: {{ v }}\n{% endfor %}\n",
                "http: 80\n",
            ),
            ("a: {{ values.map | tojson }}\n", "a: {\"a\":{\"c\":[1,\"2\"]},\"b\":1}\n"),
            ("a: {{ get(\"map.a.z\", 3) }}\n", "a: 3\n"),
            ("a: {{ values.name | quote }}\n", "a: \"on\"\n"),
            (
                "a:\n  {{ {\"n\": values.size, \"h\": values.half} }}\n",
                "a:\n  h: 0.5\n  \"n\": 4194304\n",
            ),
            ("a: {{ [\"<\", 4 / 2] | tojson }}\n", "a: [\"\\u003c\",2]\n"),
            ("a: x{{ 1 if values.nil }}\n{{ 1 if values.nil }}\n", "a: x\n"),
            ("{{ values.map | merge({\"b\": 2}) | pick(\"b\") }}\n", "b: 2\n"),
        ];
        for (template, expected) in table {
            match render(template) {
                Ok(text) => assert_eq!(text, expected, "{template:?}"),
                Err(fault) => panic!("{template:?}: {fault} {:?}", fault.hints()),
            }
        }
    }

    #[test]
    fn functions_are_filters() {
        let table = [
            ("\"abcdef\" | trunc(3)", "abc"),
            ("\"x\" | b64encode", "eA=="),
            ("\"x\" | sha256 | trunc(8)", "2d711642"),
            ("\"1.2.3\" | semverCompare(\">=1.2\")", "true"),
            ("\"a1\" | regexMatch(\"^[a-z][0-9]$\")", "true"),
            ("values.map | haskey(\"b\")", "true"),
            ("values.map | dig(\"a\", \"z\", \"none\") ", "none"),
            ("(\"a: [1, 2]\" | fromyaml).a | length", "2"),
            ("3 | add(4)", "7"),
            ("values.list | by_key(\"k\") | length if false else 1", "1"),
            ("\"b\" | one_of(\"a\", \"b\")", "b"),
            ("5 | in_range(1, 9)", "5"),
            ("\"ab\" | matches(\"[a-b]+\")", "ab"),
            ("\"on\" | yaml_str", "\"on\""),
            ("\"90m\" | seconds", "5400"),
        ];
        for (expression, expected) in table {
            match render(&format!("a: {{{{ {expression} }}}}\n")) {
                Ok(text) => assert_eq!(text, format!("a: {expected}\n"), "{expression}"),
                Err(fault) => panic!("{expression}: {fault}"),
            }
        }
        for (expression, message) in [
            ("\"c\" | one_of(\"a\", \"b\")", "c is none of a, b"),
            ("10 | in_range(1, 9)", "10 is not between 1 and 9"),
            ("\"abc\" | matches(\"[a-b]+\")", "\"abc\" does not match [a-b]+"),
            ("\"x\" | trunc", "trunc takes 2 arguments, got 1"),
            ("now()", "unknown function: now is unknown"),
            ("\"\" | required(\"give it\")", "give it"),
            ("values.nope | required(\"give it\")", "give it"),
        ] {
            let fault = render(&format!("a: {{{{ {expression} }}}}\n")).unwrap_err();
            assert_eq!(fault.message(), message, "{expression}");
        }
    }

    #[test]
    fn places_lie_between_characters() {
        // The engine's range ends within the odd character.
        let fault = render("{% if annotations\u{c}\u{742}a: {b: [0]}").unwrap_err();
        assert!(fault.message().starts_with("parse error at "), "{fault}");
    }

    #[test]
    fn refusals_name_the_place_and_the_way_out() {
        let table = [
            (
                "x: 1\na: {{ values.mpa.b }}\n",
                "values.mpa.b is undefined",
                "did you mean values.map?",
                2,
                6,
            ),
            (
                "a: {{ values.map }}\n",
                "a map cannot be printed here",
                "use `| toyaml`, or write the expression alone on its line",
                1,
                6,
            ),
            (
                "a: x{{ values.list }}\n",
                "a list cannot be printed here",
                "use `| toyaml`, or write the expression alone on its line",
                1,
                7,
            ),
            (
                "a: {{ values.nil }}\n",
                "null cannot be printed",
                "use `| default(…, true)`, or leave the key out with `{% if … is not none %}`",
                1,
                6,
            ),
            ("a:\n   {{ fail(\"no\") }}\n", "no", "", 2, 6),
        ];
        for (template, message, hint, line, col) in table {
            let fault = render(template).unwrap_err();
            assert_eq!(fault.message(), message, "{template:?}");
            assert_eq!(fault.hints().first().map_or("", |hint| hint), hint, "{template:?}");
            let crate::diag::Frame::Exec { line: at_line, col: at_col, .. } = &fault.trace()[0]
            else {
                panic!("no frame")
            };
            assert_eq!((*at_line, *at_col), (line, col), "{template:?}");
        }
    }

    #[test]
    fn errors_walk_through_includes() {
        let fault = render("a: 1\n{% include \"_part.j2\" %}\n").unwrap_err();
        assert_eq!(fault.message(), "values.nope.x is undefined");
        let places: Vec<_> = fault
            .trace()
            .iter()
            .map(|frame| match frame {
                crate::diag::Frame::Exec { file, line, .. } => format!("{file}:{line}"),
                crate::diag::Frame::Wrap(text) => text.clone(),
            })
            .collect();
        assert_eq!(places, ["c/templates/_part.j2:2", "c/templates/t.yaml.j2:2"]);
    }

    #[test]
    fn limits_and_syntax() {
        let fault = render(
            "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}",
        )
        .unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Limit);
        let fault = render("a: 1\nb: {{ x y }}\n").unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Parse);
        assert!(
            fault.message().starts_with("parse error at (c/templates/t.yaml.j2:2): "),
            "{fault}"
        );
        assert!(render("{% include \"../../etc/passwd\" %}").is_err());
    }
}
