//! rhumb in Helm's place: command lines of real clients with what Helm v4.3.1 made of them.
//!
//! `record_dropin.py` records them; each group of lines runs over the same files, against a
//! server on loopback that answers with the files below `cases/dropin/served`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;

use serde_json::Value;

use crate::support::{MemoryHost, WORK, cases, run_as};

/// Lines whose error text is known to differ; output and exit code never may.
const OTHER_TEXT: &[&str] = &[];

/// Answers with files until the test ends; the port.
pub(crate) fn serve(root: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let root = root.clone();
            // A client that goes away has its reasons.
            thread::spawn(move || drop(answer(&stream, &root)));
        }
    });
    port
}

fn answer(stream: &TcpStream, root: &std::path::Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
    let file = root.join(path.trim_start_matches('/').replace(':', "-"));
    let (status, body) = match std::fs::read(file) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", b"{}".to_vec()),
    };
    let mut stream = stream;
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

fn read_cases() -> Vec<Value> {
    let text = std::fs::read_to_string(cases().join("dropin/cases.jsonl")).expect("cases");
    text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect()
}

pub(crate) fn fresh(port: u16) -> MemoryHost {
    let mut host = MemoryHost::new();
    host.put_folder("tests/cases/dropin/tree", ".");
    for path in host.paths().iter().filter(|path| path.ends_with("Chart.yaml")) {
        let text = host.text(path).expect("a file").replace("<PORT>", &port.to_string());
        host.put(path, text.as_bytes());
    }
    host.allow_network();
    // Signatures of the recordings are older.
    host.set_now(2_000_000_000);
    host.set_env("TZ", "UTC");
    host.set_env("PATH", "/usr/bin:/bin");
    host.set_env("HOME", &format!("{WORK}/home"));
    for (name, folder) in
        [("HELM_CONFIG_HOME", "config"), ("HELM_CACHE_HOME", "cache"), ("HELM_DATA_HOME", "data")]
    {
        host.set_env(name, &format!("{WORK}/{folder}"));
    }
    host
}

/// Times of locks and lists are those of the run, and so are digests of addresses.
fn without_times(text: &str) -> String {
    let times = regex::Regex::new("\"2[^\"]*Z\"").expect("a pattern");
    let text = times.replace_all(text, "\"<TIME>\"").into_owned();
    if !text.contains("<PORT>") {
        return text;
    }
    let digest = regex::Regex::new("sha256:[0-9a-f]{64}").expect("a pattern");
    digest.replace_all(&text, "<DIGEST>").into_owned()
}

