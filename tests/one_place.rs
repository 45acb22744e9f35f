//! One value, one place: a port, a name or a count changed once changes everywhere.
//!
//! Each value is rendered with two settings. What the first one printed for it must be gone with
//! the second, and stand there as often in the new form.

use crate::support::{MemoryHost, run};

/// A value of a chart and two settings of it.
struct Row {
    chart: &'static str,
    /// Settings without which the value says little.
    base: &'static str,
    path: &'static str,
    settings: [&'static str; 2],
}

const fn row(
    chart: &'static str,
    base: &'static str,
    path: &'static str,
    settings: [&'static str; 2],
) -> Row {
    Row { chart, base, path, settings }
}

const OJP: &str = "networkPolicy.enabled=true,serviceMonitor.enabled=true,service.type=NodePort";
const AGDB: &str = "networkPolicy.enabled=true,pepper.insecureDemo=true";
const VOX: &str = "networkPolicy.enabled=true,autoscaling.enabled=true,pdb.enabled=true";
const CLUSTER: &str = "backend.type=redis,backend.embedded=true,autoScaling.enabled=true,\
                       monitoring.enabled=true,monitoring.serviceMonitor=true,\
                       monitoring.grafanaDashboard=true";
const WORKER: &str = "autoScaling.enabled=true,autoScaling.targetJobsPerWorker=4";

const PORTS: [&str; 2] = ["41001", "42002"];
const NAMES: [&str; 2] = ["early-bird", "late-riser"];

const ROWS: &[Row] = &[
    row("ojp-server", OJP, "server.port", PORTS),
    row("ojp-server", OJP, "server.prometheusPort", PORTS),
    row("ojp-server", OJP, "service.port", PORTS),
    row("ojp-server", OJP, "service.nodePort", ["30401", "30402"]),
    row("ojp-server", OJP, "fullnameOverride", NAMES),
    row("ojp-server", OJP, "nameOverride", NAMES),
    row("ojp-server", OJP, "serviceAccount.name", NAMES),
    row("ojp-server", OJP, "clusterDomain", NAMES),
    row("ojp-server", OJP, "image.tag", NAMES),
    row("agdb", AGDB, "server.port", PORTS),
    row("agdb", AGDB, "fullnameOverride", NAMES),
    row("agdb", AGDB, "nameOverride", NAMES),
    row("agdb", AGDB, "serviceAccount.name", NAMES),
    row("agdb", AGDB, "clusterDomain", NAMES),
    row("agdb", "tls.enabled=true,pepper.existingSecret=p", "tls.existingSecret", NAMES),
    row("agdb", "", "pepper.existingSecret", NAMES),
    row("agdb", "pepper.value=0123456789abcdef", "pepper.existingSecretKey", NAMES),
    row("openvox-server", VOX, "configRef", NAMES),
    row("openvox-server", VOX, "certificateRef", NAMES),
    row("openvox-server", VOX, "caRef", NAMES),
    row("openvox-server", VOX, "fullnameOverride", NAMES),
    row("openvox-server", VOX, "nameOverride", NAMES),
    row("openvox-server", VOX, "serviceAccount.name", NAMES),
    row("openvox-server", "ca=true", "caRef", NAMES),
    row("ojs-cluster", CLUSTER, "service.httpPort", PORTS),
    row("ojs-cluster", CLUSTER, "service.metricsPort", PORTS),
    row("ojs-cluster", CLUSTER, "redis.port", PORTS),
    row("ojs-cluster", CLUSTER, "fullnameOverride", NAMES),
    row("ojs-cluster", CLUSTER, "nameOverride", NAMES),
    row("ojs-cluster", CLUSTER, "serviceAccount.name", NAMES),
    row("ojs-cluster", CLUSTER, "clusterDomain", NAMES),
    row("ojs-worker", WORKER, "clusterRef", NAMES),
    row("ojs-worker", WORKER, "clusterPort", PORTS),
    row("ojs-worker", WORKER, "fullnameOverride", NAMES),
    row("ojs-worker", WORKER, "nameOverride", NAMES),
    row("ojs-worker", WORKER, "serviceAccount.name", NAMES),
    row("ojs-worker", WORKER, "clusterDomain", NAMES),
];

fn render(chart: &str, release: &str, set: &str) -> String {
    let mut args = vec!["template", release, chart, "-n", "somewhere", "--notes"];
    args.extend(set.split_whitespace().flat_map(|set| ["--set", set]));
    let output = run(&MemoryHost::new(), &args);
    assert_eq!(output.code, 0, "{chart} {set}: {}", output.err);
    // Sums of contents change with every value.
    let text = String::from_utf8(output.out).expect("UTF-8") + &output.err;
    text.lines()
        .filter(|line| !line.contains("checksum/"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn a_value_changes_everywhere() {
    for Row { chart, base, path, settings: [first, second] } in ROWS {
        let set = |value: &str| render(chart, "demo", &format!("{base} {path}={value}"));
        let (before, after) = (set(first), set(second));
        let times = before.matches(first).count();
        assert!(times > 0, "{chart}: {path} is nowhere");
        assert_eq!(after.matches(first).count(), 0, "{chart}: {path} stays behind");
        assert_eq!(after.matches(second).count(), times, "{chart}: {path}");
        // Nothing else changes: put back, the rest is the same. Length decides over order and
        // hashes, so both settings are of one length.
        let mut back: Vec<_> = after.replace(second, first).lines().map(str::to_owned).collect();
        let mut lines: Vec<_> = before.lines().map(str::to_owned).collect();
        back.sort();
        lines.sort();
        let is_hash = |line: &String| line.contains("\"uid\":\"ojs-");
        back.retain(|line| !is_hash(line));
        lines.retain(|line| !is_hash(line));
        assert_eq!(back, lines, "{chart}: {path}");
    }
}

#[test]
fn the_release_and_its_namespace_change_everywhere() {
    for chart in rhumb::models::CHARTS {
        let text = render(chart, NAMES[0], "");
        let other = render(chart, NAMES[1], "");
        assert_eq!(other.matches(NAMES[0]).count(), 0, "{chart}");
        assert_eq!(other.matches(NAMES[1]).count(), text.matches(NAMES[0]).count(), "{chart}");
        let documents = text.matches("\nkind: ").count();
        assert_eq!(text.matches("\n  namespace: somewhere\n").count(), documents, "{chart}");
    }
}

#[test]
fn a_count_changes_everywhere() {
    let count =
        |chart: &str, set: &str, what: &str| render(chart, "demo", set).matches(what).count();
    for pods in [2, 5] {
        let set = format!("replicaCount={pods},podDisruptionBudget.minAvailable=1");
        let replicas = format!("\n  replicas: {pods}\n");
        assert_eq!(count("ojp-server", &set, &replicas), 1);
        let services = "    statefulset.kubernetes.io/pod-name: demo-ojp-server-";
        assert_eq!(count("ojp-server", &set, services), 2 * pods);
        let set = format!("replicaCount={pods},networkPolicy.enabled=true");
        assert_eq!(count("agdb", &set, &replicas), 1);
        assert_eq!(count("agdb", &set, "    - http://demo-agdb-"), pods);
        let set = format!("replicas={pods}");
        for chart in ["ojs-cluster", "ojs-worker", "openvox-server"] {
            assert_eq!(count(chart, &set, &replicas), 1, "{chart}");
        }
        // A pod alone has no one to keep away from, and no budget.
        assert_eq!(count("ojs-cluster", &set, "kind: PodDisruptionBudget"), 1);
        assert_eq!(count("ojs-cluster", &set, "podAntiAffinity"), 1);
    }
    for (chart, set) in [
        ("ojp-server", "replicaCount=1"),
        ("agdb", "replicaCount=1"),
        ("ojs-cluster", "replicas=1"),
    ] {
        assert_eq!(count(chart, set, "kind: PodDisruptionBudget"), 0, "{chart}");
    }
    assert_eq!(count("agdb", "replicaCount=1", "cluster: []"), 1);
    assert_eq!(count("ojp-server", "autoscaling.enabled=true", "pod-name"), 0);
    for (chart, key) in [
        ("ojp-server", "autoscaling"),
        ("openvox-server", "autoscaling"),
        ("ojs-cluster", "autoScaling"),
        ("ojs-worker", "autoScaling"),
    ] {
        let set = format!("{key}.enabled=true,{key}.minReplicas=3,{key}.maxReplicas=7");
        assert_eq!(count(chart, &set, "\n  replicas: "), 0, "{chart}");
        assert_eq!(count(chart, &set, "\n  minReplicas: 3\n  maxReplicas: 7\n"), 1, "{chart}");
    }
}
