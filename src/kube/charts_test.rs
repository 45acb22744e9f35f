//! The shipped charts from values to valid objects.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::custom::Customs;
use super::finding::{Level, Severity};
use super::{target, validate};
use crate::chart::Chart;
use crate::doc::{Doc, DocMap, Node};
use crate::jinja::{Context, Templates};
use crate::models;
use crate::source::{SourceKind, Sources, Span};
use crate::typed;

fn read_yaml(text: &str) -> Vec<Doc> {
    use serde::Deserialize as _;
    serde_yaml::Deserializer::from_str(text)
        .map(|doc| models::from_json(serde_json::Value::deserialize(doc).expect("YAML")))
        .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[expect(clippy::disallowed_methods, reason = "tests read the repository")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "tests read the repository")]
fn names(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).expect("a directory of the repository");
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn merge(base: &mut Doc, over: &Doc) {
    let (Some(base), Some(over)) = (base.as_map_mut(), over.as_map()) else { return };
    for (key, value) in over {
        match base.get_mut(key) {
            Some(old) if old.as_map().is_some() && value.as_map().is_some() => merge(old, value),
            _ if value.is_null() => drop(base.shift_remove(key)),
            _ => drop(base.insert(Arc::clone(key), value.clone())),
        }
    }
}

/// Objects by kind and name, and the notes.
struct Rendered {
    docs: Vec<Doc>,
    notes: String,
}

impl Rendered {
    fn get(&self, kind: &str, name: &str) -> Option<&Doc> {
        self.docs.iter().find(|doc| {
            at(doc, "kind").as_str() == Some(kind)
                && at(doc, "metadata.name").as_str() == Some(name)
        })
    }

    fn count(&self, kind: &str) -> usize {
        self.docs.iter().filter(|doc| at(doc, "kind").as_str() == Some(kind)).count()
    }
}

/// The value of a dotted path; list items by number; null when absent.
fn at(doc: &Doc, path: &str) -> Doc {
    let mut at = doc.clone();
    for step in path.split('.') {
        let next = match step.parse::<usize>() {
            Ok(index) => at.as_list().and_then(|items| items.get(index)).cloned(),
            Err(_) => at.get(&step.replace('|', ".")).cloned(),
        };
        at = next.unwrap_or_default();
    }
    at
}

fn chart_values(chart: &str, layers: &[&str]) -> Doc {
    let file = root().join("charts").join(chart).join("values.yaml");
    let mut values = read_yaml(&read(&file)).remove(0);
    for layer in layers {
        let text = if layer.contains(':') {
            (*layer).to_owned()
        } else {
            read(&root().join("values").join(chart).join(format!("{layer}.yaml")))
        };
        if let Some(over) = read_yaml(&text).first() {
            merge(&mut values, over);
        }
    }
    values
}

fn shipped(name: &str) -> Chart {
    let path = crate::chart::shipped::find(name).expect("shipped").path();
    let host = crate::host::RealHost;
    crate::chart::load::load(&host, &Sources::new(), &path, &mut Vec::new()).expect("sound")
}

