//! Machines whose names say what they have: those of Google Cloud and of Azure.

use super::{Machine, Provider};

/// Google Cloud's families: what stands before the number of processors, and MiB a processor. (Compute Engine
/// documentation, *machine families*.)
const GOOGLE_CLOUD: &[(&str, u32)] = &[
    ("e2-standard", 4096),
    ("e2-highmem", 8192),
    ("e2-highcpu", 1024),
    ("n1-standard", 3840),
    ("n1-highmem", 6656),
    ("n1-highcpu", 922),
    ("n2-standard", 4096),
    ("n2-highmem", 8192),
    ("n2-highcpu", 1024),
    ("n2d-standard", 4096),
    ("n2d-highmem", 8192),
    ("n2d-highcpu", 1024),
    ("n4-standard", 4096),
    ("n4-highmem", 8192),
    ("n4-highcpu", 2048),
    ("t2d-standard", 4096),
    ("t2a-standard", 4096),
    ("c2-standard", 4096),
    ("c2d-standard", 4096),
    ("c2d-highmem", 8192),
    ("c2d-highcpu", 2048),
    ("c3-standard", 4096),
    ("c3-highmem", 8192),
    ("c3-highcpu", 2048),
    ("c3d-standard", 4096),
    ("c3d-highmem", 8192),
    ("c3d-highcpu", 2048),
    ("c4a-standard", 4096),
    ("c4a-highmem", 8192),
    ("c4a-highcpu", 2048),
    ("g2-standard", 4096),
];

/// Machines that share processors: name, processors, MiB, and the thousandths that pods can have (GKE documentation,
/// *plan node sizes*: 1,060 of 2,000 are kept back).
const SHARED: &[(&str, u32, u32, u32)] =
    &[("e2-micro", 2, 1024, 940), ("e2-small", 2, 2048, 940), ("e2-medium", 2, 4096, 940)];

/// The largest memory of a family by its processors, where it stays behind them: `n2-highmem-128`, `e2-highmem-16`.
const CAPPED: &[(&str, u32)] = &[("n2-highmem-128", 884_736)];

pub(super) fn google_cloud(name: &str) -> Option<Machine> {
    let of = |cpus: u32, memory: u32, shared: Option<u32>| Machine {
        provider: Provider::GoogleCloud,
        cpus,
        memory,
        arch: if name.starts_with("t2a-") || name.starts_with("c4a-") { "arm64" } else { "amd64" },
        gpus: 0,
        addresses: None,
        shared,
    };
    if let Some(&(_, cpus, memory, shared)) = SHARED.iter().find(|(it, ..)| *it == name) {
        return Some(of(cpus, memory, Some(shared)));
    }
    let (family, cpus) = name.rsplit_once('-')?;
    let cpus = count(cpus)?;
    let each = GOOGLE_CLOUD.iter().find(|(it, _)| *it == family)?.1;
    let capped = CAPPED.iter().find(|(it, _)| *it == name).map(|it| it.1);
    let gpus = if family == "g2-standard" { gpus_of_g2(cpus)? } else { 0 };
    Some(Machine { gpus, ..of(cpus, capped.unwrap_or(cpus * each), None) })
}

fn gpus_of_g2(cpus: u32) -> Option<u32> {
    match cpus {
        4 | 8 | 12 | 16 | 32 => Some(1),
        24 => Some(2),
        48 => Some(4),
        96 => Some(8),
        _ => None,
    }
}

/// Azure's `D` and `DS` before the third version: number, processors, MiB.
const NUMBERED: &[(u32, u32, u32)] = &[
    (1, 1, 3584),
    (2, 2, 7168),
    (3, 4, 14_336),
    (4, 8, 28_672),
    (5, 16, 57_344),
    (11, 2, 14_336),
    (12, 4, 28_672),
    (13, 8, 57_344),
    (14, 16, 114_688),
    (15, 20, 143_360),
];

/// Azure's first `B` with less or more than 4 GiB a processor.
const BURSTABLE: &[(&str, u32, u32)] = &[("1ls", 1, 512), ("1s", 1, 1024), ("1ms", 1, 2048), ("2s", 2, 4096)];

/// `Standard_D2s_v5`: series, processors, letters, version. Large ones stay behind their ratio and are left out, as
/// are those of fewer processors than their number says (`E8-4s_v5`).
pub(super) fn azure(name: &str) -> Option<Machine> {
    let name = name.strip_prefix("Standard_").or_else(|| name.strip_prefix("standard_"))?;
    let (size, version) = name.split_once("_v").map_or((name, Some(1)), |(size, it)| (size, count(it)));
    let version = version?;
    let series = size.trim_end_matches(|it: char| it != 'S' && !it.is_ascii_uppercase());
    let rest = size.strip_prefix(series)?;
    let number = rest.trim_end_matches(|it: char| it.is_ascii_lowercase());
    let letters = rest.strip_prefix(number)?;
    let cpus = count(number)?;
    let of = |cpus: u32, memory: u32| {
        Some(Machine {
            provider: Provider::Azure,
            cpus,
            memory,
            arch: if letters.contains('p') { "arm64" } else { "amd64" },
            gpus: 0,
            addresses: None,
            shared: None,
        })
    };
    let numbered = || NUMBERED.iter().find(|it| it.0 == cpus).and_then(|&(_, cpus, memory)| of(cpus, memory));
    match (series, version) {
        ("D" | "DS", 1 | 2) => numbered(),
        ("D", _) if cpus <= 48 => of(cpus, cpus * if letters.contains('l') { 2048 } else { 4096 }),
        ("E", 3..) if cpus <= if letters.contains('p') { 20 } else { 48 } => of(cpus, cpus * 8192),
        ("F", 1 | 2) if cpus <= 72 => of(cpus, cpus * 2048),
        ("B", 1) => match BURSTABLE.iter().find(|(it, ..)| *it == rest) {
            Some(&(_, cpus, memory)) => of(cpus, memory),
            None => of(cpus, cpus * 4096),
        },
        ("B", 2) if letters.contains('t') => of(cpus, cpus * 512),
        ("B", 2) => of(cpus, cpus * if letters.contains('l') { 2048 } else { 4096 }),
        _ => None,
    }
}

/// A number of processors, within reason.
fn count(text: &str) -> Option<u32> {
    text.parse().ok().filter(|it| (1..=1024).contains(it))
}
