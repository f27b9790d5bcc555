use super::*;

fn sizes(name: &str) -> Option<(u32, u32, &'static str, Option<u32>)> {
    machine(name).map(|it| (it.cpus, it.memory, it.arch, it.addresses))
}

#[test]
fn machines_of_aws() {
    let gib = 1024;
    let amd = "amd64";
    for (name, cpus, memory, arch, pods) in [
        ("t2.nano", 1, 512, amd, 4),
        ("t3.micro", 2, gib, amd, 4),
        ("t3.small", 2, 2 * gib, amd, 11),
        ("t3.medium", 2, 4 * gib, amd, 17),
        ("t3.large", 2, 8 * gib, amd, 35),
        ("t3.xlarge", 4, 16 * gib, amd, 58),
        ("m5.large", 2, 8 * gib, amd, 29),
        ("m5.24xlarge", 96, 384 * gib, amd, 737),
        ("m5.metal", 96, 384 * gib, amd, 737),
        ("c5n.large", 2, 5376, amd, 29),
        ("c3.8xlarge", 32, 60 * gib, amd, 234),
        ("m6g.medium", 1, 4 * gib, "arm64", 8),
        ("r7gd.metal", 64, 512 * gib, "arm64", 737),
        ("m8i.xlarge", 4, 16 * gib, amd, 118),
    ] {
        assert_eq!(sizes(name), Some((cpus, memory, arch, Some(pods))), "{name}");
    }
    assert_eq!(machine("g4dn.12xlarge").map(|it| it.gpus), Some(4));
}

#[test]
fn machines_of_google_cloud_and_azure() {
    for (name, cpus, memory) in [
        ("n1-standard-1", 1, 3840),
        ("n2-highmem-8", 8, 65_536),
        ("e2-medium", 2, 4096),
        ("Standard_D2s_v3", 2, 8192),
        ("Standard_D4pls_v5", 4, 8192),
        ("Standard_DS2_v2", 2, 7168),
        ("Standard_B2ms", 2, 8192),
        ("Standard_B2s", 2, 4096),
        ("Standard_E4as_v5", 4, 32_768),
        ("Standard_F8s_v2", 8, 16_384),
    ] {
        assert_eq!(sizes(name).map(|it| (it.0, it.1)), Some((cpus, memory)), "{name}");
    }
    assert_eq!(sizes("t2a-standard-4").map(|it| it.2), Some("arm64"));
}

#[test]
fn what_is_no_machine_is_unknown() {
    let names = [
        "",
        ".",
        "m5",
        "m5.",
        "m5.larger",
        "m5.larg",
        "m5.x",
        "m9000.large",
        "n2-standard-0",
        "n2-standard-99999999999",
        "Standard_",
        "Standard_D_v3",
        "Standard_E64_v3",
        "Standard_D4-2s_v3",
        "Standard_Dé_v3",
        "custom-4-8192",
        "metal",
        "m5.large:3x10",
        "m5.xlarge+1",
        "a.b.c",
        "m5,m5d.large",
    ];
    for name in names {
        assert_eq!(machine(name), None, "{name}");
    }
}

fn measured(name: &str, platform: &str, minor: u8) -> Vec<(String, String)> {
    let mut nodes = NodeFacts { instance_types: vec![name.to_owned()], ..NodeFacts::default() };
    nodes.measure(Some(platform), Version::minor_of(minor));
    nodes.allocatable
}

#[test]
fn pods_can_have_what_the_kubelet_leaves() {
    let of = |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    // A real node of EKS has 1930m and some 7050Mi.
    assert_eq!(measured("m5.large", "eks", 34), of(&[("cpu", "1930m"), ("memory", "7273Mi"), ("pods", "29")]));
    assert_eq!(measured("t3.micro", "eks", 34), of(&[("cpu", "1930m"), ("memory", "595Mi"), ("pods", "4")]));
    assert_eq!(measured("e2-medium", "gke", 34), of(&[("cpu", "940m"), ("memory", "2850Mi"), ("pods", "110")]));
    assert_eq!(measured("n2-standard-4", "gke", 34), of(&[("cpu", "3920m"), ("memory", "13131Mi"), ("pods", "110")]));
    assert_eq!(measured("Standard_D2s_v3", "aks", 34), of(&[("cpu", "1900m"), ("memory", "7197Mi")]));
    assert_eq!(measured("t3.medium", "kops", 34), of(&[("cpu", "2000m"), ("memory", "3874Mi"), ("pods", "110")]));
    assert!(measured("m9000.large", "eks", 34).is_empty());
}

#[test]
fn of_several_types_is_known_what_they_agree_in() {
    let types = ["m5.large", "m6g.large", "t3.large"];
    let mut nodes = NodeFacts { instance_types: types.map(str::to_owned).to_vec(), ..NodeFacts::default() };
    nodes.measure(Some("eks"), Version::NEWEST);
    assert_eq!(nodes.allocatable, [("cpu".to_owned(), "1930m".to_owned())]);
    assert!(nodes.labels.is_empty());
}

#[test]
fn more_pods_than_anything_runs_leave_no_memory() {
    for platform in ["eks", "aks"] {
        for kind in ["m5.large", "Standard_D2s_v5"] {
            let pods = vec![("pods".to_owned(), u32::MAX.to_string())];
            let mut node =
                NodeFacts { instance_types: vec![kind.to_owned()], allocatable: pods, ..NodeFacts::default() };
            node.measure(Some(platform), Version::minor_of(34));
            assert!(node.allocatable.iter().any(|it| it.0 == "memory"));
        }
    }
}