fn render(chart: &str, release: &str, layers: &[&str]) -> Result<Rendered, String> {
    let sources = Sources::new();
    let fail =
        |fault: crate::diag::Fault| format!("{fault}\n{:?}\n{:?}", fault.hints(), fault.trace());
    let values = typed::check(&shipped(chart), &chart_values(chart, layers), &sources)
        .map_err(|fault| fault.to_string())?;
    let folder = root().join("charts").join(chart);
    let string = |text: &str| Doc::str(text);
    let release = [
        ("name", string(release)),
        ("namespace", string("ojp")),
        ("service", string("Helm")),
        ("revision", Doc::new(Node::Int(1), Span::NONE)),
    ];
    let context = Context {
        values,
        release: Doc::map(release.into_iter().map(|(k, v)| (k.into(), v)).collect::<DocMap>()),
        capabilities: read_yaml("kubeVersion: {version: v1.36.0, major: '1', minor: '36'}")
            .remove(0),
        chart: read_yaml(&read(&folder.join("Chart.yaml"))).remove(0),
        ..Context::default()
    };
    let names = names(&folder.join("templates"));
    let files: Vec<(String, Bytes)> = names
        .iter()
        .map(|name| {
            let text = read(&folder.join("templates").join(name));
            (format!("{chart}/templates/{name}"), text.into())
        })
        .collect();
    let templates = Templates::new(&files, &sources).map_err(fail)?;
    let mut rendered = Rendered { docs: Vec::new(), notes: String::new() };
    for (name, _) in files.iter().filter(|(name, _)| !name.contains("/_")) {
        let text = templates.render(name, &context).map_err(fail)?;
        let text = String::from_utf8(text).unwrap();
        if name.ends_with("NOTES.txt.j2") {
            rendered.notes = text;
            continue;
        }
        let docs: Vec<_> = read_yaml(&text).into_iter().filter(|doc| !doc.is_null()).collect();
        refuse_findings(name, &text)?;
        rendered.docs.extend(docs);
    }
    Ok(rendered)
}

/// Every error that the newest server would report of a rendered file.
fn refuse_findings(name: &str, text: &str) -> Result<(), String> {
    let options = validate::Options::new(target::newest(), Level::Full);
    let source = Sources::new().add(SourceKind::Rendered, name, text.to_owned());
    let input = validate::Input { source, text: text.as_bytes(), group: 0, first: 0 };
    let report = validate::validate(&[input], Customs::default(), &options);
    let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let lines: Vec<String> = errors
        .map(|finding| format!("{name}: {}: {}: {}", finding.object, finding.path, finding.message))
        .collect();
    if lines.is_empty() { Ok(()) } else { Err(lines.join("\n")) }
}

#[test]
fn every_layer_of_every_chart_is_valid() {
    for chart in names(&root().join("charts")) {
        let mut cases = vec![None];
        let layers = names(&root().join("values").join(&chart));
        cases.extend(layers.iter().map(|name| name.strip_suffix(".yaml")));
        for case in cases {
            let layers: Vec<_> = case.into_iter().collect();
            if let Err(error) = render(&chart, &chart, &layers) {
                panic!("{chart} with {layers:?}: {error}");
            }
        }
    }
}

#[test]
fn values_files_hold_every_value_of_the_model() {
    for chart in names(&root().join("charts")) {
        let values = chart_values(&chart, &[]);
        let printed = typed::check(&shipped(&chart), &values, &Sources::new()).unwrap();
        assert_eq!(printed, values, "{chart}");
    }
}

mod ojp {
    use super::*;

    const CHART: &str = "ojp-server";

    fn ojp(layer: &str) -> Rendered {
        render(CHART, CHART, &[layer]).unwrap_or_else(|error| panic!("{layer}: {error}"))
    }

    fn refused(layer: &str) -> String {
        render(CHART, CHART, &[layer]).err().unwrap_or_else(|| panic!("{layer} was accepted"))
    }

