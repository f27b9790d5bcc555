//! `storage-parameter-meaningless`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::is_near;
use seaworthy_object::{Field, Object};
use seaworthy_placement::in_tree;
use serde::Deserialize;

use crate::mending::removal;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StorageParameterMeaningless {}

impl Rule for StorageParameterMeaningless {
    const META: Meta = Meta {
        id: "storage-parameter-meaningless",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("storage_parameter_meaningless.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

/// A driver whose disks come in types.
struct Driver {
    name: &'static str,
    /// The parameter that chooses the type, under any of its names, in small letters.
    chooser: &'static [&'static str],
    /// The type of a class that chooses none.
    default: &'static str,
    parameters: &'static [Parameter],
    /// Two parameters of which one may be set; refused otherwise.
    either: Option<[&'static str; 2]>,
    /// All parameters, in small letters, of a driver that refuses any other; empty for one that lets them pass.
    known: &'static [&'static str],
}

/// A parameter that only some types of disks take.
struct Parameter {
    /// In small letters: drivers compare names without regard to case.
    name: &'static str,
    /// The types that take it, for people.
    takes: &'static str,
    /// The types that do not, in small letters. One that is in no list is not judged.
    refuses: &'static [&'static str],
}

const fn only(takes: &'static str, name: &'static str, refuses: &'static [&'static str]) -> Parameter {
    Parameter { name, takes, refuses }
}

const WITHOUT_IOPS: &[&str] = &["gp2", "sc1", "st1", "standard"];
const AZURE_STANDARD: &[&str] = &["standard_lrs", "standardssd_lrs", "standardssd_zrs", "premium_lrs", "premium_zrs"];
const TAKEN_BY_ULTRA: &str = "UltraSSD_LRS and PremiumV2_LRS";

/// `docs/parameters.md` of aws-ebs-csi-driver; `docs/driver-parameters.md` of azuredisk-csi-driver; README of
/// gcp-compute-persistent-disk-csi-driver, and "Hyperdisk" in the documentation of Compute Engine.
const DRIVERS: &[Driver] = &[
    Driver {
        name: "ebs.csi.aws.com",
        chooser: &["type"],
        default: "gp3",
        parameters: &[
            only("io1, io2 and gp3", "iopspergb", WITHOUT_IOPS),
            only("io1, io2 and gp3", "allowautoiopspergbincrease", WITHOUT_IOPS),
            only("io1, io2 and gp3", "iops", WITHOUT_IOPS),
            only("gp3", "throughput", &["gp2", "io1", "io2", "sc1", "st1", "standard"]),
            only("io2", "blockexpress", &["gp2", "gp3", "io1", "sc1", "st1", "standard"]),
        ],
        either: Some(["iops", "iopspergb"]),
        known: &[
            "allowautoiopspergbincrease",
            "blockexpress",
            "blocksize",
            "bytesperinode",
            "encrypted",
            "ext4bigalloc",
            "ext4clustersize",
            "ext4encryptionsupport",
            "fstype",
            "inodesize",
            "iops",
            "iopspergb",
            "kmskeyid",
            "numberofinodes",
            "throughput",
            "type",
            "volumeinitializationrate",
            "zone",
            "zones",
        ],
    },
    Driver {
        name: "disk.csi.azure.com",
        chooser: &["skuname", "storageaccounttype"],
        default: "standardssd_lrs",
        parameters: &[
            only(TAKEN_BY_ULTRA, "diskiopsreadwrite", AZURE_STANDARD),
            only(TAKEN_BY_ULTRA, "diskmbpsreadwrite", AZURE_STANDARD),
            only(TAKEN_BY_ULTRA, "logicalsectorsize", AZURE_STANDARD),
            only(
                "Premium_LRS and Premium_ZRS",
                "enablebursting",
                &["standard_lrs", "standardssd_lrs", "standardssd_zrs", "ultrassd_lrs", "premiumv2_lrs"],
            ),
        ],
        either: None,
        known: &[],
    },
    Driver {
        name: "pd.csi.storage.gke.io",
        chooser: &["type"],
        default: "pd-standard",
        parameters: &[
            only(
                "pd-extreme and Hyperdisk",
                "provisioned-iops-on-create",
                &["pd-standard", "pd-balanced", "pd-ssd", "hyperdisk-throughput", "hyperdisk-ml"],
            ),
            only(
                "Hyperdisk",
                "provisioned-throughput-on-create",
                &["pd-standard", "pd-balanced", "pd-ssd", "pd-extreme", "hyperdisk-extreme"],
            ),
        ],
        either: None,
        known: &[],
    },
];

