//! `rhumb create`: the chart of `helm create` in what it renders, and a native one.

use crate::support::{MemoryHost, cases, run};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn created(args: &[&str]) -> MemoryHost {
    let host = MemoryHost::new();
    let output = run(&host, args);
    assert_eq!(
        (output.code, text(&output.out), output.err.as_str()),
        (0, "Creating web\n".to_owned(), "")
    );
    host
}

#[test]
fn the_chart_renders_as_that_of_helm() {
    let host = created(&["create", "web"]);
    for case in ["defaults", "exposed", "filled"] {
        let file = |end: &str| cases().join("create").join(format!("{case}.{end}"));
        let flags = std::fs::read_to_string(file("args")).expect("flags");
        let mut args = vec!["template", "shop", "web", "--validate", "--ignore-missing-schemas"];
        args.extend(flags.lines());
        let output = run(&host, &args);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{case}");
        let expected = std::fs::read_to_string(file("out")).expect("recorded output");
        assert_eq!(text(&output.out), expected, "{case}");
    }
}

#[test]
fn notes_lead_to_the_application() {
    let host = created(&["create", "web"]);
    for (set, line) in [
        (
            "service.type=ClusterIP",
            "  kubectl port-forward --namespace shop service/r-web 8080:80\n",
        ),
        (
            "service.type=NodePort",
            "  PORT=$(kubectl get --namespace shop service/r-web -o jsonpath='{.spec.ports[0].nodePort}')\n",
        ),
        ("service.type=LoadBalancer", "  kubectl get --namespace shop service/r-web --watch\n"),
        ("ingress.enabled=true", "  http://chart-example.local/\n"),
        ("httpRoute.enabled=true", "  http://chart-example.local  /headers\n"),
    ] {
        let output = run(&host, &["template", "r", "web", "-n", "shop", "--notes", "--set", set]);
        assert!(
            output.err.starts_with("NOTES:\nr is installed in namespace shop.\n"),
            "{}",
            output.err
        );
        assert!(output.err.contains(line), "{set}: {}", output.err);
    }
}

#[test]
fn the_native_chart_is_valid_and_guards_its_values() {
    let host = created(&["create", "--native", "web"]);
    for set in [
        "replicaCount=1",
        "replicaCount=3,config.A=1,config.B=x,service.annotations.a=b",
        "autoscaling.enabled=true,resources.requests.cpu=100m,service.type=LoadBalancer",
        "image.tag=1.2,livenessProbe.tcpSocket.port=http,extraEnv[0].name=A,podLabels.a=b",
        "serviceAccount.create=false,podDisruptionBudget.maxUnavailable=50%",
    ] {
        for minor in [25, 28, 37] {
            let version = format!("1.{minor}");
            let args = ["template", "shop", "web", "--set", set, "--kube-version", &version];
            let output = run(&host, &[&args[..], &["--validate=full"]].concat());
            assert_eq!((output.code, output.err.as_str()), (0, ""), "{set} {minor}");
            let manifests = text(&output.out);
            assert!(manifests.contains("kind: Deployment"), "{manifests}");
        }
    }
    let rolled = |set: &str| {
        let manifests = text(&run(&host, &["template", "web", "--set", set]).out);
        let sum = manifests.lines().find(|line| line.contains("checksum/config"));
        sum.expect("a sum").to_owned()
    };
    assert_ne!(rolled("config.A=1"), rolled("config.A=2"));
    for (set, word) in [
        ("replicas=3", "replicas"),
        ("service.port=0", "port"),
        ("config.A=null,image.tagg=x", "tagg"),
    ] {
        let output = run(&host, &["template", "web", "--set", set]);
        assert_eq!((output.code, output.out.len()), (1, 0), "{set}");
        assert!(output.err.contains(word), "{set}: {}", output.err);
    }
    let notes = run(&host, &["template", "shop", "web", "--notes"]).err;
    assert!(notes.contains("http://shop-web.default:80\n"), "{notes}");
}

#[test]
fn both_pass_lint_and_the_native_one_its_own_tests() {
    for args in [&["create", "web"][..], &["create", "--native", "web"]] {
        let host = created(args);
        let output = run(&host, &["lint", "web", "--strict", "--quiet"]);
        assert_eq!((output.code, text(&output.out), output.err), (0, String::new(), String::new()));
    }
    let host = created(&["create", "--native", "web"]);
    let output = run(&host, &["unittest", "web"]);
    assert!(text(&output.out).contains("3 passed, 3 total"), "{}", text(&output.out));
    assert_eq!(output.code, 0);
}

#[test]
fn shipped_charts_are_linted_for_production() {
    let host = MemoryHost::new();
    host.put_folder("charts/ojp-server", "ojp");
    host.put_folder("values/ojp-server", "values");
    let plain = text(&run(&host, &["lint", "ojp"]).out);
    assert_eq!(plain.matches("(production)").count(), 4, "{plain}");
    let by_name = text(&run(&host, &["lint", "ojp-server"]).out);
    let place =
        "[WARNING] values: rhumb:ojp-server/values.yaml:47:15: server.allowedIps: should not";
    assert!(by_name.contains(place), "{by_name}");
    let layer = ["lint", "ojp", "--strict", "-f", "values/production.yaml"];
    assert_eq!(run(&host, &layer).code, 0);
}

#[test]
fn names_and_folders_are_checked() {
    let host = MemoryHost::new();
    host.put("file", b"");
    host.put("there/web/Chart.yaml", b"");
    let long = "a".repeat(251);
    for (args, message) in [
        (
            &["create"][..],
            "\"rhumb create\" requires 1 argument\n\nUsage:  rhumb create NAME [flags]",
        ),
        (&["create", "a b"], "chart name must match the regular expression \"^[a-zA-Z0-9._-]+$\""),
        (&["create", &long], "chart name must be between 1 and 250 characters"),
        (&["create", "no/where"], "stat /work/no: no such file or directory"),
        (&["create", "file"], "file /work/file already exists and is not a directory"),
        (&["create", "file/web"], "no such directory /work/file"),
    ] {
        let output = run(&host, args);
        assert_eq!((output.code, output.err), (1, format!("Error: {message}\n")));
    }
    let again = run(&host, &["create", "there/web"]);
    assert_eq!(again.code, 0);
    assert_eq!(
        text(&again.out),
        "Creating there/web\nWARNING: File \"/work/there/web/Chart.yaml\" already exists. Overwriting.\n"
    );
    assert!(
        host.text("there/web/templates/_helpers.tpl")
            .expect("written")
            .contains("\"web.fullname\"")
    );
}