    fn text(doc: &Doc, path: &str) -> String {
        let value = at(doc, path);
        match &value.node {
            Node::Str(text) => text.to_str_lossy().into_owned(),
            Node::Int(number) => number.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn defaults() {
        let all = ojp("a: {}".replace("a: {}", "server: {}").as_str());
        let kinds =
            ["ServiceAccount", "ConfigMap", "Service", "StatefulSet", "PodDisruptionBudget"];
        assert_eq!(kinds.map(|kind| all.count(kind)), [1, 1, 4, 1, 1]);
        assert_eq!(all.docs.len(), 8);
        let config = all.get("ConfigMap", "ojp-server-config").unwrap();
        assert_eq!(text(config, "data.OJP_SERVER_MAXREQUESTSIZE"), "4194304");
        let set = all.get("StatefulSet", CHART).unwrap();
        assert_eq!(text(set, "spec.serviceName"), CHART);
        assert_eq!(text(set, "spec.template.spec.containers.0.image"), "rrobetti/ojp:0.4.2-beta");
        let labels = at(set, "spec.selector.matchLabels");
        assert_eq!(labels.as_map().unwrap().len(), 3);
        assert!(
            all.notes.contains(
                "jdbc:ojp[ojp-server-0.ojp-server.ojp.svc.cluster.local:1059,ojp-server-1."
            )
        );
        for pod in 0..3 {
            let service = all.get("Service", &format!("ojp-server-{pod}")).unwrap();
            assert_eq!(text(service, "spec.type"), "LoadBalancer");
            let selected = text(service, "spec.selector.statefulset|kubernetes|io/pod-name");
            assert_eq!(selected, format!("ojp-server-{pod}"));
        }
    }

    #[test]
    fn ports_follow_one_value() {
        let all =
            ojp("{server: {port: 7000, prometheusPort: '9090'}, networkPolicy: {enabled: true}, \
             serviceMonitor: {enabled: true}}");
        let config = all.get("ConfigMap", "ojp-server-config").unwrap();
        let set = all.get("StatefulSet", CHART).unwrap();
        let headless = all.get("Service", CHART).unwrap();
        let pod = all.get("Service", "ojp-server-1").unwrap();
        let policy = all.get("NetworkPolicy", CHART).unwrap();
        let ports = [
            text(config, "data.OJP_SERVER_PORT"),
            text(set, "spec.template.spec.containers.0.ports.0.containerPort"),
            text(headless, "spec.ports.0.port"),
            text(pod, "spec.ports.0.port"),
            text(policy, "spec.ingress.0.ports.0.port"),
        ];
        assert_eq!(ports, ["7000"; 5]);
        let metrics = [
            text(config, "data.OJP_PROMETHEUS_PORT"),
            text(set, "spec.template.spec.containers.0.ports.1.containerPort"),
            text(set, "spec.template.metadata.annotations.prometheus|io/port"),
            text(headless, "spec.ports.1.port"),
            text(pod, "spec.ports.1.port"),
            text(policy, "spec.ingress.1.ports.0.port"),
        ];
        assert_eq!(metrics, ["9090"; 6]);
        for probe in ["liveness", "readiness", "startup"] {
            let path = format!("spec.template.spec.containers.0.{probe}Probe.tcpSocket.port");
            assert_eq!(text(set, &path), "http");
        }
        assert!(all.notes.contains(":7000"));
        // One Service alone is scraped.
        let monitor = all.get("ServiceMonitor", CHART).unwrap();
        let wanted = at(monitor, "spec.selector.matchLabels");
        let selected = all.docs.iter().filter(|doc| {
            text(doc, "kind") == "Service"
                && wanted
                    .as_map()
                    .unwrap()
                    .iter()
                    .all(|(key, value)| at(doc, "metadata.labels").get(key) == Some(value))
        });
        assert_eq!(selected.count(), 1);
    }

    #[test]
    fn scaling_leaves_out_what_would_not_match() {
        let all = ojp("autoscaling: {enabled: true}");
        assert_eq!(all.count("Service"), 1);
        assert_eq!(all.count("HorizontalPodAutoscaler"), 1);
        assert!(at(all.get("StatefulSet", CHART).unwrap(), "spec.replicas").is_null());
        assert!(all.notes.contains("no Services per pod"));
        let one = ojp("replicaCount: 1");
        assert_eq!(one.count("PodDisruptionBudget"), 0);
        assert_eq!(one.count("Service"), 2);
    }

    #[test]
    fn node_port_gives_a_client_service() {
        let all = ojp("service: {type: NodePort, port: 1059, nodePort: 31000}");
        let headless = all.get("Service", CHART).unwrap();
        assert_eq!(text(headless, "spec.clusterIP"), "None");
        assert_eq!(text(headless, "spec.type"), "ClusterIP");
        let client = all.get("Service", "ojp-server-client").unwrap();
        assert_eq!(text(client, "spec.type"), "NodePort");
        assert_eq!(text(client, "spec.ports.0.nodePort"), "31000");
    }

    #[test]
    fn logs_on_claims_or_on_the_node() {
        let set = |layer| ojp(layer).get("StatefulSet", CHART).unwrap().clone();
        let kept = set("persistence: {enabled: true, storageClass: fast, size: 20Gi}");
        assert_eq!(text(&kept, "spec.volumeClaimTemplates.0.metadata.name"), "logs");
        assert_eq!(text(&kept, "spec.volumeClaimTemplates.0.spec.storageClassName"), "fast");
        assert_eq!(text(&kept, "spec.template.spec.volumes.0.name"), "tmp");
        let lost = set("server: {}");
        assert!(at(&lost, "spec.volumeClaimTemplates").is_null());
        assert_eq!(text(&lost, "spec.template.spec.volumes.0.name"), "logs");
        assert_eq!(text(&lost, "spec.template.spec.volumes.1.name"), "tmp");
    }

    #[test]
    fn content_rolls_the_pods() {
        let sum = |layer| {
            let all = ojp(layer);
            text(
                all.get("StatefulSet", CHART).unwrap(),
                "spec.template.metadata.annotations.checksum/config",
            )
        };
        assert_eq!(sum("server: {}").len(), 64);
        assert_ne!(sum("server: {}"), sum("server: {logLevel: DEBUG}"));
    }

    #[test]
    fn probes_and_constraints_are_completed() {
        let all = ojp("{livenessProbe: {httpGet: {path: /up, port: http}, periodSeconds: 7}, \
             topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]}");
        let set = all.get("StatefulSet", CHART).unwrap();
        let probe = at(set, "spec.template.spec.containers.0.livenessProbe");
        assert!(probe.get("tcpSocket").is_none());
        assert_eq!(text(&probe, "httpGet.path"), "/up");
        assert_eq!(text(&probe, "periodSeconds"), "7");
        assert_eq!(text(&probe, "initialDelaySeconds"), "30");
        let spread = at(set, "spec.template.spec.topologySpreadConstraints.0.labelSelector");
        assert_eq!(spread, at(set, "spec.selector"));
    }

    #[test]
    fn problems_have_their_lines() {
        let text =
            "server:\n  port: 1\n  prot: 2\naffinity:\n  nodeAfinity:\n    a: b\nreplicaCount: x\n";
        let sources = Sources::new();
        let id = sources.add(SourceKind::ValuesFile, "my.yaml", text.as_bytes());
        let values = crate::yaml::read::parse(text.as_bytes(), id).unwrap();
        let fault = typed::check(&shipped(CHART), &values, &sources).unwrap_err();
        let expected = "values of ojp-server:\n  \
            my.yaml:3:3: server.prot: unknown key; did you mean \"port\"?\n  \
            my.yaml:5:3: affinity.nodeAfinity: unknown key; did you mean \"nodeAffinity\"?\n  \
            my.yaml:7:15: replicaCount: expected a whole number, found string \"x\"";
        assert_eq!(fault.message(), expected);
    }

    #[test]
    fn production_follows_the_advice() {
        let advice = |layer| models::advice(CHART, &chart_values(CHART, &[layer]), &Sources::new());
        assert_eq!(advice("production"), Vec::<String>::new());
        let plain = advice("replicaCount: 2");
        assert_eq!(plain.len(), 5, "{plain:?}");
        assert!(
            plain.contains(&"replicaCount: should be at least 3, to survive an update".to_owned())
        );
    }

    #[test]
    fn every_production_layer_follows_the_advice() {
        let advice = |chart: &str, layer: &str| {
            models::advice(chart, &chart_values(chart, &[layer]), &Sources::new())
        };
        for chart in ["agdb", "ojp-server", "ojs-cluster"] {
            assert_eq!(advice(chart, "production"), Vec::<String>::new(), "{chart}");
        }
        let minimal = advice("ojs-cluster", "minimal");
        let paths: Vec<_> = minimal.iter().filter_map(|line| line.split(':').next()).collect();
        assert_eq!(paths, ["image", "backend.embedded", "replicas", "monitoring.enabled"]);
        let worker = advice("ojs-worker", "data-processor");
        assert_eq!(worker.len(), 2, "{worker:?}");
        let ca = advice("openvox-server", "production-ca");
        assert_eq!(ca.len(), 2, "{ca:?}");
    }

    #[test]
    fn names_stay_short_enough() {
        let long = "ojp-server-of-the-third-department-on-the-second-floor-b";
        let all = render(CHART, long, &["server: {}"]).unwrap();
        let name = "ojp-server-of-the-third-department-on-the-second-flo";
        assert!(all.get("StatefulSet", name).is_some());
        let both = render(CHART, "prod", &["server: {}"]).unwrap();
        assert!(both.get("StatefulSet", "prod-ojp-server").is_some());
        let own = ojp("{fullnameOverride: proxy, nameOverride: ojp}");
        let set = own.get("StatefulSet", "proxy").unwrap();
        assert_eq!(text(set, "spec.selector.matchLabels.app|kubernetes|io/name"), "ojp");
    }

    #[test]
    fn wrong_values_are_named() {
        let table = [
            ("server: {prot: 1}", "server.prot: unknown key; did you mean \"port\"?"),
            (
                "affinity: {nodeAfinity: {}}",
                "affinity.nodeAfinity: unknown key; did you mean \"nodeAffinity\"?",
            ),
            ("server: {port: 70000}", "server.port: 70000 is no port: 1 to 65535"),
            ("server: {prometheusPort: 1059}", "1059 is taken by server.port"),
            ("server: {threadPoolSize: many}", "expected a whole number, found string \"many\""),
            ("server: {logLevel: debug}", "did you mean \"DEBUG\"?"),
            ("server: {allowedIps: '10.0.0.0/40'}", "\"10.0.0.0/40\" is neither"),
            ("server: {slowQuerySegregation: {slowSlotPercentage: 101}}", "0 to 100"),
            ("replicaCount: 2", "podDisruptionBudget.minAvailable: 2 of 2 replicas"),
            ("podDisruptionBudget: {minAvailable: 67%}", "3 of 3 replicas would have to stay"),
            ("podDisruptionBudget: {minAvailable: null, maxUnavailable: 0%}", "0 would block"),
            ("podDisruptionBudget: {maxUnavailable: 1}", "exclude each other"),
            ("resources: {limits: {memory: 2GB}}", "\"2GB\" is no quantity"),
            (
                "{resources: {limits: {memory: 2Gi}}, env: [{name: JAVA_OPTS, value: -Xmx2g}]}",
                "not below the memory limit",
            ),
            ("podAnnotations: {prometheus.io/port: 9159}", "put it in quotes"),
            ("podAnnotations: {prometheus.io/port: '9090'}", "differs from server.prometheusPort"),
        ];
        for (layer, message) in table {
            let found = refused(layer);
            assert!(found.contains(message), "{layer}: {found}");
        }
        let both = refused("{server: {prot: 1, logLevel: X}, replicas: 3}");
        assert_eq!(both.lines().count(), 4, "{both}");
        assert!(ojp("podDisruptionBudget: {minAvailable: null, maxUnavailable: 1}").docs.len() > 5);
    }
}

mod others {
    use super::*;

    fn get(chart: &str, release: &str, layers: &[&str], kind: &str, name: &str) -> Doc {
        let all = render(chart, release, layers).unwrap_or_else(|error| panic!("{error}"));
        all.get(kind, name).unwrap_or_else(|| panic!("no {kind} {name}")).clone()
    }

    #[test]
    fn agdb_clusters_itself() {
        let demo = &["demo"][..];
        let config = get("agdb", "graph", demo, "ConfigMap", "graph-agdb-config");
        let file = at(&config, "data.agdb_server|yaml");
        let text = file.as_str().unwrap();
        assert!(
            text.contains("address: http://graph-agdb-{id}.graph-agdb.ojp.svc.cluster.local:3000")
        );
        assert_eq!(text.matches("- http://graph-agdb-").count(), 3, "{text}");
        let one = get("agdb", "agdb", &["single"], "ConfigMap", "agdb-config");
        assert!(at(&one, "data.agdb_server|yaml").as_str().unwrap().contains("cluster: []"));
        let tls = get("agdb", "agdb", &["production"], "ConfigMap", "agdb-config");
        let text = at(&tls, "data.agdb_server|yaml").as_str().unwrap().to_owned();
        assert!(text.contains("tls_root: /agdb/tls/ca.crt"), "{text}");
        assert!(text.contains("address: https://agdb-{id}"), "{text}");
        let set = get("agdb", "agdb", demo, "StatefulSet", "agdb");
        let context = at(&set, "spec.template.spec.containers.0.securityContext");
        for (key, expected) in [("runAsUser", 1000), ("runAsGroup", 1000)] {
            assert_eq!(at(&context, key), Doc::new(Node::Int(expected), Span::NONE));
        }
        assert_eq!(at(&context, "allowPrivilegeEscalation").as_bool(), Some(false));
    }

    #[test]
    fn agdb_guards_its_pepper() {
        let refused = |layer| render("agdb", "agdb", &[layer]).err().unwrap();
        // None is brought along: the pods wait for the user's.
        let plain = render("agdb", "agdb", &["server: {}"]).unwrap();
        assert_eq!(plain.count("Secret"), 0);
        let set = plain.get("StatefulSet", "agdb").unwrap();
        let secret = at(set, "spec.template.spec.volumes.2.secret.secretName");
        assert_eq!(secret.as_str(), Some("agdb-pepper"));
        assert!(plain.notes.contains("create secret generic agdb-pepper"), "{}", plain.notes);
        let both = refused("pepper: {value: abcdefghijklmnop, existingSecret: x}");
        assert!(both.contains("exclude each other"), "{both}");
        let short = refused("pepper: {value: hunter2}");
        assert!(short.contains("exactly 16 characters, not 7"), "{short}");
        assert!(!short.contains("hunter2"));
        let number = refused("pepper: {value: 1234567891234567}");
        assert!(number.contains("expected a string in quotes"), "{number}");
        assert!(!number.contains("123456"));
    }

    #[test]
    fn openvox_roles() {
        let ca = get(
            "openvox-server",
            "production-ca",
            &["production-ca"],
            "Deployment",
            "production-ca",
        );
        assert_eq!(at(&ca, "spec.strategy.type").as_str(), Some("Recreate"));
        let args = at(&ca, "spec.template.spec.containers.0.env.0.value");
        assert_eq!(args.as_str(), Some("-Xms1g -Xmx2g -Djruby-puppet.max-active-instances=4"));
        let labels = at(&ca, "spec.template.metadata.labels");
        let label = |key: &str| labels.get(&format!("openvox.voxpupuli.org/{key}")).cloned();
        assert_eq!(label("role").unwrap().as_str(), Some("server"));
        assert_eq!(label("ca").unwrap().as_str(), Some("true"));
        assert_eq!(label("pool-production-server").unwrap().as_str(), Some("true"));
        let selector = at(&ca, "spec.selector.matchLabels");
        assert_eq!(selector.as_map().unwrap().len(), 1);
        let compiler = get("openvox-server", "comp", &["compilers"], "Deployment", "comp");
        assert!(at(&compiler, "spec.replicas").is_null());
        let args = at(&compiler, "spec.template.spec.containers.0.env.0.value");
        assert!(args.as_str().unwrap().starts_with("-Xms3686m -Xmx3686m "), "{args:?}");
        for (layer, message) in [
            ("{ca: true, replicas: 2}", "two pods cannot write"),
            ("{ca: false, server: false}", "must be true unless ca is"),
            ("pdb: {minAvailable: 1, maxUnavailable: 1}", "exclude each other"),
            ("configRef: ''", "configRef: must name the resource"),
        ] {
            let found = render("openvox-server", "x", &[layer]).err().unwrap();
            assert!(found.contains(message), "{layer}: {found}");
        }
    }

    #[test]
    fn ojs_backends() {
        let env = |layer: &str| {
            let server = get("ojs-cluster", "jobs", &[layer], "Deployment", "jobs-server");
            let env = at(&server, "spec.template.spec.containers.0.env");
            env.as_list().unwrap().last().unwrap().clone()
        };
        let redis = env("production");
        assert_eq!(at(&redis, "name").as_str(), Some("REDIS_URL"));
        assert_eq!(at(&redis, "valueFrom.secretKeyRef.key").as_str(), Some("url"));
        let kafka = env("backend: {type: kafka, url: 'kafka:9092'}");
        assert_eq!(at(&kafka, "name").as_str(), Some("KAFKA_BROKERS"));
        assert_eq!(at(&kafka, "valueFrom.configMapKeyRef.name").as_str(), Some("jobs-config"));
        let config = get("ojs-cluster", "jobs", &["multi"], "ConfigMap", "jobs-config");
        let url = at(&config, "data.BACKEND_URL");
        assert_eq!(url.as_str(), Some("redis://jobs-redis.ojp.svc.cluster.local:6379"));
        for (layer, message) in [
            ("backend: {type: redis}", "needs one of url, urlSecretRef, embedded"),
            ("backend: {type: nats, embedded: true}", "not nats"),
            (
                "backend: {type: redis, url: x, urlSecretRef: {name: a, key: b}}",
                "exclude each other",
            ),
            ("backend: {type: reddis}", "did you mean \"redis\"?"),
        ] {
            let found = render("ojs-cluster", "x", &[layer]).err().unwrap();
            assert!(found.contains(message), "{layer}: {found}");
        }
        let all = render("ojs-cluster", "jobs", &["production"]).unwrap();
        assert_eq!(
            ["ServiceMonitor", "HorizontalPodAutoscaler"].map(|kind| all.count(kind)),
            [1, 1]
        );
        let dashboard = all.get("ConfigMap", "jobs-dashboard").unwrap();
        let json = at(dashboard, "data.jobs|json").as_str().unwrap().to_owned();
        serde_json::from_str::<serde_json::Value>(&json).unwrap();
        // The Services and pods of server and Redis must not take each other's traffic.
        let multi = render("ojs-cluster", "jobs", &["multi"]).unwrap();
        let selector = |name: &str| at(multi.get("Service", name).unwrap(), "spec.selector");
        assert_ne!(selector("jobs-server"), selector("jobs-redis"));
    }

    #[test]
    fn ojs_workers() {
        let worker = get("ojs-worker", "mail", &["email-worker"], "Deployment", "mail");
        let env = at(&worker, "spec.template.spec.containers.0.env");
        let value = |name: &str| {
            let found =
                env.as_list().unwrap().iter().find(|item| at(item, "name").as_str() == Some(name));
            at(found.unwrap(), "value").as_str().unwrap().to_owned()
        };
        assert_eq!(value("OJS_URL"), "http://ojs-multi-server.ojp.svc.cluster.local:8080");
        assert_eq!(value("OJS_JOB_TYPES"), "email.send,email.digest");
        assert_eq!(value("OJS_CONCURRENCY"), "10");
        let scaler =
            get("ojs-worker", "mail", &["email-worker"], "HorizontalPodAutoscaler", "mail-hpa");
        assert_eq!(
            at(&scaler, "spec.behavior.scaleDown.stabilizationWindowSeconds"),
            Doc::new(Node::Int(300), Span::NONE)
        );
    }
}
