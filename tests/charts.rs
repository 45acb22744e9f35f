//! The charts that come with the program: rendered by name in any folder, listed, copied.

use crate::support::{MemoryHost, run};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_name_is_enough() {
    let host = MemoryHost::new();
    host.put("my.yaml", b"replicaCount: 5\nserver: {port: 9059}\n");
    let output = run(&host, &["template", "my-ojp", "ojp-server", "-f", "my.yaml"]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    let manifests = text(&output.out);
    assert!(manifests.contains("name: my-ojp-ojp-server-4\n"), "{manifests}");
    assert!(manifests.contains("OJP_SERVER_PORT: \"9059\"\n"), "{manifests}");
}

#[test]
fn a_folder_of_the_same_name_wins() {
    let host = MemoryHost::new();
    host.put("agdb/Chart.yaml", b"apiVersion: v2\nname: mine\nversion: 1.0.0\n");
    host.put("agdb/templates/a.yaml", b"a: 1\n");
    let output = run(&host, &["template", "agdb"]);
    assert_eq!(text(&output.out), "---\n# Source: mine/templates/a.yaml\na: 1\n");
    let neither = run(&host, &["template", "agbd"]);
    assert_eq!(
        neither.err,
        "Error: non-absolute URLs should be in form of repo_name/path_to_chart, got: agbd\n"
    );
}

#[test]
fn faults_name_the_shipped_file() {
    let host = MemoryHost::new();
    let output = run(&host, &["template", "agdb", "--set", "server.port=0"]);
    assert_eq!(output.code, 1);
    assert!(output.err.contains("server.port: 0 is no port"), "{}", output.err);
}

#[test]
fn every_chart_has_typed_values() {
    let names: Vec<_> = rhumb::chart::shipped::ALL.iter().map(|chart| chart.name).collect();
    assert_eq!(names, rhumb::models::CHARTS);
}

#[test]
fn every_chart_is_listed() {
    let output = run(&MemoryHost::new(), &["charts"]);
    assert_eq!(output.code, 0);
    insta::assert_snapshot!(text(&output.out), @r"
    NAME            VERSION  APP VERSION  DESCRIPTION
    agdb            0.1.0    dev          Cluster of agdb graph database servers
    ojp-server      0.1.0    0.4.2-beta   Open J Proxy server, a JDBC proxy whose pods clients address one by one
    ojs-cluster     0.1.0    latest       Open Job Spec servers, as an OJSCluster resource describes them
    ojs-worker      0.1.0    latest       Workers of an Open Job Spec cluster, as an OJSWorker resource describes them
    openvox-server  0.1.0    latest       OpenVox Server pods, as a Server resource describes them
    ");
}

#[test]
fn a_copy_renders_as_the_chart_does() {
    let host = MemoryHost::new();
    let copied = run(&host, &["charts", "copy", "ojp-server", "own"]);
    assert_eq!((copied.code, copied.err.as_str()), (0, ""));
    assert!(text(&copied.out).starts_with("wrote own ("));
    let own = run(&host, &["template", "own"]);
    assert_eq!(text(&own.out), text(&run(&host, &["template", "ojp-server"]).out));
    let again = run(&host, &["charts", "copy", "agdb", "own"]);
    assert_eq!(again.err, "Error: own is not empty: name a folder that is not there yet\n");
    let wrong = run(&host, &["charts", "copy", "ojp", "other"]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("no shipped chart is named \"ojp\"; "), "{}", wrong.err);
}
