//! `quantity-suspicious`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::{Field, Pod, Quantity};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct QuantitySuspicious {}

impl Rule for QuantitySuspicious {
    const META: Meta = Meta {
        id: "quantity-suspicious",
        category: Category::Workload,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("quantity_suspicious.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

/// No process fits into less memory.
const LEAST_MEMORY: i64 = 1_000_000;

/// No machine for rent has so many cores for one container; who writes such a number means thousandths.
const MOST_CORES: i64 = 200;

impl QuantitySuspicious {
    fn check(&self, pod: Pod<'_>, report: &mut Reporter<'_>) {
        let of_containers =
            pod.containers().filter_map(|it| Some((format!("container `{}`", it.name()), it.at("resources")?)));
        let of_pod = pod.spec().at("resources").map(|it| (pod.object().reference().to_string(), it));
        for (who, resources) in of_containers.chain(of_pod) {
            for (list, verb) in [("requests", "asks for"), ("limits", "is limited to")] {
                for (resource, amount) in resources.get(list).into_iter().flat_map(|it| it.entries()) {
                    let Some((words, meant)) = suspicion(resource, amount) else { continue };
                    report
                        .say(amount, format!("{who} {verb} {words}"))
                        .help(format!("did you mean `{meant}`?"))
                        .replace(amount, meant.clone(), format!("write `{meant}`"), Safety::Unsafe);
                }
            }
        }
    }
}

/// What an amount really says, and what was probably meant.
fn suspicion(resource: &str, amount: Field<'_>) -> Option<(String, String)> {
    let quantity = Quantity::of(amount).filter(|it| *it > Quantity::zero())?;
    let text = amount.text().trim();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    match resource {
        "memory" | "ephemeral-storage" if quantity < Quantity::from_units(LEAST_MEMORY) => {
            let bytes = quantity.value();
            let words = match text.strip_suffix('m') {
                Some(_) => {
                    format!("`{text}` of {resource}: `m` are thousandths, so that is {bytes} {}", plural(bytes, "byte"))
                }
                None => format!("`{text}` of {resource}, which is only {bytes} {}", plural(bytes, "byte")),
            };
            Some((words, format!("{number}Mi")))
        }
        "cpu" if quantity >= Quantity::from_units(MOST_CORES) => {
            Some((format!("`{text}` cpu, which is {} cores", quantity.value()), format!("{number}m")))
        }
        _ => None,
    }
}

fn plural(count: i128, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}