impl StorageParameterMeaningless {
    fn check<'a>(&self, class: &'a Object<'a>, report: &mut Reporter<'_>) {
        if !class.is("storage.k8s.io", "StorageClass") {
            return;
        }
        let provisioner = class.str_at("provisioner").unwrap_or("");
        let name = in_tree(provisioner).map_or(provisioner, |it| it.driver);
        let (Some(driver), Some(parameters)) = (DRIVERS.iter().find(|it| it.name == name), class.at("parameters"))
        else {
            return;
        };
        let chosen = parameters.entries().find(|(key, _)| driver.chooser.contains(&lower(key).as_str()));
        let chosen = chosen.map(|(_, value)| value);
        let of_type = chosen.map_or(driver.default.to_owned(), |it| lower(it.text()));
        if let Some([one, other]) = driver.either {
            let set = |name: &str| parameters.entries().find(|(key, _)| lower(key) == name);
            if let (Some((one, at)), Some((other, related))) = (set(one), set(other)) {
                report
                    .say(at.key_place(), format!("class `{}` sets `{one}` and `{other}`", class.name()))
                    .label("one of the two may be set")
                    .help("take one of them out: the driver makes no disk of such a class")
                    .related(related, format!("`{other}`"));
            }
        }
        for (key, value) in parameters.entries() {
            let small = lower(key);
            let rule = driver.parameters.iter().find(|it| it.name == small);
            if let Some(rule) = rule.filter(|it| it.refuses.contains(&of_type.as_str())) {
                say(class, (key, value), chosen, (driver, rule), report);
            } else if let Some(near) = misspelt(driver, &small) {
                report
                    .say(
                        value.key_place(),
                        format!("class `{}` sets `{key}`, which `{name}` does not know", class.name()),
                    )
                    .label("no such parameter")
                    .help(format!(
                        "did you mean `{near}`? The driver refuses every claim of the class: Invalid parameter key"
                    ));
            }
        }
    }
}

fn say<'a>(
    class: &'a Object<'a>,
    (key, value): (&str, Field<'a>),
    chosen: Option<Field<'a>>,
    (driver, rule): (&Driver, &Parameter),
    report: &mut Reporter<'_>,
) {
    let of_type = chosen.map_or(driver.default, |it| it.text());
    let message = format!("class `{}` sets `{key}`, which means nothing for disks of type `{of_type}`", class.name());
    let mut finding = report.say(value.key_place(), message).label(format!("only for {}", rule.takes)).help(
        "take the line out, or choose a type that takes it; parameters are immutable, so the class must be recreated",
    );
    if let Some(chosen) = chosen {
        finding = finding.related(chosen, "the type");
    }
    finding.mend(removal(value, format!("take `{key}` out")));
}

/// Longer than any parameter with a slip in it.
const LONGEST: usize = 64;

/// The parameter that was probably meant by one that the driver refuses.
fn misspelt(driver: &Driver, key: &str) -> Option<&'static str> {
    // Keys with a prefix are for the sidecars of the driver.
    let is_foreign = key.contains('/') || key.starts_with("tagspecification_");
    let is_long = key.len() > LONGEST;
    if is_foreign || is_long || driver.known.contains(&key) {
        return None;
    }
    driver.known.iter().copied().find(|known| is_near(key, known))
}

fn lower(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}
