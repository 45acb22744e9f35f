//! What each system needs and is easily got wrong, object by object; and what no object of any
//! chart may lack.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_json::Value as Json;

use crate::support::{MemoryHost, run};

/// The objects of one render.
struct Objects(Vec<Json>);

impl Objects {
    /// Renders a chart as release `demo` with settings, separated by white space.
    fn of(chart: &str, set: &str) -> Self {
        Self::with(chart, "demo", set, &[])
    }

    fn with(chart: &str, release: &str, set: &str, more: &[&str]) -> Self {
        let mut args = vec!["template", release, chart, "-n", "space"];
        args.extend(set.split_whitespace().flat_map(|set| ["--set", set]));
        args.extend(more);
        let output = run(&MemoryHost::new(), &args);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{chart} {set}");
        let text = String::from_utf8(output.out).expect("UTF-8");
        let documents = serde_yaml::Deserializer::from_str(&text);
        Objects(documents.map(|doc| Json::deserialize(doc).expect("YAML")).collect())
    }

    fn get(&self, kind: &str, name: &str) -> &Json {
        let found =
            self.0.iter().find(|doc| doc["kind"] == kind && doc["metadata"]["name"] == name);
        found.unwrap_or_else(|| panic!("no {kind} {name}"))
    }

    fn has(&self, kind: &str) -> bool {
        self.0.iter().any(|doc| doc["kind"] == kind)
    }
}

/// The pod's spec of a workload.
fn pod(workload: &Json) -> &Json {
    &workload["spec"]["template"]["spec"]
}

/// The item of a list with a name.
fn named<'j>(list: &'j Json, name: &str) -> &'j Json {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().find(|item| item["name"] == name).unwrap_or(&Json::Null)
}

/// What a chart says of settings that it refuses.
fn refused(chart: &str, set: &str) -> String {
    let mut args = vec!["template", chart];
    args.extend(set.split_whitespace().flat_map(|set| ["--set", set]));
    let output = run(&MemoryHost::new(), &args);
    assert_eq!((output.code, output.out.len()), (1, 0), "{chart} {set} was accepted");
    output.err
}

mod agdb {
    use super::*;

