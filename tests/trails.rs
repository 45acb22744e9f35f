//! Findings on rendered output lead back to templates and values.

use crate::support::{MemoryHost, run};

fn chart(host: &MemoryHost, name: &str, files: &[(&str, &str)]) {
    let about = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
    host.put(&format!("{name}/Chart.yaml"), about.as_bytes());
    for (path, text) in files {
        host.put(&format!("{name}/{path}"), text.as_bytes());
    }
}

const HELPERS: &str = "\
{{- define \"c.labels\" -}}
app: {{ .Release.Name }}
team: {{ .Values.labels.team }}
{{- end }}
{{- define \"c.render\" -}}
{{- tpl (.value | toYaml) .context }}
{{- end }}
";

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web
  labels:
    {{- include \"c.labels\" . | nindent 4 }}
  annotations:
    {{- include \"c.render\" (dict \"value\" .Values.notes \"context\" $) | nindent 4 }}
spec:
  type: {{ .Values.service.type | default \"Nope\" }}
  ports:
    {{- range $i, $port := .Values.ports }}
    - port: {{ $port }}
      name: p{{ $i }}
    {{- end }}
";

#[test]
fn every_finding_names_template_and_value() {
    let host = MemoryHost::new();
    let values = "labels: {team: 7}\nservice: {}\nports: [80, http]\nnotes:\n  ok: x\n  five: 5\n";
    chart(
        &host,
        "c",
        &[("values.yaml", values), ("templates/_h.tpl", HELPERS), ("templates/svc.yaml", SERVICE)],
    );
    let result = run(&host, &["template", "r", "c", "--validate", "--set", "ports[0]=99999"]);
    assert_eq!((result.code, result.out.as_slice()), (1, &b""[..]));
    insta::assert_snapshot!(result.err, @r#"
    error[wrong-type]: metadata.labels.team: expected string, found integer 7
      --> c/templates/_h.tpl:3:10 (Service/web, document 1, rendered line 7)
      |
    3 | team: {{ .Values.labels.team }}
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^ rendered as `team: 7`
      = used by c/templates/svc.yaml:6
      = value: labels.team = 7 from c/values.yaml:1:16
      = help: quote it

    error[wrong-type]: metadata.annotations.five: expected string, found integer 5
      --> c/templates/_h.tpl:6:5 (Service/web, document 1, rendered line 9)
      |
    6 | {{- tpl (.value | toYaml) .context }}
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rendered as `five: 5`
      = used by c/templates/svc.yaml:8
      = value: notes.five = 5 from c/values.yaml:6:9
      = help: quote it

    error[invalid-enum]: spec.type: "Nope" is not one of ClusterIP, ExternalName, LoadBalancer, NodePort
      --> c/templates/svc.yaml:10:12 (Service/web, document 1, rendered line 12)
       |
    10 |   type: {{ .Values.service.type | default "Nope" }}
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rendered as `type: Nope`

    error[out-of-range]: spec.ports[0].port: 99999 must be between 1 and 65535
      --> c/templates/svc.yaml:13:16 (Service/web, document 1, rendered line 14)
       |
    13 |     - port: {{ $port }}
       |             ^^^^^^^^^^^ rendered as `- port: 99999`
      = value: ports[0] = 99999 from --set ports[0]=99999 (overrides c/values.yaml:3:9)
      = rule: number-range

    Error: rendered manifests are not valid: 4 errors
    "#);
}

#[test]
fn broken_yaml_is_explained_on_request_only() {
    let host = MemoryHost::new();
    let text = "kind: A\n---\nkind: B\ndata:\n  k: {{ .Values.text }}\n";
    chart(&host, "c", &[("values.yaml", "text: \"a: b\"\n"), ("templates/a.yaml", text)]);
    let plain = run(&host, &["template", "r", "c"]);
    let more = run(&host, &["template", "r", "c", "--validate"]);
    assert_eq!((plain.code, more.code), (1, 1));
    let extra = more.err.strip_prefix(plain.err.trim_end()).expect("Helm's text comes first");
    insta::assert_snapshot!(extra, @r#"

      --> c/templates/a.yaml:5:9
      |
    5 |   k: {{ .Values.text }}
      |      ^^^^^^^^^^^^^^^^^^ rendered as `k: a: b`
      = value: text = "a: b" from c/values.yaml:1:7
    "#);
}

#[test]
fn documents_that_helm_cannot_read_are_explained_too() {
    let host = MemoryHost::new();
    let text = "kind: A\nmetadata:\n  annotations:\n    a: b\n    port: {{ .Values.port }}\n";
    chart(&host, "c", &[("values.yaml", "port: [80]\n"), ("templates/a.yaml", text)]);
    let result = run(&host, &["template", "r", "c", "--debug"]);
    assert_eq!(result.code, 1);
    assert!(result.err.contains("  --> c/templates/a.yaml:5:14\n"), "{}", result.err);
    assert!(result.err.contains("= value: port from c/values.yaml:1:7\n"), "{}", result.err);
}

#[test]
fn native_charts_lead_back_through_macros() {
    let host = MemoryHost::new();
    let macros = "{% macro ports(list) %}\n{% for port in list %}\n- port: {{ port }}\n  nmae: x\n{% endfor %}\n{% endmacro %}\n";
    let service = "{% from \"_m.j2\" import ports %}\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: {{ values.type }}\n  ports:\n    {{ ports(values.ports) }}\n";
    chart(
        &host,
        "web",
        &[
            ("values.yaml", "type: NodePrt\nports: [80]\n"),
            ("templates/_m.j2", macros),
            ("templates/svc.yaml.j2", service),
        ],
    );
    let result = run(&host, &["template", "r", "web"]);
    assert_eq!((result.code, result.out.as_slice()), (1, &b""[..]));
    insta::assert_snapshot!(result.err, @r#"
    error[invalid-enum]: spec.type: "NodePrt" is not one of ClusterIP, ExternalName, LoadBalancer, NodePort
      --> web/templates/svc.yaml.j2:7:11 (Service/web, document 1, rendered line 6)
      |
    7 |   type: {{ values.type }}
      |         ^^^^^^^^^^^^^^^^^ rendered as `type: NodePrt`
      = value: type = "NodePrt" from web/values.yaml:1:7
      = did you mean NodePort?

    error[unknown-field]: spec.ports[0].nmae: unknown field "nmae"
      --> web/templates/_m.j2:4:3 (Service/web, document 1, rendered line 9)
      |
    4 |   nmae: x
      |   ^^^^^^^
      = used by web/templates/svc.yaml.j2:9
      = did you mean name?

    Error: rendered manifests are not valid: 2 errors
    "#);
}

#[test]
fn contents_of_secrets_stay_hidden() {
    let host = MemoryHost::new();
    let secret = "\
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData:
  literal: 7001
  written: {{ .Values.password }}
data:
  encoded: hunter2!
";
    chart(&host, "c", &[("values.yaml", "password: 7002\n"), ("templates/s.yaml", secret)]);
    let flags: [&[&str]; 4] = [
        &[],
        &["--set", "password=7003"],
        &["--validate-output", "json"],
        &["--set", "password=7003", "--validate-output", "github"],
    ];
    for flags in flags {
        let args = [&["template", "r", "c", "--validate"], flags].concat();
        let result = run(&host, &args);
        assert_eq!((result.code, result.out.as_slice()), (1, &b""[..]), "{}", result.err);
        for field in ["stringData.literal", "stringData.written", "data.encoded"] {
            assert!(result.err.contains(field), "{args:?}: {}", result.err);
        }
        for shown in ["7001", "7002", "7003", "hunter2"] {
            assert!(!result.err.contains(shown), "{args:?}: {}", result.err);
        }
    }
    host.put("s.yaml", secret.replace("{{ .Values.password }}", "7002").as_bytes());
    for form in ["text", "json", "junit", "tap", "sarif", "github"] {
        let result = run(&host, &["validate", "s.yaml", "-o", form]);
        let said = String::from_utf8_lossy(&result.out).into_owned() + &result.err;
        assert!(said.contains("stringData.literal"), "{form}: {said}");
        for shown in ["7001", "7002", "hunter2"] {
            assert!(!said.contains(shown), "{form}: {said}");
        }
    }
}
