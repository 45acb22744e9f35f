//! Values of the charts `ojs-cluster` and `ojs-worker`: the specs of `OJSCluster` and `OJSWorker`.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    EnvVar, PodSecurityContext, ResourceRequirements, SecretKeySelector, SecurityContext,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::common::{
    PullPolicy, Strings, choice, domain, image_part, locked_down, object_name, pod_group,
    resources, sized as has_sizes,
};
use super::{Model, Rules, model, workload};
use crate::doc::quantity::seconds;

choice!(BackendType {
    Lite = "lite",
    Redis = "redis",
    Postgres = "postgres",
    Nats = "nats",
    Kafka = "kafka",
    Sqs = "sqs"
});

workload! {
    /// All values of `ojs-cluster`.
    ClusterValues {
        backend: Backend = Backend::default(),
        replicas: i32 = 2,
        image: String = "ghcr.io/openjobspec/ojs-server:latest".to_owned(),
        image_pull_policy: PullPolicy = PullPolicy::IfNotPresent,
        auto_scaling: ClusterScaling = ClusterScaling::default(),
        monitoring: Monitoring = Monitoring::default(),
        service: Service = Service::default(),
        redis: Redis = Redis::default(),
        cluster_domain: String = "cluster.local".to_owned(),
        revision_history_limit: i32 = 10,
        termination_grace_period_seconds: i64 = 30,
        resources: ResourceRequirements = ResourceRequirements::default(),
        pod_security_context: PodSecurityContext = pod_group(65534),
        security_context: SecurityContext = locked_down(65534),
    }
}

model! {
    Backend {
        #[serde(rename = "type")]
        kind: BackendType = BackendType::Lite,
        url: String = String::new(),
        url_secret_ref: Option<SecretKeySelector> = None,
        embedded: bool = false,
    }
}

model! {
    ClusterScaling {
        enabled: bool = false,
        min_replicas: i32 = 2,
        max_replicas: i32 = 10,
        target_queue_depth: Option<i64> = None,
        target_jobs_per_worker: Option<i64> = None,
        scale_up_cooldown: String = "60s".to_owned(),
        scale_down_cooldown: String = "300s".to_owned(),
    }
}

model! {
    Monitoring {
        enabled: bool = false,
        service_monitor: bool = false,
        grafana_dashboard: bool = false,
        interval: String = "30s".to_owned(),
        labels: Strings = Strings::new(),
    }
}

model! {
    Service {
        annotations: Strings = Strings::new(),
        http_port: i32 = 8080,
        metrics_port: i32 = 9090,
    }
}

model! {
    Redis {
        image: String = "redis:7-alpine".to_owned(),
        port: i32 = 6379,
        resources: ResourceRequirements = sized("50m", "64Mi", "500m", "256Mi"),
    }
}

workload! {
    /// All values of `ojs-worker`.
    WorkerValues {
        cluster_ref: String = String::new(),
        job_types: Vec<String> = Vec::new(),
        queues: Vec<String> = vec!["default".to_owned()],
        concurrency: Option<i32> = None,
        replicas: i32 = 1,
        image: String = String::new(),
        image_pull_policy: PullPolicy = PullPolicy::IfNotPresent,
        command: Vec<String> = Vec::new(),
        env: Vec<EnvVar> = Vec::new(),
        auto_scaling: WorkerScaling = WorkerScaling::default(),
        graceful_shutdown: GracefulShutdown = GracefulShutdown::default(),
        cluster_port: i32 = 8080,
        cluster_domain: String = "cluster.local".to_owned(),
        revision_history_limit: i32 = 10,
        resources: ResourceRequirements = ResourceRequirements::default(),
        pod_security_context: PodSecurityContext = pod_group(65534),
        security_context: SecurityContext = locked_down(65534),
    }
}

model! {
    WorkerScaling {
        enabled: bool = false,
        min_replicas: i32 = 1,
        max_replicas: i32 = 10,
        target_jobs_per_worker: Option<i64> = None,
        scale_up_threshold: Option<i64> = None,
        scale_down_delay: String = "5m".to_owned(),
        polling_interval: String = "30s".to_owned(),
    }
}

