//! Values of the chart `ojp-server`, the Open J Proxy server.

use k8s_openapi::api::apps::v1::{RollingUpdateStatefulSetStrategy, StatefulSetUpdateStrategy};
use k8s_openapi::api::core::v1::{
    Affinity, EnvVar, Lifecycle, PodSecurityContext, ResourceRequirements, SecurityContext,
};
use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyIngressRule};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::common::{
    AccessMode, Autoscaling, Image, Peer, PodDisruptionBudget, ServiceType, Strings, TrafficPolicy,
    Whole, choice, cidrs, domain, jvm_heap, locked_down, memory_limit, percentage, pod_group,
    ports, resources, sized,
};
use super::monitoring::Relabeling;
use super::{Model, Rules, model, workload};

choice!(LogLevel { Info = "INFO", Trace = "TRACE", Debug = "DEBUG", Warn = "WARN", Error = "ERROR" });
choice!(PodManagement { OrderedReady = "OrderedReady", Parallel = "Parallel" });
choice!(PerPodType { LoadBalancer = "LoadBalancer", NodePort = "NodePort", ClusterIp = "ClusterIP" });

workload! {
    /// All values of the chart.
    Values {
        replica_count: i32 = 3,
        image: Image = Image { repository: "rrobetti/ojp".to_owned(), ..Image::default() },
        server: Server = Server::default(),
        service: Services = Services::default(),
        cluster_domain: String = "cluster.local".to_owned(),
        pod_management_policy: PodManagement = PodManagement::OrderedReady,
        update_strategy: StatefulSetUpdateStrategy = StatefulSetUpdateStrategy {
            type_: Some("RollingUpdate".to_owned()),
            rolling_update: Some(RollingUpdateStatefulSetStrategy {
                partition: Some(0),
                ..RollingUpdateStatefulSetStrategy::default()
            }),
        },
        revision_history_limit: i32 = 10,
        termination_grace_period_seconds: i64 = 60,
        lifecycle: Lifecycle = Lifecycle::default(),
        env: Vec<EnvVar> = Vec::new(),
        resources: ResourceRequirements = ResourceRequirements::default(),
        pod_security_context: PodSecurityContext = pod_group(2000),
        security_context: SecurityContext = locked_down(1000),
        autoscaling: Autoscaling = Autoscaling { min_replicas: 3, ..Autoscaling::default() },
        pod_disruption_budget: PodDisruptionBudget = PodDisruptionBudget::default(),
        persistence: Persistence = Persistence::default(),
        network_policy: NetworkPolicy = NetworkPolicy::default(),
        service_monitor: ServiceMonitor = ServiceMonitor::default(),
    }
}

model! {
    Server {
        port: Whole = Whole(1059),
        prometheus_port: Whole = Whole(9159),
        thread_pool_size: Whole = Whole(200),
        max_request_size: Whole = Whole(4_194_304),
        connection_idle_timeout: Whole = Whole(30_000),
        circuit_breaker_timeout: Whole = Whole(60_000),
        circuit_breaker_threshold: Whole = Whole(3),
        allowed_ips: String = "0.0.0.0/0".to_owned(),
        prometheus_allowed_ips: String = "0.0.0.0/0".to_owned(),
        log_level: LogLevel = LogLevel::Info,
        opentelemetry: Opentelemetry = Opentelemetry::default(),
        slow_query_segregation: SlowQuerySegregation = SlowQuerySegregation::default(),
    }
}

model! {
    Opentelemetry {
        enabled: bool = true,
        endpoint: String = String::new(),
    }
}

model! {
    SlowQuerySegregation {
        enabled: bool = true,
        slow_slot_percentage: Whole = Whole(20),
        idle_timeout: Whole = Whole(10_000),
        slow_slot_timeout: Whole = Whole(120_000),
        fast_slot_timeout: Whole = Whole(60_000),
    }
}

model! {
    Services {
        #[serde(rename = "type")]
        kind: ServiceType = ServiceType::ClusterIp,
        port: Option<Whole> = None,
        node_port: Option<Whole> = None,
        annotations: Strings = Strings::new(),
        publish_not_ready_addresses: bool = false,
        per_pod_service: PerPodService = PerPodService::default(),
    }
}

model! {
    PerPodService {
        enabled: bool = true,
        #[serde(rename = "type")]
        kind: PerPodType = PerPodType::LoadBalancer,
        annotations: Strings = Strings::new(),
        load_balancer_class: String = String::new(),
        external_traffic_policy: Option<TrafficPolicy> = None,
        node_ports: Vec<Whole> = Vec::new(),
    }
}

