//! What the kubelet keeps back of a machine, as each platform sets it up.
//!
//! Firmware and kernel keep some of the memory too, 3 to 8 per cent of it; nobody publishes how much. 3 per cent are
//! counted, so that a pod that is said not to fit does not fit.

use seaworthy_object::Version;

use super::{Machine, Provider};

/// Below this much memory the kubelet evicts pods (`evictionHard`'s default, `memory.available<100Mi`).
const EVICTION: u32 = 100;

/// How many pods a kubelet runs where nothing is said (`maxPods`, `pkg/kubelet/apis/config/v1beta1/defaults.go`).
const PODS: u32 = 110;

/// Reserved processors, in thousandths: up to so many processors, so many per 100,000 of each. (EKS: `bootstrap.sh` and
/// `nodeadm` of `awslabs/amazon-eks-ami`. GKE: *plan node sizes* in its documentation.)
const CPU_STEPS: &[(u32, u32)] = &[(1, 6000), (2, 1000), (4, 500), (u32::MAX, 250)];

/// Reserved memory in per cent of what lies between steps, in MiB (GKE, *plan node sizes*).
const GKE_MEMORY_STEPS: &[(u32, u32)] = &[(4096, 25), (8192, 20), (16_384, 10), (131_072, 6), (u32::MAX, 2)];

/// AKS: thousandths of a processor by their number (*node resource reservations* in its documentation).
const AKS_CPU: &[(u32, u32)] = &[(1, 60), (2, 100), (4, 140), (8, 180), (16, 260), (32, 420), (64, 740)];

/// From this version on AKS reserves memory by the number of pods.
const AKS_BY_PODS: Version = Version::minor_of(29);

impl Machine {
    /// What pods can have of it: resource and quantity. What nobody can tell is left out.
    pub(super) fn allocatable(
        &self,
        platform: Option<&str>,
        version: Version,
        pods: Option<u32>,
    ) -> Vec<(&'static str, String)> {
        let there = self.memory - self.memory * 3 / 100;
        let (cpu, memory, pods) = match (platform, self.provider) {
            (Some("eks" | "eksctl"), Provider::Aws) => {
                let pods = pods.or(self.addresses);
                // `bootstrap.sh`: 11 MiB a pod and 255 MiB.
                (cpu_by_steps(self.cpus), pods.unwrap_or(0).saturating_mul(11).saturating_add(255), pods)
            }
            (Some("gke"), Provider::GoogleCloud) => {
                (cpu_by_steps(self.cpus), gke_memory(self.memory), pods.or(Some(PODS)))
            }
            (Some("aks"), Provider::Azure) => (aks_cpu(self.cpus), aks_memory(self.memory, version, pods), pods),
            // Where nothing else is set up the kubelet keeps back nothing.
            (Some(_), _) => (0, 0, pods.or(Some(PODS))),
            (None, _) => (0, 0, pods),
        };
        let cpu = self.shared.unwrap_or((self.cpus * 1000).saturating_sub(cpu));
        let mut list = vec![
            ("cpu", format!("{cpu}m")),
            ("memory", format!("{}Mi", there.saturating_sub(memory).saturating_sub(EVICTION))),
        ];
        list.extend(pods.map(|it| ("pods", it.to_string())));
        if self.gpus > 0 {
            list.push(("nvidia.com/gpu", self.gpus.to_string()));
        }
        list
    }
}

fn cpu_by_steps(cpus: u32) -> u32 {
    let mut from = 0;
    let mut reserved = 0;
    for &(to, share) in CPU_STEPS {
        reserved += (cpus.min(to) - from) * share;
        from = cpus.min(to);
    }
    reserved / 100
}

fn gke_memory(memory: u32) -> u32 {
    // Machines of less than a gigabyte.
    if memory < 1024 {
        return 255;
    }
    let mut from = 0;
    let mut reserved = 0;
    for &(to, share) in GKE_MEMORY_STEPS {
        reserved += (memory.min(to) - from) * share / 100;
        from = memory.min(to);
    }
    reserved
}

fn aks_cpu(cpus: u32) -> u32 {
    AKS_CPU.iter().rev().find(|(it, _)| *it <= cpus).map_or(60, |it| it.1)
}

/// The least of it where nobody says how many pods there are: 30, as its network plug-in has it.
fn aks_memory(memory: u32, version: Version, pods: Option<u32>) -> u32 {
    if version < AKS_BY_PODS {
        // The rest up to 750 MiB is its threshold of eviction.
        return gke_memory(memory) + 750 - EVICTION;
    }
    pods.unwrap_or(30).saturating_mul(20).saturating_add(50).min(memory / 4)
}