model! {
    GracefulShutdown {
        timeout_seconds: i64 = 30,
        drain_before_shutdown: Option<bool> = None,
    }
}

/// Requests and limits of CPU and memory.
fn sized(cpu: &str, memory: &str, cpu_limit: &str, memory_limit: &str) -> ResourceRequirements {
    let both = |cpu: &str, memory: &str| {
        let pairs = [("cpu", cpu), ("memory", memory)];
        Some(pairs.map(|(key, text)| (key.to_owned(), Quantity(text.to_owned()))).into())
    };
    let limits: Option<BTreeMap<String, Quantity>> = both(cpu_limit, memory_limit);
    ResourceRequirements { requests: both(cpu, memory), limits, ..ResourceRequirements::default() }
}

/// Rules of `autoScaling`, alike in both charts.
fn scaling_rules(
    check: &mut Rules<'_>,
    (least, most): (i32, i32),
    targets: &[(&str, Option<i64>)],
    durations: &[(&str, &str, u64)],
) {
    check.holds("autoScaling.minReplicas", least >= 1, "must be at least 1");
    check.holds("autoScaling.maxReplicas", most >= least, "must not be below minReplicas");
    for (name, target) in targets {
        let fits = target.is_none_or(|target| target >= 1);
        check.holds(&format!("autoScaling.{name}"), fits, "must be at least 1");
    }
    for (name, text, most) in durations {
        let path = format!("autoScaling.{name}");
        match seconds(text) {
            None => check.broken(&path, format!("{text:?} is no duration such as 90s or 5m")),
            Some(time) if time > *most => {
                check.broken(&path, format!("{text} is more than the {most} s that are allowed"));
            }
            Some(_) => {}
        }
    }
}

/// The longest stabilization window of Kubernetes' autoscaler, in seconds.
const LONGEST_WINDOW: u64 = 3600;

impl Model for ClusterValues {
    /// What the operator's handbook asks of production.
    fn advice(&self, check: &mut Rules<'_>) {
        // The chart has sizes of its own.
        let given = (self.resources != ResourceRequirements::default()).then_some(&self.resources);
        workload_advice(check, &self.image, given);
        self.backend.advice(check);
        let scaling = &self.auto_scaling;
        let (path, replicas) = if scaling.enabled {
            ("autoScaling.minReplicas", scaling.min_replicas)
        } else {
            ("replicas", self.replicas)
        };
        check.holds(path, replicas >= 2, "should be at least 2, to survive an update");
        check.holds("monitoring.enabled", self.monitoring.enabled, "should be on");
    }

    fn rules(&self, check: &mut Rules<'_>) {
        self.shared_rules(check);
        domain(check, "clusterDomain", &self.cluster_domain);
        self.backend.rules(check);
        check.holds("replicas", self.replicas >= 0, "must not be negative");
        check.holds("image", !self.image.is_empty(), "must be given");
        image_part(check, "image", &self.image);
        super::common::ports(
            check,
            &[
                ("service.httpPort", self.service.http_port.into()),
                ("service.metricsPort", self.service.metrics_port.into()),
            ],
        );
        super::common::ports(check, &[("redis.port", self.redis.port.into())]);
        image_part(check, "redis.image", &self.redis.image);
        resources(check, &self.resources);
        let scaling = &self.auto_scaling;
        if scaling.enabled {
            scaling_rules(
                check,
                (scaling.min_replicas, scaling.max_replicas),
                &[
                    ("targetQueueDepth", scaling.target_queue_depth),
                    ("targetJobsPerWorker", scaling.target_jobs_per_worker),
                ],
                &[
                    ("scaleUpCooldown", &scaling.scale_up_cooldown, LONGEST_WINDOW),
                    ("scaleDownCooldown", &scaling.scale_down_cooldown, LONGEST_WINDOW),
                ],
            );
        }
    }
}

/// What production asks of the image and the size of any workload.
fn workload_advice(check: &mut Rules<'_>, image: &str, resources: Option<&ResourceRequirements>) {
    let name = image.rsplit('/').next().unwrap_or(image);
    let pinned = name.contains('@') || name.split_once(':').is_some_and(|(_, tag)| tag != "latest");
    check.holds("image", pinned, "should name a version, so that all pods run the same");
    if let Some(resources) = resources {
        check.holds("resources", has_sizes(resources), "should request and limit CPU and memory");
    }
}