model! {
    Persistence {
        enabled: bool = false,
        storage_class: String = String::new(),
        access_mode: AccessMode = AccessMode::Once,
        size: Quantity = Quantity("10Gi".to_owned()),
        mount_path: String = "/var/log/ojp".to_owned(),
        annotations: Strings = Strings::new(),
    }
}

model! {
    NetworkPolicy {
        enabled: bool = false,
        ingress: Ingress = Ingress::default(),
        egress: Egress = Egress::default(),
        extra_ingress: Vec<NetworkPolicyIngressRule> = Vec::new(),
        extra_egress: Vec<NetworkPolicyEgressRule> = Vec::new(),
    }
}

model! {
    Ingress {
        client_selectors: Vec<Peer> = vec![Peer::every_pod()],
        monitoring_selectors: Vec<Peer> = vec![Peer::namespace("monitoring")],
    }
}

model! {
    Egress {
        databases: Vec<Database> = vec![Database {
            to: vec![Peer::namespace("database")],
            port: Whole(5432),
        }],
        dns: bool = true,
    }
}

model! {
    Database {
        to: Vec<Peer> = Vec::new(),
        port: Whole = Whole(5432),
    }
}

model! {
    ServiceMonitor {
        enabled: bool = false,
        interval: String = "30s".to_owned(),
        scrape_timeout: String = String::new(),
        path: String = "/metrics".to_owned(),
        labels: Strings = Strings::new(),
        relabelings: Vec<Relabeling> = Vec::new(),
        metric_relabelings: Vec<Relabeling> = Vec::new(),
    }
}

impl Model for Values {
    fn items() -> Vec<(&'static str, serde_json::Value)> {
        vec![("Database", super::schema::json_of(&Database::default()))]
    }

    fn rules(&self, check: &mut Rules<'_>) {
        self.shared_rules(check);
        domain(check, "clusterDomain", &self.cluster_domain);
        check.holds("replicaCount", self.replica_count >= 0, "must not be negative");
        self.image.rules(check);
        self.server_rules(check);
        self.service_rules(check);
        resources(check, &self.resources);
        self.heap_rules(check);
        self.autoscaling.rules(check);
        let replicas = if self.autoscaling.enabled {
            self.autoscaling.min_replicas
        } else {
            self.replica_count
        };
        if replicas > 1 {
            self.pod_disruption_budget.rules(check, "podDisruptionBudget", replicas.into());
        }
        if self.network_policy.enabled {
            self.network_rules(check);
        }
        if self.persistence.enabled {
            let path = "persistence.mountPath";
            check.holds(path, self.persistence.mount_path.starts_with('/'), "must be absolute");
        }
    }

    /// What the server's handbook asks of production.
    fn advice(&self, check: &mut Rules<'_>) {
        check.holds("resources", sized(&self.resources), "should request and limit CPU and memory");
        let replicas = if self.autoscaling.enabled {
            ("autoscaling.minReplicas", self.autoscaling.min_replicas)
        } else {
            ("replicaCount", self.replica_count)
        };
        check.holds(replicas.0, replicas.1 >= 3, "should be at least 3, to survive an update");
        let apart =
            self.affinity == Affinity::default() || self.affinity.pod_anti_affinity.is_some();
        check.holds("affinity", apart, "should keep the pods apart (podAntiAffinity)");
        for (path, blocks) in [
            ("server.allowedIps", &self.server.allowed_ips),
            ("server.prometheusAllowedIps", &self.server.prometheus_allowed_ips),
        ] {
            let open = blocks.split(',').any(|block| block.trim().ends_with("/0"));
            check.holds(path, !open, "should not be open to every address");
        }
        let message = "should be on: any pod of the cluster may connect";
        check.holds("networkPolicy.enabled", self.network_policy.enabled, message);
    }
}

