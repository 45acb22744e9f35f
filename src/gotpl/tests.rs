//! Templates against what Go and Helm make of them; every expected text was recorded there.

use super::{RenderOptions, Renderer, TemplateSet, stack};
use crate::diag::{Fault, helm};
use crate::host::FixedHost;
use crate::value::{Map, MapType, Value};

const HELPERS: &str = "{{ define \"hello\" }}hello {{ .Values.s }}{{ end }}
{{ define \"err\" }}{{ .Values.no.x }}{{ end }}
{{ define \"outer\" }}
  o:{{ include \"err\" . }}
{{ end }}
{{ define \"loop\" }}{{ include \"loop\" . }}{{ end }}
{{ define \"deep\" }}{{ template \"deep\" . }}{{ end }}
{{ define \"refuse\" }}{{ fail \"boom: x\" }}{{ end }}";

fn map(ty: MapType, items: Vec<(&str, Value)>) -> Value {
    let map = Map::typed(ty);
    for (key, value) in items {
        map.insert(key, value);
    }
    Value::Map(map)
}

fn dot() -> Value {
    let inner = map(MapType::Interface, vec![("a", Value::str("A")), ("b", Value::str("B"))]);
    let list = Value::list(vec![Value::str("x"), Value::Nil, Value::str("z")]);
    let values = map(
        MapType::Values,
        vec![
            ("s", Value::str("str")),
            ("e", Value::str("")),
            ("t", Value::Bool(true)),
            ("nul", Value::Nil),
            ("l", list),
            ("m", inner),
            ("tp", Value::str("{{ .Values.s }}")),
            ("bad", Value::str("{{ .Values.a.b }}")),
        ],
    );
    map(MapType::Values, vec![("Values", values), ("Nil", Value::Nil)])
}

fn render(text: &str) -> Result<String, Fault> {
    let mut set = TemplateSet::new();
    set.parse("c/h.tpl", HELPERS.as_bytes()).expect("the helpers parse");
    set.parse("c/t.yaml", text.as_bytes())?;
    let host = FixedHost::new(0, 1);
    let mut renderer = Renderer::new(&set, &host, RenderOptions::default());
    let out = renderer.render("c/t.yaml", &dot())?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

#[test]
fn output() {
    for (text, want) in [
        ("a {{- .Values.s -}} b", "astrb"),
        ("[{{ .Values.no }}{{ .Nil }}<no value>]", "[]"),
        ("{{ .Values.s | }}", "str"),
        (
            "{{ $x := \"a\" }}{{ if true }}{{ $x = \"b\" }}{{ $x := \"c\" }}{{ $x }}{{ end }}{{ $x }}",
            "cb",
        ),
        ("{{ range $i, $e := .Values.m }}{{ $i }}={{ $e }} {{ end }}", "a=A b=B "),
        ("{{ range .Values.l }}{{ . }},{{ end }}", "x,,z,"),
        ("{{ range 3 }}{{ break }}{{ else }}e{{ end }}{{ range 0 }}{{ else }}e{{ end }}", "e"),
        ("{{ range $.Values.l }}{{ range $.Nil }}{{ else }}{{ break }}{{ end }}.{{ end }}", "..."),
        ("{{ with .Values.e }}w{{ else with .Values.s }}{{ . }}{{ else }}e{{ end }}", "str"),
        ("{{ if .Values.e }}1{{ else if .Values.l }}2{{ else }}3{{ end }}", "2"),
        ("{{ block \"b\" .Values }}{{ .s }}{{ end }}{{ template \"b\" .Values }}", "strstr"),
        ("{{ template \"hello\" . }}-{{ include \"hello\" . | upper }}", "hello str-HELLO STR"),
        ("{{ tpl .Values.tp . }}{{ tpl \"<no value>{{ .Nil }}\" . }}", "str"),
        (
            "{{ tpl `{{ define \"hello\" }}H{{ end }}{{ include \"hello\" . }}` . }}{{ include \"hello\" . }}",
            "Hhello str",
        ),
        ("{{ $v := .Values.no }}[{{ $v.x.y }}{{ (.Values.no).x }}]", "[]"),
        (
            "{{ (.Values.Table \"m\").a }}{{ .Values.PathValue \"m.b\" }}{{ .Values.AsMap.s }}",
            "ABstr",
        ),
        ("{{ upper \"\\u00e9\\x41\" }}{{ upper `b` }}", "\u{c9}AB"),
    ] {
        assert_eq!(
            render(text).map_err(|fault| helm::chain(&fault).0),
            Ok(want.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn parse_errors() {
    for (text, want) in [
        ("{{ nofn }}", "1: function \"nofn\" not defined"),
        ("\n{{ $x }}", "2: undefined variable \"$x\""),
        ("{{ if }}{{ end }}", "1: missing value for if"),
        ("{{ .a\n| 3 }}", "2: non executable command in pipeline stage 2"),
        ("{{ .a\n(\"b }}", "2: unterminated quoted string in action started at c/t.yaml:1"),
        ("{{ .a\n", "2: unclosed action started at c/t.yaml:1"),
        ("{{ if .a }}\n", "2: unexpected EOF"),
        ("{{ break }}", "1: {{break}} outside {{range}}"),
        (
            "{{ range .a }}{{ block \"b\" . }}{{ break }}{{ end }}{{ end }}",
            "1: {{break}} outside {{range}}",
        ),
        (
            "{{ define \"b\" }}x{{ end }}{{ block \"b\" . }}y{{ end }}",
            "1: template: multiple definition of template \"b\"",
        ),
        ("{{ range $a, $b, $c := . }}{{ end }}", "1: too many declarations in range"),
        ("{{ \"a very long text\"\"b\" }}", "1: unexpected \"\\\"b\\\"\" in operand"),
        (
            "{{ 1 \"a very long text\".x }}",
            "1: unexpected . after term \"\\\"a very long text\\\"\"",
        ),
        ("{{ template .x }}", "1: unexpected \".x\" in template clause"),
        ("{{ else }}", "1: unexpected {{else}}"),
    ] {
        let fault = render(text).expect_err(text);
        assert_eq!(fault.message(), format!("template: c/t.yaml:{want}"), "{text}");
    }
}

#[test]
fn execution_errors() {
    for (text, want) in [
        (
            "{{ .Values.no.x }}",
            "1:10: executing \"c/t.yaml\" at <.Values.no.x>: nil pointer evaluating interface {}.x",
        ),
        (
            "{{ .Values.s.x.y }}",
            "1:10: executing \"c/t.yaml\" at <.Values.s.x.y>: can't evaluate field x in type interface {}",
        ),
        (
            "{{ $s := .Values.s }}{{ $s.x }}",
            "1:26: executing \"c/t.yaml\" at <$s.x>: can't evaluate field x in type string",
        ),
        (
            "{{ .Values.s 1 }}",
            "1:10: executing \"c/t.yaml\" at <.Values.s>: s is not a method but has arguments",
        ),
        ("{{ $x = 2 }}", "1:8: executing \"c/t.yaml\" at <2>: undefined variable: $x"),
        (
            "{{ upper }}",
            "1:3: executing \"c/t.yaml\" at <upper>: wrong number of args for upper: want 1 got 0",
        ),
        ("{{ upper 1 }}", "1:9: executing \"c/t.yaml\" at <1>: expected string; found 1"),
        ("{{ upper nil }}", "1:9: executing \"c/t.yaml\" at <nil>: cannot assign nil to string"),
        (
            "{{ upper .Values.l }}",
            "1:16: executing \"c/t.yaml\" at <.Values.l>: wrong type for value; expected string; got []interface {}",
        ),
        (
            "{{ upper .Nil }}",
            "1:9: executing \"c/t.yaml\" at <.Nil>: wrong type for value; expected string; got interface {}",
        ),
        (
            "{{ .Nil | upper }}",
            "1:10: executing \"c/t.yaml\" at <upper>: invalid value; expected string",
        ),
        ("{{ 1 2 }}", "1:3: executing \"c/t.yaml\" at <1>: can't give argument to non-function 1"),
        ("{{ nil }}", "1:3: executing \"c/t.yaml\" at <nil>: nil is not a command"),
        (
            "{{ 18446744073709551615 }}",
            "1:3: executing \"c/t.yaml\" at <18446744073709551615>: 18446744073709551615 overflows int",
        ),
        (
            "{{ range $i, $x := 3 }}{{ end }}",
            "1:19: executing \"c/t.yaml\" at <3>: can't use 3 to iterate over more than one variable",
        ),
        (
            "{{ range .Values.s }}{{ end }}",
            "1:16: executing \"c/t.yaml\" at <.Values.s>: range can't iterate over str",
        ),
        (
            "{{ template \"no\" .  | upper }}",
            "1:12: executing \"c/t.yaml\" at <{{template \"no\" . | upper}}>: template \"no\" not defined",
        ),
        (
            "{{ .Values.Table \"s\" }}",
            "1:10: executing \"c/t.yaml\" at <.Values.Table>: error calling Table: \"s\" is not a table",
        ),
        (
            "{{ (include \"no\" .).x }}",
            "1:4: executing \"c/t.yaml\" at <include \"no\" .>: error calling include: template: no template \"no\" associated with template \"gotpl\"",
        ),
    ] {
        let fault = render(text).expect_err(text);
        assert_eq!(helm::chain(&fault).0, format!("template: c/t.yaml:{want}"), "{text}");
    }
}

#[test]
fn errors_as_helm_prints_them() {
    for (text, want) in [
        ("{{ nofn }}", "parse error at (c/t.yaml:1): function \"nofn\" not defined"),
        ("{{ 08 }}", "parse error at (c/t.yaml:1): \"08\""),
        (
            "{{ include \"outer\" . }}",
            "c/t.yaml:1:3\n  executing \"c/t.yaml\" at <include \"outer\" .>:\n    error calling include:\n\
             c/h.tpl:4:7\n  executing \"outer\" at <include \"err\" .>:\n    error calling include:\n\
             c/h.tpl:2:28\n  executing \"err\" at <.Values.no.x>:\n    nil pointer evaluating interface {}.x",
        ),
        (
            "{{ include \"no\" . }}",
            "c/t.yaml:1:3\n  executing \"c/t.yaml\" at <include \"no\" .>:\n    error calling include:\n\
             template: no template \"no\" associated with template \"gotpl\"",
        ),
        ("{{ include \"refuse\" . }}", "execution error at (c/t.yaml:1:3): boom: x"),
        ("{{ template \"refuse\" . }}", "execution error at (c/h.tpl:8:24): boom: x"),
        (
            "{{ tpl .Values.bad . }}",
            "template: c/t.yaml:1:3: executing \"c/t.yaml\" at <tpl .Values.bad .>: error calling tpl: \
             error during tpl function execution for \"{{ .Values.a.b }}\": template: gotpl:1:10: \
             executing \"gotpl\" at <.Values.a.b>: nil pointer evaluating interface {}.b",
        ),
        (
            "{{ tpl \"{{ end }}\" . }}",
            "template: c/t.yaml:1:3: executing \"c/t.yaml\" at <tpl \"{{ end }}\" .>: error calling tpl: \
             cannot parse template \"{{ end }}\": template: gotpl:1: unexpected {{end}}",
        ),
    ] {
        let fault = render(text).expect_err(text);
        assert_eq!(helm::template_error(&fault, "c/t.yaml"), want, "{text}");
    }
}

#[test]
fn recursion_ends_with_an_error() {
    let (deep, looped) = stack::run(|| {
        let error = |text| helm::chain(&render(text).expect_err(text)).0;
        (error("{{ template \"deep\" . }}"), error("{{ include \"loop\" . }}"))
    });
    assert_eq!(
        deep,
        "template: c/h.tpl:7:31: executing \"deep\" at <{{template \"deep\" .}}>: \
         exceeded maximum template depth (100000)"
    );
    assert!(looped.ends_with(
        "error calling include: rendering template has a nested reference name: loop: \
         unable to execute template"
    ));
    assert_eq!(looped.matches("executing \"loop\"").count(), 1001);
}

#[test]
fn output_is_limited() {
    let mut set = TemplateSet::new();
    set.parse("t", b"{{ range 1000000 }}0123456789{{ end }}").expect("it parses");
    let host = FixedHost::new(0, 1);
    let options = RenderOptions { max_output_bytes: 1000, ..RenderOptions::default() };
    let fault = Renderer::new(&set, &host, options).render("t", &dot()).expect_err("too long");
    assert_eq!(fault.kind(), crate::diag::FaultKind::Limit);
}

#[test]
fn endless_templates_end() {
    let options = RenderOptions { max_steps: 1000, ..RenderOptions::default() };
    let fork = (0..30).fold(String::from("{{ define \"30\" }}{{ end }}"), |text, level| {
        let next = format!("{{{{ template \"{}\" }}}}", level + 1);
        format!("{text}{{{{ define \"{level}\" }}}}{next}{next}{{{{ end }}}}")
    });
    for text in
        ["{{ range 9223372036854775807 }}{{ end }}", &format!("{fork}{{{{ template \"0\" }}}}")]
    {
        let mut set = TemplateSet::new();
        set.parse("t", text.as_bytes()).expect("it parses");
        let host = FixedHost::new(0, 1);
        let fault =
            Renderer::new(&set, &host, options.clone()).render("t", &dot()).expect_err(text);
        assert_eq!(fault.kind(), crate::diag::FaultKind::Limit, "{text}");
    }
}

#[test]
fn limits_are_told_shortly() {
    let text =
        "{{ define \"a\" }}{{ tpl \"{{ include \\\"b\\\" . }}\" . }}{{ end }}{{ include \"a\" . }}";
    let helper = "{{ define \"b\" }}{{ repeat 200 \"0123456789\" }}{{ end }}";
    let mut set = TemplateSet::new();
    set.parse("t", format!("{helper}{text}").as_bytes()).expect("it parses");
    let host = FixedHost::new(0, 1);
    let options = RenderOptions { max_output_bytes: 1000, ..RenderOptions::default() };
    let fault = Renderer::new(&set, &host, options).render("t", &dot()).expect_err("too long");
    assert_eq!(
        helm::template_error(&fault, "t"),
        "execution error at (t:1:117): rendered text exceeds the limit of 1000 bytes (--limit-output)"
    );
}
