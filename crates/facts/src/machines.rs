//! Machines of the providers by the names of their types, and what of them pods can have.

mod allocatable;
mod ec2;
mod named;
#[cfg(test)]
mod tests;

use seaworthy_object::Version;

use crate::NodeFacts;

/// What a type of machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Whose it is.
    pub provider: Provider,
    /// Its processors.
    pub cpus: u32,
    /// Its memory in MiB, before anything is kept back.
    pub memory: u32,
    /// `amd64` or `arm64`.
    pub arch: &'static str,
    /// Its GPUs of NVIDIA.
    pub gpus: u32,
    /// How many pods have addresses where the network plug-in gives each one of the provider's network: on AWS the
    /// interfaces times the addresses of each but its own, and 2 pods of the host's network.
    pub addresses: Option<u32>,
    /// Thousandths of a processor that pods can have of a machine that shares its processors.
    shared: Option<u32>,
}

/// Who lets machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    GoogleCloud,
    /// Microsoft Azure.
    Azure,
}

/// The machine of a type: `m5.large`, `n2-standard-4`, `Standard_D2s_v5`; none if it is in no table.
#[must_use]
pub fn machine(name: &str) -> Option<Machine> {
    ec2::machine(name).or_else(|| named::google_cloud(name)).or_else(|| named::azure(name))
}

impl NodeFacts {
    /// Fills in what the instance types tell of the nodes where nothing is said: what pods can have, the architecture.
    /// Where a node has one of several types, only what all of them agree in is known.
    pub fn measure(&mut self, platform: Option<&str>, version: Version) {
        if self.is_node || self.instance_types.is_empty() {
            return;
        }
        let machines: Option<Vec<Machine>> = self.instance_types.iter().map(|it| machine(it)).collect();
        let Some(machines) = machines else { return };
        let Some((first, others)) = machines.split_first() else { return };
        let pods = self.allocatable.iter().find(|(it, _)| it == "pods").and_then(|(_, it)| it.parse().ok());
        let of = |it: &Machine| it.allocatable(platform, version, pods);
        let rest: Vec<_> = others.iter().map(of).collect();
        for (resource, amount) in of(first) {
            let agrees = rest.iter().all(|it| it.iter().any(|it| it.0 == resource && it.1 == amount));
            if agrees && !self.allocatable.iter().any(|(it, _)| it == resource) {
                self.allocatable.push((resource.to_owned(), amount));
            }
        }
        let is_said = self.labels.iter().any(|(key, _)| key == ARCH);
        if !is_said && others.iter().all(|it| it.arch == first.arch) {
            self.labels.push((ARCH.to_owned(), first.arch.to_owned()));
        }
    }
}

const ARCH: &str = "kubernetes.io/arch";