    #[test]
    fn a_read_only_root_leaves_room_for_the_start_script() {
        let all = Objects::of("agdb", "");
        let set = all.get("StatefulSet", "demo-agdb");
        let container = &pod(set)["containers"][0];
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
        assert_eq!(named(&container["volumeMounts"], "home")["mountPath"], "/agdb");
        assert_eq!(named(&pod(set)["volumes"], "home")["emptyDir"], serde_json::json!({}));
        // Executable, and writable for nobody else.
        assert_eq!(named(&pod(set)["volumes"], "config")["configMap"]["defaultMode"], 0o755);
        let claim = &set["spec"]["volumeClaimTemplates"][0];
        assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "1Gi");
        assert_eq!(named(&container["volumeMounts"], "agdb-data")["mountPath"], "/agdb/data");
    }

    #[test]
    fn servers_know_their_number_on_every_kubernetes() {
        for version in ["1.25", "1.37"] {
            let all = Objects::with("agdb", "demo", "", &["--kube-version", version]);
            let set = all.get("StatefulSet", "demo-agdb");
            let index = named(&pod(set)["containers"][0]["env"], "AGDB_REPLICA_INDEX");
            assert_eq!(
                index["valueFrom"]["fieldRef"]["fieldPath"],
                "metadata.labels['apps.kubernetes.io/pod-index']"
            );
            let config = all.get("ConfigMap", "demo-agdb-config");
            let script = config["data"]["start.sh"].as_str().expect("a script");
            assert!(script.contains("${HOSTNAME##*-}"), "{script}");
            let keeps = &set["spec"]["persistentVolumeClaimRetentionPolicy"];
            assert_eq!(keeps.is_object(), version == "1.37", "{version}");
        }
    }

    #[test]
    fn the_configuration_names_its_own_namespace() {
        let all = Objects::of(
            "agdb",
            "server.port=4000 server.basepath=/db tls.enabled=true tls.existingSecret=certs",
        );
        let config = all.get("ConfigMap", "demo-agdb-config");
        let file = config["data"]["agdb_server.yaml"].as_str().expect("a file");
        let file: Json = serde_yaml::from_str(file).expect("YAML");
        let url =
            |id: &str| format!("https://demo-agdb-{id}.demo-agdb.space.svc.cluster.local:4000");
        assert_eq!(file["address"], url("{id}"));
        assert_eq!(file["cluster"], serde_json::json!([url("0"), url("1"), url("2")]));
        assert_eq!((&file["bind"], &file["basepath"]), (&":::4000".into(), &"/db".into()));
        let set = all.get("StatefulSet", "demo-agdb");
        let probe = &pod(set)["containers"][0]["livenessProbe"]["httpGet"];
        assert_eq!(
            (&probe["path"], &probe["scheme"]),
            (&"/db/api/v1/status".into(), &"HTTPS".into())
        );
    }

    #[test]
    fn the_pepper_is_the_users() {
        let none = Objects::of("agdb", "");
        assert!(!none.has("Secret"));
        let given = Objects::of("agdb", "pepper.value=0123456789abcdef");
        let secret = given.get("Secret", "demo-agdb-pepper");
        assert_eq!(secret["stringData"]["pepper"], "0123456789abcdef");
        let demo = Objects::of("agdb", "pepper.insecureDemo=true");
        assert_eq!(
            demo.get("Secret", "demo-agdb-pepper")["stringData"]["pepper"],
            "1234567891234567"
        );
        let existing = Objects::of("agdb", "pepper.insecureDemo=true pepper.existingSecret=mine");
        assert!(!existing.has("Secret"));
        // No message shows it.
        let short = refused("agdb", "pepper.value=hunter2");
        assert!(short.contains("16 characters, not 7"), "{short}");
        for set in [
            "pepper.value=hunter2",
            "pepper=hunter2",
            "pepper.value[0]=hunter2",
            "pepper.value.hunter2=1",
            "pepper.value=hunter2hunter2hu pepper.existingSecretKey=a/b",
        ] {
            let text = refused("agdb", set);
            assert!(!text.contains("hunter2"), "{set}: {text}");
        }
        let sums = |set: &str| {
            let all = Objects::of("agdb", set);
            let set = all.get("StatefulSet", "demo-agdb");
            set["spec"]["template"]["metadata"]["annotations"]["checksum/config"].clone()
        };
        assert_ne!(sums("pepper.value=0123456789abcdef"), sums("pepper.value=0123456789abcdeF"));
        for (set, word) in [
            ("tls.enabled=true", "needs existingSecret"),
            ("tls.enabled=true tls.existingSecret=a tls.key=b", "exclude each other"),
            ("cluster.heartbeatTimeoutMs=5000", "less than termTimeoutMs"),
            ("server.basepath=db", "must begin with /"),
            ("server.logLevel=info", "did you mean \"INFO\"?"),
            ("replicaCount=0", "must be at least 1"),
        ] {
            let text = refused("agdb", set);
            assert!(text.contains(word), "{set}: {text}");
        }
    }
}

mod openvox {
    use super::*;

    const CA: &str = "ca=true configRef=prod certificateRef=prod-cert";

    #[test]
    fn roles_decide_over_volumes() {
        let ca = Objects::of("openvox-server", CA);
        let ca = pod(ca.get("Deployment", "demo"));
        assert_eq!(
            named(&ca["volumes"], "ca-data")["persistentVolumeClaim"]["claimName"],
            "prod-ca-data"
        );
        assert_eq!(
            named(&ca["volumes"], "autosign-policy")["secret"]["secretName"],
            "prod-ca-autosign-policy"
        );
        assert!(named(&ca["volumes"], "ssl-ca-crl").is_null());
        let other = Objects::of("openvox-server", "configRef=prod certificateRef=c caRef=root");
        let other = pod(other.get("Deployment", "demo"));
        assert_eq!(named(&other["volumes"], "ssl-ca")["secret"]["secretName"], "root-ca");
        assert_eq!(named(&other["volumes"], "ssl-ca-crl")["secret"]["secretName"], "root-ca-crl");
        assert!(named(&other["volumes"], "ca-data").is_null());
        // As a directory, which Kubernetes keeps fresh.
        let mounts = &other["containers"][0]["volumeMounts"];
        assert!(named(mounts, "ssl-ca-crl")["subPath"].is_null());
        let files = |pod: &Json| -> BTreeSet<String> {
            let mounts = pod["containers"][0]["volumeMounts"].as_array().expect("mounts").iter();
            mounts.filter_map(|mount| Some(mount["subPath"].as_str()?.to_owned())).collect()
        };
        let (of_ca, of_other) = (files(ca), files(other));
        assert_eq!(of_ca.len(), 10);
        assert!(of_ca.contains("webserver-ca.conf") && of_ca.contains("ca-enabled.cfg"));
        assert!(of_other.contains("webserver.conf") && of_other.contains("ca-disabled.cfg"));
    }

