//! Values of the chart `openvox-server`: the spec of a `Server` resource.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSecurityContext, ResourceRequirements, SecurityContext};
use k8s_openapi::api::networking::v1::NetworkPolicyIngressRule;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::common::{
    Image, PullPolicy, jvm_heap, locked_down, memory_limit, object_name, pod_group, pods,
    resources, sized,
};
use super::{Model, Rules, model, workload};

workload! {
    /// All values of the chart.
    Values {
        config_ref: String = String::new(),
        certificate_ref: String = String::new(),
        ca_ref: String = String::new(),
        pool_refs: Vec<String> = Vec::new(),
        image: Image = Image {
            repository: "ghcr.io/openvoxproject/openvoxserver".to_owned(),
            ..Image::default()
        },
        ca: bool = false,
        server: bool = true,
        replicas: i32 = 1,
        autoscaling: Autoscaling = Autoscaling::default(),
        java_args: String = String::new(),
        max_active_instances: i32 = 1,
        code: Code = Code::default(),
        environment_path: String = "/etc/puppetlabs/code/environments".to_owned(),
        certname: String = "puppet".to_owned(),
        pdb: Pdb = Pdb::default(),
        network_policy: NetworkPolicy = NetworkPolicy::default(),
        revision_history_limit: i32 = 10,
        termination_grace_period_seconds: i64 = 60,
        resources: ResourceRequirements = ResourceRequirements::default(),
        pod_security_context: PodSecurityContext = pod_group(0),
        security_context: SecurityContext = SecurityContext {
            run_as_group: Some(0),
            ..locked_down(1001)
        },
    }
}

model! {
    Autoscaling {
        enabled: bool = false,
        min_replicas: i32 = 1,
        max_replicas: i32 = 5,
        #[serde(rename = "targetCPU")]
        target_cpu: i32 = 75,
    }
}

model! {
    Code {
        claim_name: String = String::new(),
        image: String = String::new(),
        image_pull_policy: PullPolicy = PullPolicy::IfNotPresent,
    }
}

model! {
    Pdb {
        enabled: bool = false,
        min_available: Option<IntOrString> = None,
        max_unavailable: Option<IntOrString> = None,
    }
}

model! {
    NetworkPolicy {
        enabled: bool = false,
        additional_ingress: Vec<NetworkPolicyIngressRule> = Vec::new(),
    }
}

/// The longest value of a label, and the longest name of its key behind the prefix.
const LONGEST_LABEL: usize = 63;

impl Model for Values {
    /// What a server that others depend on should have.
    fn advice(&self, check: &mut Rules<'_>) {
        check.holds("resources", sized(&self.resources), "should request and limit CPU and memory");
        let pinned = !self.image.tag.is_empty() || !self.image.digest.is_empty();
        check.holds("image.tag", pinned, "should name a version, so that all pods run the same");
        if !self.ca {
            let (path, replicas) = if self.autoscaling.enabled {
                ("autoscaling.minReplicas", self.autoscaling.min_replicas)
            } else {
                ("replicas", self.replicas)
            };
            check.holds(path, replicas >= 2, "should be at least 2, to survive an update");
        }
    }

    fn rules(&self, check: &mut Rules<'_>) {
        self.shared_rules(check);
        let refs = [("configRef", &self.config_ref), ("certificateRef", &self.certificate_ref)];
        for (path, name) in refs {
            if name.is_empty() {
                check.broken(path, "must name the resource that it refers to");
            } else {
                object_name(check, path, name, LONGEST_LABEL);
            }
        }
        if !self.ca_ref.is_empty() {
            object_name(check, "caRef", &self.ca_ref, LONGEST_LABEL);
        }
        for pool in &self.pool_refs {
            object_name(check, "poolRefs", pool, LONGEST_LABEL - "pool-".len());
        }
        self.image.rules(check);
        check.holds("replicas", self.replicas >= 0, "must not be negative");
        check.holds("maxActiveInstances", self.max_active_instances >= 1, "must be at least 1");
        if !self.ca && !self.server {
            check.broken("server", "must be true unless ca is: the pods would have no role");
        }
        if self.ca {
            let message = "a CA must be alone: two pods cannot write to its claim";
            check.holds("replicas", self.replicas <= 1, message);
            check.holds("autoscaling.enabled", !self.autoscaling.enabled, message);
        }
        if self.autoscaling.enabled {
            let scaling = &self.autoscaling;
            check.holds("autoscaling.minReplicas", scaling.min_replicas >= 1, "must be at least 1");
            let path = "autoscaling.maxReplicas";
            let ordered = scaling.max_replicas >= scaling.min_replicas;
            check.holds(path, ordered, "must not be below minReplicas");
            check.holds("autoscaling.targetCPU", scaling.target_cpu >= 1, "must be at least 1");
        }
        if self.pdb.min_available.is_some() && self.pdb.max_unavailable.is_some() {
            check.broken("pdb", "minAvailable and maxUnavailable exclude each other");
        }
        for (path, share) in [
            ("pdb.minAvailable", &self.pdb.min_available),
            ("pdb.maxUnavailable", &self.pdb.max_unavailable),
        ] {
            let fits = share.as_ref().is_none_or(|share| pods(share, 1).is_some());
            check.holds(path, fits, "must be a number of pods, or a percentage such as 50%");
        }
        if !self.code.claim_name.is_empty() && !self.code.image.is_empty() {
            check.broken("code", "claimName and image exclude each other");
        }
        let seen = self.pool_refs.iter().fold(BTreeMap::new(), |mut seen, name| {
            *seen.entry(name).or_insert(0) += 1;
            seen
        });
        for name in seen.iter().filter(|(_, times)| **times > 1).map(|(name, _)| name) {
            check.broken("poolRefs", format!("{name:?} is listed twice"));
        }
        resources(check, &self.resources);
        if let (Some(heap), Some(limit)) =
            (jvm_heap(&self.java_args), memory_limit(&self.resources))
            && heap >= limit
        {
            check.broken(
                "javaArgs",
                "the heap is not below the memory limit: the pod would be killed",
            );
        }
    }
}
