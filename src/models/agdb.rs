//! Values of the chart `agdb`, a cluster of graph database servers.

use k8s_openapi::api::core::v1::{PodSecurityContext, ResourceRequirements, SecurityContext};
use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyIngressRule};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::common::{
    AccessMode, Hidden, Image, Peer, PodDisruptionBudget, Strings, Whole, choice, domain,
    locked_down, pod_group, ports, resources,
};
use super::{Model, Rules, model, workload};

choice!(LogLevel {
    Info = "INFO",
    Off = "OFF",
    Error = "ERROR",
    Warn = "WARN",
    Debug = "DEBUG",
    Trace = "TRACE"
});
choice!(Retention { Retain = "Retain", Delete = "Delete" });
choice!(PodManagement { Parallel = "Parallel", OrderedReady = "OrderedReady" });

workload! {
    /// All values of the chart.
    Values {
        replica_count: i32 = 3,
        image: Image = Image { repository: "agnesoft/agdb".to_owned(), ..Image::default() },
        server: Server = Server::default(),
        cluster: Cluster = Cluster::default(),
        pepper: Pepper = Pepper::default(),
        tls: Tls = Tls::default(),
        service: Service = Service::default(),
        cluster_domain: String = "cluster.local".to_owned(),
        pod_management_policy: PodManagement = PodManagement::Parallel,
        revision_history_limit: i32 = 10,
        termination_grace_period_seconds: i64 = 30,
        resources: ResourceRequirements = ResourceRequirements::default(),
        pod_security_context: PodSecurityContext = pod_group(1000),
        security_context: SecurityContext = SecurityContext {
            run_as_group: Some(1000),
            ..locked_down(1000)
        },
        pod_disruption_budget: PodDisruptionBudget = PodDisruptionBudget::default(),
        persistence: Persistence = Persistence::default(),
        network_policy: NetworkPolicy = NetworkPolicy::default(),
    }
}

model! {
    Server {
        port: Whole = Whole(3000),
        basepath: String = String::new(),
        admin: String = "admin".to_owned(),
        log_level: LogLevel = LogLevel::Info,
    }
}

model! {
    Cluster {
        token: String = "cluster".to_owned(),
        heartbeat_timeout_ms: Whole = Whole(1000),
        term_timeout_ms: Whole = Whole(3000),
    }
}

model! {
    Pepper {
        existing_secret: String = String::new(),
        existing_secret_key: String = "pepper".to_owned(),
        value: Hidden = Hidden::default(),
        insecure_demo: bool = false,
    }
}

model! {
    Tls {
        enabled: bool = false,
        existing_secret: String = String::new(),
        certificate: String = String::new(),
        key: Hidden = Hidden::default(),
        root: String = String::new(),
    }
}

model! {
    Service {
        annotations: Strings = Strings::new(),
        publish_not_ready_addresses: bool = true,
    }
}

model! {
    Persistence {
        storage_class: String = String::new(),
        access_mode: AccessMode = AccessMode::Once,
        size: Quantity = Quantity("1Gi".to_owned()),
        annotations: Strings = Strings::new(),
        retention_policy: RetentionPolicy = RetentionPolicy::default(),
    }
}

model! {
    RetentionPolicy {
        when_deleted: Retention = Retention::Retain,
        when_scaled: Retention = Retention::Retain,
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
    }
}

model! {
    Egress {
        dns: bool = true,
    }
}

impl Model for Values {
    fn rules(&self, check: &mut Rules<'_>) {
        self.shared_rules(check);
        domain(check, "clusterDomain", &self.cluster_domain);
        check.holds("replicaCount", self.replica_count >= 1, "must be at least 1");
        self.image.rules(check);
        ports(check, &[("server.port", self.server.port.0)]);
        let basepath = &self.server.basepath;
        let fits = basepath.is_empty() || (basepath.starts_with('/') && !basepath.ends_with('/'));
        check.holds("server.basepath", fits, "must begin with / and not end with it");
        self.pepper.rules(check);
        self.tls.rules(check);
        let heartbeat = self.cluster.heartbeat_timeout_ms;
        let fits = heartbeat.0 > 0 && heartbeat < self.cluster.term_timeout_ms;
        let message = "must be more than 0 and less than termTimeoutMs";
        check.holds("cluster.heartbeatTimeoutMs", fits, message);
        resources(check, &self.resources);
        if self.replica_count > 1 {
            let replicas = self.replica_count.into();
            self.pod_disruption_budget.rules(check, "podDisruptionBudget", replicas);
        }
        for peer in &self.network_policy.ingress.client_selectors {
            peer.rules(check, "networkPolicy.ingress.clientSelectors");
        }
    }

    /// What a cluster with real data should have.
    fn advice(&self, check: &mut Rules<'_>) {
        self.pepper_advice(check);
        let quorum = self.replica_count >= 3 && self.replica_count % 2 == 1;
        let message = "should be odd and at least 3, so that a majority survives a failure";
        check.holds("replicaCount", quorum, message);
        let limited = super::common::sized(&self.resources);
        check.holds("resources", limited, "should request and limit CPU and memory");
    }
}

impl Values {
    fn pepper_advice(&self, check: &mut Rules<'_>) {
        let pepper = &self.pepper;
        let named = !pepper.existing_secret.is_empty() || !pepper.value.0.is_empty();
        let message =
            "should name its Secret: the servers wait for <name>-pepper until you make it";
        check.holds("pepper.existingSecret", named || pepper.insecure_demo, message);
        let message = "should be off: everybody knows that pepper";
        check.holds("pepper.insecureDemo", !self.pepper.insecure_demo, message);
        let message = "should stand in a Secret of its own (pepper.existingSecret)";
        check.holds("pepper.value", self.pepper.value.0.is_empty(), message);
    }
}

impl Pepper {
    /// The pepper strengthens every password: the chart brings none along, and refers to a
    /// Secret that is the user's to make when none is given.
    fn rules(&self, check: &mut Rules<'_>) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let key = &self.existing_secret_key;
        let fits = !key.is_empty() && key.bytes().all(plain);
        check.holds("pepper.existingSecretKey", fits, "must be letters, digits, -, . and _");
        let given = !self.value.0.is_empty();
        let existing = !self.existing_secret.is_empty();
        match (given, existing) {
            (true, true) => {
                check.broken("pepper", "value and existingSecret exclude each other");
            }
            (true, false) => {
                let length = self.value.0.len();
                check.holds(
                    "pepper.value",
                    length == 16,
                    &format!("must have exactly 16 characters, not {length}"),
                );
            }
            _ => {}
        }
    }
}

impl Tls {
    fn rules(&self, check: &mut Rules<'_>) {
        let inline = [&self.certificate, &self.key.0, &self.root];
        let given = inline.iter().filter(|text| !text.is_empty()).count();
        if !self.enabled {
            return;
        }
        match (self.existing_secret.is_empty(), given) {
            (true, 3) | (false, 0) => {}
            (false, _) => {
                check.broken("tls", "existingSecret and inline certificates exclude each other");
            }
            (true, _) => check.broken(
                "tls",
                "needs existingSecret (with tls.crt, tls.key and ca.crt), or all of certificate, \
                 key and root",
            ),
        }
    }
}