    #[test]
    fn labels_and_strategy_follow_the_role() {
        for (set, role, strategy, is_ca) in [
            ("ca=true", "server", "Recreate", true),
            ("ca=true server=false", "ca", "Recreate", true),
            ("poolRefs={web}", "server", "RollingUpdate", false),
        ] {
            let all = Objects::of("openvox-server", set);
            let deployment = all.get("Deployment", "demo");
            let labels = &deployment["spec"]["template"]["metadata"]["labels"];
            assert_eq!(labels["openvox.voxpupuli.org/role"], role, "{set}");
            assert_eq!(deployment["spec"]["strategy"]["type"], strategy, "{set}");
            assert_eq!(labels["openvox.voxpupuli.org/ca"] == "true", is_ca, "{set}");
            let pool = &labels["openvox.voxpupuli.org/pool-web"];
            assert_eq!(pool == "true", set.contains("web"), "{set}");
            assert_eq!(
                deployment["spec"]["selector"]["matchLabels"],
                serde_json::json!({"openvox.voxpupuli.org/server": "demo"})
            );
        }
    }

    #[test]
    fn the_pod_is_locked_down_and_watched() {
        let all = Objects::of("openvox-server", "resources.limits.memory=2Gi");
        let pod = pod(all.get("Deployment", "demo"));
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        for container in [&pod["initContainers"][0], &pod["containers"][0]] {
            let context = &container["securityContext"];
            assert_eq!((&context["runAsUser"], &context["runAsGroup"]), (&1001.into(), &0.into()));
            assert_eq!(context["capabilities"]["drop"], serde_json::json!(["ALL"]));
            assert_eq!(context["readOnlyRootFilesystem"], true);
        }
        let server = &pod["containers"][0];
        assert_eq!(
            server["env"][0]["value"],
            "-Xms1843m -Xmx1843m -Djruby-puppet.max-active-instances=1"
        );
        let times = ["startupProbe", "readinessProbe", "livenessProbe"];
        let times = times.map(|probe| server[probe]["periodSeconds"].as_i64().expect("seconds"));
        assert_eq!(times, [5, 10, 30]);
        assert_eq!(server["startupProbe"]["failureThreshold"], 60);
        assert_eq!(server["livenessProbe"]["httpGet"]["scheme"], "HTTPS");
        let plain = Objects::of("openvox-server", "");
        let args = &super::pod(plain.get("Deployment", "demo"))["containers"][0]["env"][0]["value"];
        assert_eq!(args, "-Xms512m -Xmx1024m -Djruby-puppet.max-active-instances=1");
    }

    #[test]
    fn code_comes_from_a_claim_or_an_image() {
        let code = |set: &str| {
            let all = Objects::of("openvox-server", set);
            named(&pod(all.get("Deployment", "demo"))["volumes"], "code").clone()
        };
        assert_eq!(code("code.claimName=c")["persistentVolumeClaim"]["readOnly"], true);
        assert_eq!(code("code.image=i")["image"]["reference"], "i");
        assert!(code("").is_null());
        let args =
            ["template", "openvox-server", "--set", "code.image=i", "--kube-version", "1.30"];
        let output = run(&MemoryHost::new(), &args);
        assert!(output.err.contains("code.image needs Kubernetes 1.31"), "{}", output.err);
        let budget = Objects::of("openvox-server", "pdb.enabled=true");
        assert_eq!(budget.get("PodDisruptionBudget", "demo")["spec"]["minAvailable"], 1);
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for (set, word) in [
            ("ca=true autoscaling.enabled=true", "two pods cannot write"),
            ("code.claimName=a code.image=b", "exclude each other"),
            ("poolRefs={a,a}", "is listed twice"),
            ("configRef=Prod", "is no name of an object"),
            ("javaArgs=-Xmx4g resources.limits.memory=2Gi", "not below the memory limit"),
            ("pdb.minAvailable=half", "a percentage such as 50%"),
            ("maxActiveInstances=0", "must be at least 1"),
        ] {
            let text = refused("openvox-server", set);
            assert!(text.contains(word), "{set}: {text}");
        }
    }
}