impl Backend {
    fn advice(&self, check: &mut Rules<'_>) {
        let message =
            "should stand in a Secret (urlSecretRef): a ConfigMap is for everyone to read";
        check.holds("backend.url", self.url.is_empty(), message);
        let message = "is for trials: its data goes with the pod";
        check.holds("backend.embedded", !self.embedded, message);
    }

    /// One way to the backend, and one that its type has.
    fn rules(&self, check: &mut Rules<'_>) {
        let url = !self.url.is_empty();
        let secret = self.url_secret_ref.is_some();
        if url && secret {
            check.broken("backend", "url and urlSecretRef exclude each other");
        }
        if let Some(secret) = &self.url_secret_ref {
            let named = !secret.name.is_empty() && !secret.key.is_empty();
            check.holds("backend.urlSecretRef", named, "needs name and key");
        }
        if self.embedded {
            if self.kind != BackendType::Redis {
                let kind = format!("{:?}", self.kind).to_lowercase();
                check.broken(
                    "backend.embedded",
                    format!("only redis can be deployed along, not {kind}"),
                );
            }
            let message =
                "the address of an embedded backend is known: leave url and urlSecretRef out";
            check.holds("backend.embedded", !url && !secret, message);
        } else if !url && !secret && self.kind != BackendType::Lite {
            check.broken("backend", "needs one of url, urlSecretRef, embedded (redis only)");
        }
    }
}

/// The longest name of a cluster: its Service is `<name>-server`.
const LONGEST_CLUSTER: usize = 63 - "-server".len();

impl Model for WorkerValues {
    /// What the operator's handbook asks of production.
    fn advice(&self, check: &mut Rules<'_>) {
        workload_advice(check, &self.image, Some(&self.resources));
        let drains = self.graceful_shutdown.drain_before_shutdown == Some(true);
        let message = "should be true, so that running jobs are not lost";
        check.holds("gracefulShutdown.drainBeforeShutdown", drains, message);
    }

    fn rules(&self, check: &mut Rules<'_>) {
        self.shared_rules(check);
        domain(check, "clusterDomain", &self.cluster_domain);
        if self.cluster_ref.is_empty() {
            check.broken("clusterRef", "must name the OJSCluster");
        } else {
            object_name(check, "clusterRef", &self.cluster_ref, LONGEST_CLUSTER);
        }
        check.holds("jobTypes", !self.job_types.is_empty(), "needs at least one job type");
        check.holds("image", !self.image.is_empty(), "must be given");
        image_part(check, "image", &self.image);
        check.holds("queues", !self.queues.is_empty(), "needs at least one queue");
        for (path, list) in [("jobTypes", &self.job_types), ("queues", &self.queues)] {
            let joinable = list.iter().all(|item| !item.is_empty() && !item.contains(','));
            check.holds(path, joinable, "names must not be empty or hold commas");
        }
        let concurrency = self.concurrency.is_none_or(|jobs| jobs >= 1);
        check.holds("concurrency", concurrency, "must be at least 1");
        check.holds("replicas", self.replicas >= 0, "must not be negative");
        let timeout = self.graceful_shutdown.timeout_seconds >= 0;
        check.holds("gracefulShutdown.timeoutSeconds", timeout, "must not be negative");
        super::common::ports(check, &[("clusterPort", self.cluster_port.into())]);
        resources(check, &self.resources);
        let scaling = &self.auto_scaling;
        if scaling.enabled {
            scaling_rules(
                check,
                (scaling.min_replicas, scaling.max_replicas),
                &[
                    ("targetJobsPerWorker", scaling.target_jobs_per_worker),
                    ("scaleUpThreshold", scaling.scale_up_threshold),
                ],
                &[
                    ("scaleDownDelay", &scaling.scale_down_delay, LONGEST_WINDOW),
                    ("pollingInterval", &scaling.polling_interval, u64::MAX),
                ],
            );
        }
    }
}
