//! The instance types of AWS.

use super::{Machine, Provider};

/// `data/README.md` says what stands in it, and where it is from.
const TYPES: &str = include_str!("../../data/ec2.txt");

pub(super) fn machine(name: &str) -> Option<Machine> {
    let (family, size) = name.split_once('.')?;
    TYPES.lines().find_map(|line| {
        let mut words = line.split(' ');
        if !words.next()?.split(',').any(|it| it == family) {
            return None;
        }
        let arch = if words.next()? == "arm" { "arm64" } else { "amd64" };
        let ratio: f64 = words.next()?.parse().ok()?;
        words.find_map(|word| of(word, size, ratio)).map(|it| Machine { arch, ..it })
    })
}

/// The machine of a size: `xlarge+1:3x10`, `nano=2/512:2x2`.
fn of(word: &str, size: &str, gib: f64) -> Option<Machine> {
    let rest = word.strip_prefix(size)?;
    let (special, network) = rest.split_once(':')?;
    let number = |mark: char| -> Option<u32> {
        let (_, from) = special.split_once(mark)?;
        from.split(['=', '/', '+']).next()?.parse().ok()
    };
    if !special.is_empty() && !special.starts_with(['=', '/', '+']) {
        return None;
    }
    let cpus = number('=').or_else(|| processors(size))?;
    let (interfaces, each) = network.split_once('x')?;
    let (interfaces, each): (u32, u32) = (interfaces.parse().ok()?, each.parse().ok()?);
    Some(Machine {
        provider: Provider::Aws,
        cpus,
        memory: number('/').unwrap_or((f64::from(cpus) * gib * 1024.0) as u32),
        arch: "amd64",
        gpus: number('+').unwrap_or(0),
        // `eni-max-pods.txt` of the EKS images: one address of each interface is its own, and two pods use the host's.
        addresses: Some(interfaces * (each - 1) + 2),
        shared: None,
    })
}

/// The processors of a size by its name.
fn processors(size: &str) -> Option<u32> {
    match size {
        "medium" => Some(1),
        "large" => Some(2),
        "xlarge" => Some(4),
        _ => {
            let plain = size.strip_prefix("metal-").unwrap_or(size);
            let times = plain
                .strip_suffix("large")
                .unwrap_or(plain)
                .strip_suffix("xl")
                .or_else(|| plain.strip_suffix("xlarge"))?;
            times.parse::<u32>().ok().map(|it| it * 4)
        }
    }
}