mod ojs {
    use super::*;

    #[test]
    fn every_backend_has_its_variable() {
        for (kind, variable) in [
            ("redis", "REDIS_URL"),
            ("postgres", "DATABASE_URL"),
            ("nats", "NATS_URL"),
            ("kafka", "KAFKA_BROKERS"),
            ("sqs", "SQS_QUEUE_URL"),
            ("lite", "BACKEND_URL"),
        ] {
            let all = Objects::of("ojs-cluster", &format!("backend.type={kind} backend.url=u://x"));
            let config = &all.get("ConfigMap", "demo-config")["data"];
            assert_eq!(
                (&config["BACKEND_TYPE"], &config["BACKEND_URL"]),
                (&kind.into(), &"u://x".into())
            );
            let env = &pod(all.get("Deployment", "demo-server"))["containers"][0]["env"];
            let source = &named(env, variable)["valueFrom"]["configMapKeyRef"];
            assert_eq!(source["name"], "demo-config", "{kind}");
            let secret = "backend.urlSecretRef.name=s backend.urlSecretRef.key=k";
            let all = Objects::of("ojs-cluster", &format!("backend.type={kind} {secret}"));
            assert!(all.get("ConfigMap", "demo-config")["data"]["BACKEND_URL"].is_null());
            let env = &pod(all.get("Deployment", "demo-server"))["containers"][0]["env"];
            assert_eq!(named(env, variable)["valueFrom"]["secretKeyRef"]["key"], "k", "{kind}");
        }
    }

    #[test]
    fn the_embedded_redis_is_the_clusters_own() {
        let all =
            Objects::of("ojs-cluster", "backend.type=redis backend.embedded=true redis.port=6400");
        let redis = pod(all.get("Deployment", "demo-redis"));
        assert_eq!(redis["securityContext"]["runAsUser"], 999);
        let probe = &redis["containers"][0]["livenessProbe"]["exec"]["command"];
        assert_eq!(*probe, serde_json::json!(["redis-cli", "-p", "6400", "ping"]));
        assert_eq!(named(&redis["volumes"], "data")["emptyDir"], serde_json::json!({}));
        let url = &all.get("ConfigMap", "demo-config")["data"]["BACKEND_URL"];
        assert_eq!(url, "redis://demo-redis.space.svc.cluster.local:6400");
    }

    #[test]
    fn servers_have_sizes_probes_and_distance() {
        let all = Objects::of("ojs-cluster", "");
        let pod = pod(all.get("Deployment", "demo-server"));
        let server = &pod["containers"][0];
        let sizes = serde_json::json!({
            "requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "512Mi"},
        });
        assert_eq!(server["resources"], sizes);
        // What a resource gives stands alone, as with the operator.
        let own = Objects::of("ojs-cluster", "resources.requests.cpu=4");
        let own = &super::pod(own.get("Deployment", "demo-server"))["containers"][0]["resources"];
        assert_eq!(*own, serde_json::json!({"requests": {"cpu": "4"}}));
        let times = |probe: &str| {
            ["initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold"]
                .map(|key| server[probe][key].as_i64())
        };
        assert_eq!(times("livenessProbe"), [Some(10), Some(10), Some(3), Some(3)]);
        assert_eq!(times("readinessProbe"), [Some(5), Some(5), Some(2), Some(3)]);
        assert_eq!(times("startupProbe"), [Some(2), Some(3), None, Some(10)]);
        assert_eq!(server["readinessProbe"]["httpGet"]["path"], "/readyz");
        assert_eq!(
            pod["topologySpreadConstraints"][0]["topologyKey"],
            "topology.kubernetes.io/zone"
        );
        assert_eq!(all.get("PodDisruptionBudget", "demo-server")["spec"]["maxUnavailable"], 1);
        let one = Objects::of("ojs-cluster", "replicas=1");
        let one = super::pod(one.get("Deployment", "demo-server"));
        assert!(one["affinity"].is_null() && one["topologySpreadConstraints"].is_null());
    }