#[test]
fn equals_helm() {
    let port = serve(cases().join("dropin/served"));
    // Named after an address, which has the port in it.
    let index = regex::Regex::new("helm-manager-[0-9a-f]{64}").expect("a pattern");
    let plain = |text: &str| {
        let text = index.replace_all(text, "helm-manager-<DIGEST>");
        text.replace(WORK, "<WORK>").replace(&format!(":{port}"), ":<PORT>")
    };
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for case in read_cases() {
        groups.entry(case["group"].as_str().unwrap_or_default().into()).or_default().push(case);
    }
    let mut differences = String::new();
    let mut count = 0;
    for (group, cases) in groups {
        let mut host = fresh(port);
        for case in cases {
            if let Some(files) = case["files"].as_object() {
                for (path, want) in files {
                    let got = host.text(path).map(|text| without_times(&plain(&text)));
                    if got != want.as_str().map(without_times) {
                        let _ = writeln!(differences, "[{group}] {path}: {got:?}, not {want}");
                    }
                }
                continue;
            }
            if let Some(path) = case["put"].as_str() {
                let text = case["text"].as_str().unwrap_or_default();
                host.put(path, text.replace("<PORT>", &port.to_string()).as_bytes());
                continue;
            }
            count += 1;
            let args = case["args"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let args: Vec<String> =
                args.map(|arg| arg.replace("<PORT>", &port.to_string())).collect();
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            host.set_stdin(case["stdin"].as_str().unwrap_or_default().as_bytes());
            let mut before = Vec::new();
            for (name, value) in case["env"].as_object().into_iter().flatten() {
                before.push((name, host.take_env(name)));
                host.set_env(name, &value.as_str().unwrap_or_default().replace("<WORK>", WORK));
            }
            let output = run_as(&host, "helm", &args);
            for (name, value) in before {
                host.take_env(name);
                if let Some(value) = value {
                    host.set_env(name, &value);
                }
            }
            let text = |key: &str| case[key].as_str().unwrap_or_default();
            let stdout = plain(&String::from_utf8_lossy(&output.out));
            let stderr = plain(&output.err);
            let line = args.join(" ");
            let is_help = text("stdout").contains("Available Commands:");
            let is_help = is_help || text("stdout").contains("\nUsage:\n  helm");
            let same_out = stdout == text("stdout") || (is_help && stdout.contains("Usage:"));
            let same_err = stderr == text("stderr") || OTHER_TEXT.contains(&line.as_str());
            if i64::from(output.code) != case["exit"].as_i64().unwrap_or(-1)
                || !same_out
                || !same_err
            {
                let _ = writeln!(
                    differences,
                    "[{group}] {line}: exit {}\n--- expected\n{}{}--- got\n{stdout}{stderr}",
                    output.code,
                    text("stdout"),
                    text("stderr")
                );
            }
        }
    }
    assert!(count > 1000, "only {count} lines were found");
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn help_lists_what_is_only_accepted() {
    let host = MemoryHost::new();
    for (args, flags) in [
        (["template", "--help"], ["--wait", "--rollback-on-failure", "--burst-limit", "--labels"]),
        (["help", "lint"], ["--kube-token", "--qps", "--kube-as-user", "--strict"]),
    ] {
        let output = run_as(&host, "helm", &args);
        let text = String::from_utf8_lossy(&output.out);
        assert_eq!(output.code, 0, "{}", output.err);
        for flag in flags {
            assert!(text.contains(flag), "{args:?} does not list {flag}: {text}");
        }
    }
}

#[test]
fn clients_of_helm_three_may_ask_for_the_client() {
    let host = MemoryHost::new();
    for args in [["version", "--client", "--short"], ["version", "-c", "--short"]] {
        let output = run_as(&host, "helm", &args);
        assert_eq!((output.code, output.out.as_slice()), (0, &b"v4.3.1+gc0d08d0\n"[..]));
    }
    // helmfile before 1.0 wants to hear of Helm 3.
    let mut old = MemoryHost::new();
    old.set_env("RHUMB_HELM_VERSION", "v3.20.0");
    let output = run_as(&old, "helm", &["version", "--client", "--short"]);
    assert_eq!(output.out, b"v3.20.0+gc0d08d0\n");
    // kustomize takes the first version that it finds, whatever the program's name.
    let own = run_as(&host, "rhumb", &["version", "--short"]);
    assert!(own.out.starts_with(b"v4.3.1+rhumb"), "{own:?}");
    let helm = run_as(&host, "/usr/local/bin/helm", &["version"]);
    let same = run_as(&host, "rhumb", &["helm", "version"]);
    assert_eq!(helm.out, same.out);
}

#[test]
fn commands_for_a_cluster_are_refused_in_one_line() {
    let host = MemoryHost::new();
    for line in [
        "install x ./chart",
        "upgrade --install x ./chart --set a=b",
        "list -A",
        "ls",
        "status x",
        "get values x",
        "test x",
        "uninstall x",
        "delete x",
        "rollback x 1",
        "history x",
        "diff upgrade x .",
        "--namespace ns install x .",
        "push a.tgz oci://x/y",
        "plugin update x",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let output = run_as(&host, "helm", &args);
        assert_eq!((output.code, output.out.len()), (1, 0), "{line}");
        assert!(output.err.starts_with("Error: \"helm "), "{}", output.err);
        assert_eq!(output.err.lines().count(), 1, "{}", output.err);
    }
}

#[test]
fn hundreds_of_api_versions_and_dozens_of_values_files() {
    let host = fresh(0);
    let mut args = vec!["template".to_string(), "rel".into(), "charts/demo".into()];
    for at in 0..400 {
        args.extend(["--api-versions".into(), format!("group{at}.example.com/v1/Kind{at}")]);
    }
    args.push("--api-versions=example.com/v1,example.com/v1/Thing".into());
    for at in 0..50 {
        host.put(&format!("v{at}.yaml"), format!("replicas: {at}\n").as_bytes());
        args.extend(["-f".into(), format!("v{at}.yaml")]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let text = String::from_utf8(run_as(&host, "helm", &args).out).expect("UTF-8");
    assert!(text.contains("replicas: \"49\""), "{text}");
    assert!(text.contains("known: \"true\""), "{text}");
}

#[test]
fn offline_means_files_and_caches_only() {
    let port = serve(cases().join("dropin/served"));
    let host = fresh(port);
    let repository = format!("http://127.0.0.1:{port}/repository");
    let show = ["show", "chart", "kid", "--repo", &repository];
    let offline = [&show[..], &["--offline"]].concat();
    let refused = run_as(&host, "rhumb", &offline);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("looks like"), "{}", refused.err);
    let online = run_as(&host, "rhumb", &show);
    assert_eq!(online.code, 0, "{}", online.err);
    let cached = run_as(&host, "rhumb", &offline);
    assert_eq!((cached.code, cached.out), (0, online.out), "{}", cached.err);
    let values = ["template", "charts/demo", "-f", "http://127.0.0.1:1/v.yaml", "--offline"];
    let refused = run_as(&host, "rhumb", &values);
    assert_eq!(
        refused.err,
        "Error: http://127.0.0.1:1/v.yaml is not on this machine, and --offline is given\n"
    );
}

#[test]
fn values_may_come_from_an_address() {
    let port = serve(cases().join("dropin/tree"));
    let host = fresh(port);
    let address = format!("http://127.0.0.1:{port}/values.yaml");
    let output = run_as(&host, "helm", &["template", "charts/demo", "-f", &address]);
    let text = String::from_utf8_lossy(&output.out);
    assert!(text.contains("replicas: \"3\""), "{text}{}", output.err);
}

#[test]
fn rules_have_names_and_severities() {
    let host = fresh(0);
    let args = ["lint", "lint/nt", "--severity", "chart-icon=off,templates-folder=error"];
    let output = run_as(&host, "rhumb", &args);
    let text = String::from_utf8_lossy(&output.out);
    assert_eq!(
        text,
        "==> Linting lint/nt\n[INFO] values.yaml: file does not exist (values-file)\n[ERROR] \
         templates/: directory does not exist (templates-folder)\n\n"
    );
    assert_eq!(output.code, 1);
    let wrong = run_as(&host, "rhumb", &["lint", "lint/nt", "--severity", "chart-icn=off"]);
    assert!(wrong.err.contains("did you mean \"chart-icon\""), "{}", wrong.err);
}

#[test]
fn archives_are_the_same_bytes_every_time() {
    let host = fresh(0);
    let pack = |folder: &str| {
        let output = run_as(&host, "rhumb", &["package", "kid", "-d", folder]);
        assert_eq!(output.code, 0, "{}", output.err);
        host.bytes(&format!("{folder}/kid-0.1.0.tgz")).expect("an archive")
    };
    assert_eq!(pack("one"), pack("two"));
}

#[test]
fn every_shell_gets_a_script() {
    let host = MemoryHost::new();
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef helm"),
        ("fish", "complete -c helm"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let output = run_as(&host, "helm", &["completion", shell]);
        let text = String::from_utf8_lossy(&output.out);
        assert!(output.code == 0 && text.contains(sign), "{shell}: {}", output.err);
    }
}

#[test]
fn each_command_says_what_it_does_with_an_example() {
    let host = MemoryHost::new();
    for line in [
        "version",
        "env",
        "lint",
        "package",
        "pull",
        "template",
        "show chart",
        "show values",
        "show readme",
        "show crds",
        "show all",
        "dependency list",
        "dependency build",
        "dependency update",
        "repo add",
        "repo list",
        "repo update",
        "repo remove",
        "repo index",
        "search repo",
        "registry login",
        "registry logout",
        "plugin install",
        "plugin list",
        "plugin uninstall",
    ] {
        let args: Vec<&str> = line.split(' ').chain(["--help"]).collect();
        let output = run_as(&host, "helm", &args);
        let text = String::from_utf8_lossy(&output.out);
        assert!(text.contains(&format!("Usage: helm {line}")), "{line}: {text}");
        let is_told = text.contains("Example") || line == "template";
        assert!(is_told, "{line}: {text}");
    }
}

#[test]
fn post_renderers_are_programs_and_plugins() {
    let host = fresh(0);
    host.put("/usr/bin/replace", b"");
    host.put(
        "data/plugins/words/plugin.yaml",
        b"apiVersion: v1\nname: words\nversion: 0.1.0\ntype: postrenderer/v1\nruntime: subprocess\n\
          runtimeConfig:\n  platformCommand:\n  - {command: replace, args: [demo]}\n",
    );
    let listed = run_as(&host, "helm", &["plugin", "list"]);
    let listed = String::from_utf8_lossy(&listed.out).into_owned();
    assert!(listed.contains("words\t0.1.0  \tpostrenderer/v1"), "{listed}");
    let plain = run_as(&host, "helm", &["template", "charts/demo"]);
    let plain = String::from_utf8_lossy(&plain.out).into_owned();
    for (name, args) in [("replace", &["demo", "other"][..]), ("words", &["other"])] {
        let mut line = vec!["template", "charts/demo", "--post-renderer", name];
        line.extend(args.iter().flat_map(|arg| ["--post-renderer-args", arg]));
        let output = run_as(&host, "helm", &line);
        let text = String::from_utf8_lossy(&output.out);
        assert_eq!(output.err, "", "{name}");
        assert!(text.contains("image: other:1.0"), "{text}");
        assert!(!text.contains("postrenderer.helm.sh"), "{text}");
        // The annotation came through the program, too, and so did the names of the files.
        let words = |text: &str| text.replace("demo", "other").split_whitespace().count();
        assert_eq!(words(&text), words(&plain), "{text}");
    }
    let gone = run_as(&host, "helm", &["plugin", "uninstall", "words"]);
    assert_eq!(gone.out, b"Uninstalled plugin: words\n");
    let line = ["template", "charts/demo", "--post-renderer", "words"];
    assert_eq!(run_as(&host, "helm", &line).code, 1);
}

#[test]
fn what_it_signs_it_verifies() {
    let host = fresh(0);
    let keys = ["rsa@", "dsa@", "edward@", "p256@", "p384@", "p521@", "locked@"];
    for key in keys {
        let ring = if key == "locked@" { "keys/locked.gpg" } else { "keys/secret.gpg" };
        let sign = ["package", "kid", "-d", "out", "--sign", "--key", key, "--keyring", ring];
        let sign = [&sign[..], &["--passphrase-file", "keys/passphrase"]].concat();
        let signed = run_as(&host, "rhumb", &sign);
        assert_eq!((signed.code, signed.err.as_str()), (0, ""), "{key}");
        let verify = ["verify", "out/kid-0.1.0.tgz", "--keyring", "keys/pubring.kbx"];
        let verified = run_as(&host, "rhumb", &verify);
        let text = String::from_utf8_lossy(&verified.out);
        assert!(text.contains(&format!("<{key}example.com>")), "{text}{}", verified.err);
        // A word changed, and it is nobody's any more.
        let file = "out/kid-0.1.0.tgz.prov";
        let changed = host.text(file).expect("a file").replace("that others", "which others");
        host.put(file, changed.as_bytes());
        let refused = run_as(&host, "rhumb", &verify);
        assert!(refused.err.ends_with("verification failure\n"), "{}", refused.err);
    }
    // The key that is revoked since may sign, but nobody believes it.
    let sign = ["package", "kid", "-d", "out", "--sign", "--key", "revoked@"];
    assert_eq!(
        run_as(&host, "rhumb", &[&sign[..], &["--keyring", "keys/secret.gpg"]].concat()).code,
        0
    );
    let args = ["verify", "out/kid-0.1.0.tgz", "--keyring", "keys/public.gpg"];
    let refused = run_as(&host, "rhumb", &args);
    assert_eq!(refused.err, "Error: openpgp: signature made by revoked key\n");
    // One made tomorrow is not yet good.
    let mut early = fresh(0);
    early.set_now(1_750_000_000);
    let args = ["verify", "signed/rsa/kid-0.1.0.tgz", "--keyring", "keys/public.gpg"];
    assert_eq!(run_as(&early, "rhumb", &args).err, "Error: openpgp: signature expired\n");
}

#[test]
fn dependencies_are_verified_before_they_are_kept() {
    let port = serve(cases().join("dropin/served"));
    let host = fresh(port);
    let update = ["dependency", "update", "remote", "--verify", "--keyring"];
    let refused = run_as(&host, "rhumb", &[&update[..], &["keys/empty.gpg"]].concat());
    assert_eq!(refused.code, 1);
    assert_eq!(host.bytes("remote/charts/kid-0.2.0.tgz"), None);
    let taken = run_as(&host, "rhumb", &[&update[..], &["keys/public.gpg"]].concat());
    assert_eq!(taken.code, 0, "{}", taken.err);
    assert!(host.bytes("remote/charts/kid-0.2.0.tgz").is_some());
}

#[test]
fn homes_that_cannot_be_written_end_in_one_line() {
    let port = serve(cases().join("dropin/served"));
    let repository = format!("http://127.0.0.1:{port}/repository");
    let mut host = fresh(port);
    host.put("home/.keep", b"");
    for name in ["HELM_CONFIG_HOME", "HELM_CACHE_HOME", "HELM_DATA_HOME"] {
        host.set_env(name, "");
    }
    host.set_read_only("home");
    let at = |folder: &str| format!("mkdir {WORK}/home/{folder}: permission denied");
    let cache = format!(
        "cannot write to the cache {WORK}/home/.cache/helm/content: name another by --content-cache"
    );
    for (line, want) in [
        (format!("repo add x {repository}"), at(".config")),
        (format!("template kid --repo {repository}"), cache.clone()),
        (format!("show chart kid --repo {repository}"), cache),
        (
            "package kid -d home/out".into(),
            "failed to save: mkdir home/out: permission denied".into(),
        ),
        ("create home/web".into(), at("web")),
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let output = run_as(&host, "helm", &args);
        assert_eq!((output.code, output.err), (1, format!("Error: {want}\n")), "{line}");
    }
    // What needs nothing of the home folder works.
    for line in [
        format!("template kid --repo {repository} --content-cache cache"),
        format!("pull kid --repo {repository} -d out"),
        "repo list".into(),
        "registry logout 127.0.0.1".into(),
        "template charts/demo".into(),
        "env".into(),
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let output = run_as(&host, "helm", &args);
        assert_eq!(output.code, 0, "{line}: {}", output.err);
    }
    let written = run_as(&host, "helm", &["template", "kid", "--output-dir", "home/out"]);
    assert!(
        written.err.starts_with("Error: mkdir home/out: permission denied\n"),
        "{}",
        written.err
    );
}

#[test]
fn other_commands_take_charts_from_servers() {
    let port = serve(cases().join("dropin/served"));
    let host = fresh(port);
    let repository = format!("http://127.0.0.1:{port}/repository");
    let of = |args: &[&str]| {
        let output = run_as(&host, "rhumb", args);
        assert_eq!(output.code, 0, "{args:?}: {}", output.err);
        String::from_utf8(output.out).expect("UTF-8")
    };
    let local = of(&["values", "kid"]);
    assert_eq!(of(&["values", "kid", "--repo", &repository, "--version", "0.1.0"]), local);
    let address = format!("{repository}/kid-0.2.0.tgz");
    assert_eq!(of(&["values", &address]), local);
    assert_eq!(of(&["schema", &address]), of(&["schema", "kid"]));
    assert_eq!(of(&["docs", &address]), of(&["docs", "kid"]));
    host.put("stream.yaml", b"kind: A\n");
    let refused = run_as(&host, "rhumb", &["expand", "stream.yaml", "--chart", &address]);
    assert!(refused.err.contains("stands for no custom resource"), "{}", refused.err);
}

#[test]
fn charts_begin_with_charts_of_the_user() {
    let host = fresh(0);
    host.put("data/starters/own/Chart.yaml", b"apiVersion: v2\nname: own\nversion: 9.0.0\n");
    host.put("data/starters/own/values.yaml", b"# <CHARTNAME>\nname: <CHARTNAME>\n");
    host.put("data/starters/own/templates/a.yaml", b"name: <CHARTNAME>\n");
    host.put("data/starters/own/notes.md", b"<CHARTNAME>\n");
    let output = run_as(&host, "helm", &["create", "web", "--starter", "own"]);
    assert_eq!((output.code, output.out.as_slice()), (0, &b"Creating web\n"[..]), "{}", output.err);
    assert_eq!(host.text("web/values.yaml").as_deref(), Some("# web\nname: web\n"));
    assert_eq!(host.text("web/templates/a.yaml").as_deref(), Some("name: web\n"));
    assert_eq!(host.text("web/notes.md").as_deref(), Some("<CHARTNAME>\n"));
    let chart = host.text("web/Chart.yaml").expect("a file");
    assert!(chart.contains("name: web\ntype: application\nversion: 0.1.0\n"), "{chart}");
}
