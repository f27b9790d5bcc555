//! Which minors of Kubernetes parts of a cluster are made for.
//!
//! Sources, read in November 2026 as far as public copies go: the tables of metrics-server, ingress-nginx and
//! cert-manager ("Supported Releases"), Istio ("Supported Releases", what is tested included), Calico ("System
//! requirements"), Cilium ("Kubernetes Compatibility"), Karpenter ("Compatibility"), the release notes of
//! aws-load-balancer-controller, and Kubernetes' "Version Skew Policy". A release that is not listed is unknown.

/// A part of a cluster, told by its image.
pub(crate) struct Component {
    /// The last words of the image's path.
    images: &'static [&'static str],
    /// What it is called.
    pub(crate) name: &'static str,
    releases: Releases,
}

/// How its releases fit minors of Kubernetes.
enum Releases {
    /// Release 1.N is made for minors from N to N and so many more.
    SameMinor(u32),
    /// Releases from one to another, both by major and minor, and the first and last minor of Kubernetes.
    Listed(&'static [Row]),
}

/// Releases from, to; minors from, to.
type Row = ((u32, u32), (u32, u32), u32, u32);

/// No upper end.
pub(crate) const ANY: u32 = u32::MAX;

impl Component {
    /// The part that an image is: its path without the registry.
    pub(crate) fn of(path: &str) -> Option<&'static Self> {
        let ends =
            |image: &&str| path.strip_suffix(*image).is_some_and(|before| before.is_empty() || before.ends_with('/'));
        COMPONENTS.iter().find(|it| it.images.iter().any(&ends))
    }

    /// The first and last minor of Kubernetes that a release is made for.
    pub(crate) fn minors(&self, release: (u32, u32)) -> Option<(u32, u32)> {
        match self.releases {
            Releases::SameMinor(more) => (release.0 == 1).then(|| (release.1, release.1 + more)),
            Releases::Listed(rows) => {
                rows.iter().find(|it| it.0 <= release && release <= it.1).map(|&(_, _, first, last)| (first, last))
            }
        }
    }
}

static COMPONENTS: [Component; 10] = [
    Component { images: &["kube-proxy", "kube-proxy-amd64"], name: "kube-proxy", releases: Releases::SameMinor(3) },
    Component {
        images: &["provider-aws/cloud-controller-manager", "openstack-cloud-controller-manager"],
        name: "the cloud provider",
        releases: Releases::SameMinor(0),
    },
    Component {
        images: &["metrics-server/metrics-server", "metrics-server-amd64"],
        name: "metrics-server",
        releases: Releases::Listed(&[((0, 3), (0, 3), 8, 21)]),
    },
    Component {
        images: &["ingress-nginx/controller", "nginx-ingress-controller"],
        name: "ingress-nginx",
        releases: Releases::Listed(&[
            // They ask for Ingresses in `v1beta1`, which 1.22 does not serve.
            ((0, 20), (0, 45), 0, 21),
            ((0, 46), (0, 49), 19, 21),
            ((1, 0), (1, 0), 19, 22),
            ((1, 1), (1, 2), 19, 23),
            ((1, 3), (1, 3), 20, 24),
            ((1, 4), (1, 4), 22, 25),
            ((1, 5), (1, 5), 23, 25),
            ((1, 6), (1, 6), 23, 26),
            ((1, 7), (1, 8), 24, 27),
            ((1, 9), (1, 9), 25, 29),
            ((1, 10), (1, 11), 26, 30),
        ]),
    },
    Component {
        images: &["cert-manager-controller"],
        name: "cert-manager",
        releases: Releases::Listed(&[
            ((0, 11), (0, 11), 9, 21),
            ((0, 12), (1, 1), 11, 21),
            ((1, 2), (1, 4), 16, 21),
            ((1, 5), (1, 5), 16, 22),
            ((1, 6), (1, 6), 17, 22),
            ((1, 7), (1, 7), 18, 23),
            ((1, 8), (1, 8), 19, 24),
            ((1, 9), (1, 9), 20, 24),
            ((1, 10), (1, 10), 20, 26),
            ((1, 11), (1, 11), 21, 26),
            ((1, 18), (1, 18), 29, 33),
            ((1, 19), (1, 19), 31, 35),
            ((1, 20), (1, 20), 32, 35),
            ((1, 21), (1, 21), 33, 36),
        ]),
    },
    Component {
        images: &["istio/pilot"],
        name: "Istio",
        releases: Releases::Listed(&[
            ((1, 6), (1, 6), 15, 18),
            ((1, 7), (1, 7), 16, 18),
            ((1, 23), (1, 23), 23, 30),
            ((1, 24), (1, 24), 23, 31),
            ((1, 25), (1, 25), 24, 32),
            ((1, 26), (1, 26), 24, 33),
        ]),
    },
    Component {
        images: &["calico/node"],
        name: "Calico",
        releases: Releases::Listed(&[
            ((3, 29), (3, 29), 29, 32),
            ((3, 31), (3, 31), 32, 35),
            ((3, 32), (3, 32), 34, 36),
            ((3, 33), (3, 33), 35, 37),
        ]),
    },
    Component {
        images: &["cilium/cilium"],
        name: "Cilium",
        releases: Releases::Listed(&[((1, 5), (1, 5), 8, 15), ((1, 15), (1, 15), 26, 29), ((1, 18), (1, 18), 30, 33)]),
    },
    Component {
        images: &["karpenter/controller"],
        name: "Karpenter",
        releases: Releases::Listed(&[
            ((1, 3), (1, 4), 29, 32),
            ((1, 5), (1, 5), 29, 33),
            ((1, 6), (1, 8), 29, 34),
            ((1, 9), (1, 11), 29, 35),
        ]),
    },
    Component {
        images: &["aws-load-balancer-controller", "aws-alb-ingress-controller"],
        name: "aws-load-balancer-controller",
        releases: Releases::Listed(&[
            // They ask for Ingresses in `v1beta1`, which 1.22 does not serve.
            ((2, 0), (2, 3), 15, 21),
            ((2, 4), (2, 4), 19, ANY),
            ((2, 5), (2, 99), 22, ANY),
        ]),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_by_their_images() {
        let minors = |path: &str, release| Component::of(path)?.minors(release);
        assert_eq!(minors("provider-aws/cloud-controller-manager", (1, 32)), Some((32, 32)));
        assert_eq!(minors("kube-proxy", (1, 30)), Some((30, 33)));
        assert_eq!(minors("jetstack/cert-manager-controller", (1, 1)), Some((11, 21)));
        assert_eq!(minors("jetstack/cert-manager-controller", (1, 99)), None);
        assert_eq!(minors("example/my-kube-proxy", (1, 30)), None);
    }

    #[test]
    fn rows_stand_in_order() {
        for component in &COMPONENTS {
            let Releases::Listed(rows) = component.releases else { continue };
            for row in rows {
                assert!(row.0 <= row.1 && row.2 <= row.3, "{}", component.name);
            }
            assert!(rows.windows(2).all(|pair| pair[0].1 < pair[1].0), "{}", component.name);
        }
    }
}