    #[test]
    fn monitoring_is_two_switches() {
        let both = "monitoring.serviceMonitor=true monitoring.grafanaDashboard=true";
        assert!(!Objects::of("ojs-cluster", both).has("ServiceMonitor"));
        let all = Objects::of("ojs-cluster", &format!("monitoring.enabled=true {both}"));
        let endpoint = &all.get("ServiceMonitor", "demo-server")["spec"]["endpoints"][0];
        assert_eq!(
            *endpoint,
            serde_json::json!({"port": "metrics", "path": "/metrics", "interval": "30s"})
        );
        let dashboard = all.get("ConfigMap", "demo-dashboard");
        assert_eq!(dashboard["metadata"]["labels"]["grafana_dashboard"], "1");
        let text = dashboard["data"]["demo.json"].as_str().expect("text");
        assert!(serde_json::from_str::<Json>(text).expect("JSON")["panels"].is_array());
    }

    #[test]
    fn a_workers_own_environment_comes_last() {
        let set = "clusterRef=jobs image=i:1 jobTypes={a.b,c} queues={q} concurrency=4 \
                   env[0].name=OJS_URL env[0].value=elsewhere gracefulShutdown.timeoutSeconds=90 \
                   command={run,it}";
        let all = Objects::of("ojs-worker", set);
        let worker = all.get("Deployment", "demo");
        let pod = pod(worker);
        assert_eq!(pod["terminationGracePeriodSeconds"], 90);
        let env = pod["containers"][0]["env"].as_array().expect("variables");
        let pairs: Vec<_> =
            env.iter().map(|item| (item["name"].as_str(), item["value"].as_str())).collect();
        assert_eq!(pairs[0].1, Some("http://jobs-server.space.svc.cluster.local:8080"));
        assert_eq!(pairs[1], (Some("OJS_QUEUES"), Some("q")));
        assert_eq!(pairs[2], (Some("OJS_JOB_TYPES"), Some("a.b,c")));
        assert_eq!(pairs[3], (Some("OJS_CONCURRENCY"), Some("4")));
        assert_eq!(pairs.last(), Some(&(Some("OJS_URL"), Some("elsewhere"))));
        assert_eq!(pod["containers"][0]["command"], serde_json::json!(["run", "it"]));
        assert_eq!(worker["metadata"]["labels"]["ojs.openjobspec.dev/cluster"], "jobs");
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for (chart, set, word) in [
            (
                "ojs-cluster",
                "backend.type=redis backend.embedded=true backend.url=x",
                "leave url and urlSecretRef out",
            ),
            (
                "ojs-cluster",
                "backend.type=redis backend.urlSecretRef.name=s",
                "backend.urlSecretRef",
            ),
            ("ojs-cluster", "service.metricsPort=8080", "8080 is taken by service.httpPort"),
            (
                "ojs-cluster",
                "autoScaling.enabled=true autoScaling.maxReplicas=1",
                "must not be below minReplicas",
            ),
            (
                "ojs-cluster",
                "autoScaling.enabled=true autoScaling.scaleUpCooldown=soon",
                "is no duration",
            ),
            ("ojs-worker", "clusterRef=Jobs", "is no name of an object"),
            ("ojs-worker", "jobTypes=null", "jobTypes"),
            ("ojs-worker", "queues={a\\,b}", "must not be empty or hold commas"),
            ("ojs-worker", "concurrency=0", "must be at least 1"),
            ("ojs-worker", "gracefulShutdown.timeoutSeconds=-1", "must not be negative"),
        ] {
            let text = refused(chart, set);
            assert!(text.contains(word), "{set}: {text}");
        }
    }
}

mod every_chart {
    use super::*;

    /// Everything that a chart can make.
    const ALL_ON: [(&str, &str); 5] = [
        ("agdb", "networkPolicy.enabled=true pepper.insecureDemo=true"),
        (
            "ojp-server",
            "networkPolicy.enabled=true serviceMonitor.enabled=true service.type=LoadBalancer \
             persistence.enabled=true",
        ),
        (
            "ojs-cluster",
            "backend.type=redis backend.embedded=true monitoring.enabled=true \
             monitoring.serviceMonitor=true monitoring.grafanaDashboard=true",
        ),
        ("ojs-worker", "autoScaling.enabled=true"),
        (
            "openvox-server",
            "autoscaling.enabled=true pdb.enabled=true networkPolicy.enabled=true \
             serviceAccount.create=true",
        ),
    ];

    /// Labels that change from version to version.
    const CHANGING: [&str; 2] = ["helm.sh/chart", "app.kubernetes.io/version"];