impl Values {
    fn server_rules(&self, check: &mut Rules<'_>) {
        let server = &self.server;
        ports(
            check,
            &[("server.port", server.port.0), ("server.prometheusPort", server.prometheus_port.0)],
        );
        for (name, value) in [
            ("threadPoolSize", server.thread_pool_size),
            ("maxRequestSize", server.max_request_size),
            ("circuitBreakerThreshold", server.circuit_breaker_threshold),
        ] {
            check.holds(&format!("server.{name}"), value.0 > 0, "must be more than 0");
        }
        let slow = &server.slow_query_segregation;
        for (name, value) in [
            ("connectionIdleTimeout", server.connection_idle_timeout),
            ("circuitBreakerTimeout", server.circuit_breaker_timeout),
            ("slowQuerySegregation.idleTimeout", slow.idle_timeout),
            ("slowQuerySegregation.slowSlotTimeout", slow.slow_slot_timeout),
            ("slowQuerySegregation.fastSlotTimeout", slow.fast_slot_timeout),
        ] {
            check.holds(&format!("server.{name}"), value.0 >= 0, "must be milliseconds, 0 or more");
        }
        let path = "server.slowQuerySegregation.slowSlotPercentage";
        percentage(check, path, slow.slow_slot_percentage.0);
        cidrs(check, "server.allowedIps", &server.allowed_ips);
        cidrs(check, "server.prometheusAllowedIps", &server.prometheus_allowed_ips);
        let annotated = self.pod_annotations.get("prometheus.io/port");
        if annotated.is_some_and(|port| *port != server.prometheus_port.0.to_string()) {
            check.broken(
                "podAnnotations",
                format!(
                    "prometheus.io/port differs from server.prometheusPort ({}); leave it out, \
                     the chart writes it",
                    server.prometheus_port.0
                ),
            );
        }
    }

    fn service_rules(&self, check: &mut Rules<'_>) {
        let service = &self.service;
        let port = service.port.unwrap_or(self.server.port).0;
        if service.port.is_some() {
            ports(
                check,
                &[("server.prometheusPort", self.server.prometheus_port.0), ("service.port", port)],
            );
        }
        let node_port = |port: i64| (1..=65535).contains(&port);
        if let Some(Whole(port)) = service.node_port {
            check.holds("service.nodePort", node_port(port), "must be a port");
            let outside = service.kind != ServiceType::ClusterIp;
            check.holds("service.nodePort", outside, "needs type NodePort or LoadBalancer");
        }
        let per_pod = &service.per_pod_service;
        for Whole(port) in &per_pod.node_ports {
            check.holds("service.perPodService.nodePorts", node_port(*port), "must be ports");
        }
        let mut sorted: Vec<_> = per_pod.node_ports.iter().map(|port| port.0).collect();
        sorted.extend(service.node_port.map(|port| port.0));
        let given = sorted.len();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != given {
            check.broken("service.perPodService.nodePorts", "a node port is given twice");
        }
        if per_pod.kind == PerPodType::ClusterIp {
            let path = "service.perPodService";
            let plain = per_pod.node_ports.is_empty() && per_pod.external_traffic_policy.is_none();
            check.holds(path, plain, "nodePorts and externalTrafficPolicy need another type");
        }
        if per_pod.kind != PerPodType::LoadBalancer && !per_pod.load_balancer_class.is_empty() {
            check.broken("service.perPodService.loadBalancerClass", "needs type LoadBalancer");
        }
    }

    /// The JVM's heap must leave room below the memory limit.
    fn heap_rules(&self, check: &mut Rules<'_>) {
        let Some(limit) = memory_limit(&self.resources) else { return };
        for (path, list) in [("env", &self.env), ("extraEnv", &self.extra_env)] {
            let options = list.iter().filter(|variable| {
                matches!(variable.name.as_str(), "JAVA_OPTS" | "JAVA_TOOL_OPTIONS" | "JAVA_ARGS")
            });
            for variable in options {
                let heap = variable.value.as_deref().and_then(jvm_heap);
                if heap.is_some_and(|heap| heap >= limit) {
                    check.broken(
                        path,
                        format!(
                            "the heap in {} is not below the memory limit: the pod would be killed",
                            variable.name
                        ),
                    );
                }
            }
        }
    }

    fn network_rules(&self, check: &mut Rules<'_>) {
        let policy = &self.network_policy;
        let at = |name: &str| format!("networkPolicy.{name}");
        for peer in &policy.ingress.client_selectors {
            peer.rules(check, &at("ingress.clientSelectors"));
        }
        for peer in &policy.ingress.monitoring_selectors {
            peer.rules(check, &at("ingress.monitoringSelectors"));
        }
        for database in &policy.egress.databases {
            let path = at("egress.databases");
            ports(check, &[(&path, database.port.0)]);
            check.holds(&path, !database.to.is_empty(), "needs at least one peer in `to`");
            for peer in &database.to {
                peer.rules(check, &path);
            }
        }
    }
}