    #[test]
    fn names_and_labels_are_whole() {
        for (chart, set) in ALL_ON {
            let set = format!("{set} commonLabels.team=web commonAnnotations.owner=me");
            for object in &Objects::of(chart, &set).0 {
                let (kind, metadata) = (&object["kind"], &object["metadata"]);
                let labels = &metadata["labels"];
                for label in ["name", "instance", "version", "managed-by", "component", "part-of"] {
                    let label = format!("app.kubernetes.io/{label}");
                    assert!(labels[&label].is_string(), "{chart} {kind}: {label}");
                }
                assert_eq!(labels["helm.sh/chart"], format!("{chart}-0.1.0"), "{chart} {kind}");
                assert_eq!(labels["team"], "web", "{chart} {kind}");
                assert_eq!(metadata["annotations"]["owner"], "me", "{chart} {kind}");
                assert_eq!(metadata["namespace"], "space", "{chart} {kind}");
            }
        }
    }

    #[test]
    fn selectors_never_change_and_hit_the_pods() {
        for (chart, set) in ALL_ON {
            let set = format!("{set} commonLabels.team=web podLabels.tier=back");
            let all = Objects::of(chart, &set);
            let pods: Vec<&Json> = all
                .0
                .iter()
                .map(|object| &object["spec"]["template"]["metadata"]["labels"])
                .filter(|labels| labels.is_object())
                .collect();
            assert!(pods.iter().all(|labels| labels["tier"] == "back"
                || labels["app.kubernetes.io/component"] == "backend"));
            for object in &all.0 {
                let kind = object["kind"].as_str().expect("a kind");
                let selector = match kind {
                    "Service" => &object["spec"]["selector"],
                    "NetworkPolicy" => &object["spec"]["podSelector"]["matchLabels"],
                    "PodDisruptionBudget" | "StatefulSet" | "Deployment" => {
                        &object["spec"]["selector"]["matchLabels"]
                    }
                    _ => continue,
                };
                let wanted = selector.as_object().unwrap_or_else(|| panic!("{chart} {kind}"));
                for key in CHANGING.iter().chain(&["team", "tier"]) {
                    assert!(!wanted.contains_key(*key), "{chart} {kind} selects by {key}");
                }
                if !wanted.contains_key("statefulset.kubernetes.io/pod-name") {
                    let hit =
                        |labels: &&&Json| wanted.iter().all(|(key, value)| labels[key] == *value);
                    assert_eq!(pods.iter().filter(hit).count(), 1, "{chart} {kind}");
                }
            }
        }
    }

    #[test]
    fn long_names_fit() {
        let release = "a-release-whose-name-is-as-long-as-helm-allows-it-53c";
        assert_eq!(release.len(), 53);
        let strict = [
            "--validate=full",
            "--ignore-missing-schemas",
            "--skip-rule=secret-reference,configmap-reference,service-account-reference",
        ];
        for (chart, set) in ALL_ON {
            for set in [set.to_owned(), format!("{set} fullnameOverride={release}-{release}")] {
                let all = Objects::with(chart, release, &set, &strict);
                for object in &all.0 {
                    let name = object["metadata"]["name"].as_str().expect("a name");
                    assert!(name.len() <= 63 || object["kind"] != "Service", "{chart} {name}");
                    assert!(!name.ends_with('-'), "{chart} {name}");
                }
                if let Some(set) = all.0.iter().find(|object| object["kind"] == "StatefulSet") {
                    // Kubernetes appends a hash of 10 to it, in a label of the pods.
                    assert!(set["metadata"]["name"].as_str().is_some_and(|name| name.len() <= 52));
                }
            }
        }
    }

    #[test]
    fn names_that_are_none_are_refused() {
        for (chart, _) in ALL_ON {
            for (set, word) in [
                ("fullnameOverride=Web", "\"Web\" is no name"),
                ("nameOverride=-a", "\"-a\" is no name"),
                ("nameOverride=a.b", "\"a.b\" is no name"),
            ] {
                let text = refused(chart, set);
                assert!(text.contains(word), "{chart} {set}: {text}");
            }
            let image = if chart.starts_with("ojs-") { "image" } else { "image.repository" };
            let text = refused(chart, &format!("{image}=$x"));
            assert!(text.contains("\"$x\" is no name of an image"), "{chart}: {text}");
            if chart != "openvox-server" {
                let text = refused(chart, "clusterDomain=cluster_local");
                assert!(text.contains("clusterDomain"), "{chart}: {text}");
            }
        }
    }

    #[test]
    fn common_values_reach_the_pods() {
        let set = "image.repository=own image.tag=v7 image.digest=sha256:00 image.pullPolicy=Always \
                   imagePullSecrets[0].name=pull resources.limits.memory=9Gi nodeSelector.disk=fast \
                   tolerations[0].key=k tolerations[0].operator=Exists priorityClassName=high \
                   podAnnotations.a=b serviceAccount.create=false serviceAccount.name=sa \
                   serviceAccount.automount=true extraEnv[0].name=E extraEnv[0].value=v \
                   extraEnvFrom[0].secretRef.name=s extraVolumes[0].name=x \
                   extraVolumes[0].emptyDir.medium=Memory extraVolumeMounts[0].name=x \
                   extraVolumeMounts[0].mountPath=/x podSecurityContext.fsGroup=7 \
                   securityContext.runAsUser=7 affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey=rack \
                   topologySpreadConstraints[0].maxSkew=1 \
                   topologySpreadConstraints[0].topologyKey=rack \
                   topologySpreadConstraints[0].whenUnsatisfiable=DoNotSchedule \
                   livenessProbe.exec.command={probe} revisionHistoryLimit=3";
        for (chart, _) in ALL_ON {
            let set = if chart.starts_with("ojs-") {
                let others = set.split_whitespace().filter(|set| !set.starts_with("image."));
                let image = ["image=own:v7@sha256:00", "imagePullPolicy=Always"];
                others.chain(image).collect::<Vec<_>>().join(" ")
            } else {
                set.to_owned()
            };
            let all = Objects::of(chart, &set);
            let kinds = ["StatefulSet", "Deployment"];
            let workload =
                all.0.iter().find(|object| kinds.iter().any(|kind| object["kind"] == *kind));
            let workload = workload.expect("a workload");
            let (pod, labels) = (pod(workload), &workload["spec"]["selector"]["matchLabels"]);
            let container = &pod["containers"][0];
            assert_eq!(container["image"], "own:v7@sha256:00", "{chart}");
            assert_eq!(container["imagePullPolicy"], "Always", "{chart}");
            assert_eq!(pod["imagePullSecrets"][0]["name"], "pull", "{chart}");
            assert_eq!(container["resources"]["limits"]["memory"], "9Gi", "{chart}");
            assert_eq!(pod["nodeSelector"]["disk"], "fast", "{chart}");
            assert_eq!(pod["tolerations"][0]["operator"], "Exists", "{chart}");
            assert_eq!(pod["priorityClassName"], "high", "{chart}");
            assert_eq!(
                workload["spec"]["template"]["metadata"]["annotations"]["a"], "b",
                "{chart}"
            );
            assert_eq!(
                (&pod["serviceAccountName"], &pod["automountServiceAccountToken"]),
                (&"sa".into(), &true.into())
            );
            assert!(!all.has("ServiceAccount"), "{chart}");
            assert_eq!(named(&container["env"], "E")["value"], "v", "{chart}");
            let sources = container["envFrom"].as_array().expect("sources");
            assert!(sources.iter().any(|source| source["secretRef"]["name"] == "s"), "{chart}");
            assert_eq!(named(&pod["volumes"], "x")["emptyDir"]["medium"], "Memory", "{chart}");
            assert_eq!(named(&container["volumeMounts"], "x")["mountPath"], "/x", "{chart}");
            assert_eq!(pod["securityContext"]["fsGroup"], 7, "{chart}");
            assert_eq!(container["securityContext"]["runAsUser"], 7, "{chart}");
            let spread = &pod["topologySpreadConstraints"][0];
            assert_eq!(spread["topologyKey"], "rack", "{chart}");
            assert_eq!(spread["labelSelector"]["matchLabels"], *labels, "{chart}");
            assert_eq!(container["livenessProbe"]["exec"]["command"][0], "probe", "{chart}");
            assert!(container["livenessProbe"]["httpGet"].is_null(), "{chart}");
            assert!(container["livenessProbe"]["tcpSocket"].is_null(), "{chart}");
            assert_eq!(workload["spec"]["revisionHistoryLimit"], 3, "{chart}");
        }
    }
}
