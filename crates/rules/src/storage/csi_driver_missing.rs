//! `csi-driver-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Why};
use seaworthy_object::{Object, Versions};
use seaworthy_placement::{InTree, driver, in_tree, is_installed, names_csi_driver};
use serde::Deserialize;

use super::provisioner_unknown::slip;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CsiDriverMissing {}

impl Rule for CsiDriverMissing {
    const META: Meta = Meta {
        id: "csi-driver-missing",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("csi_driver_missing.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl CsiDriverMissing {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for class in fleet.of_kind("storage.k8s.io", "StorageClass") {
            let Some(provisioner) = class.at("provisioner") else { continue };
            match in_tree(provisioner.text()) {
                Some(plugin) => moved(fleet, class, plugin, report),
                None if names_csi_driver(provisioner.text()) => named(fleet, class, provisioner.text(), report),
                None => {}
            }
        }
    }
}

/// A plugin that was part of Kubernetes.
fn moved<'a>(fleet: &Fleet<'a>, class: &'a Object<'a>, plugin: &InTree, report: &mut Reporter<'_>) {
    let versions = report.versions().intersect(Versions::since(plugin.migrated));
    if versions.is_empty() || is_installed(fleet, plugin.driver) {
        return;
    }
    let since = match plugin.removed.filter(|removed| versions.newest().is_some_and(|newest| *removed <= newest)) {
        Some(removed) => format!("the plugin `{}` left Kubernetes in {removed}", plugin.name),
        None => format!("Kubernetes {} and later hand `{}` to it", plugin.migrated, plugin.name),
    };
    if report.facts().is_part && !may_say(fleet) {
        return unknown(class, plugin.driver, report);
    }
    let message = format!(
        "class `{}` needs the CSI driver `{}`, which nothing in this set installs: {since}",
        class.name(),
        plugin.driver
    );
    say(class, message, plugin.driver, versions, report);
}

/// A driver by its own name: it may come from outside the set.
fn named<'a>(fleet: &Fleet<'a>, class: &'a Object<'a>, name: &str, report: &mut Reporter<'_>) {
    // A slip in its name has a rule of its own.
    if is_installed(fleet, name) || slip(fleet, name).is_some() {
        return;
    }
    if !may_say(fleet) {
        return unknown(class, name, report);
    }
    let message = format!("class `{}` needs the CSI driver `{name}`, which nothing in this set installs", class.name());
    say(class, message, name, report.versions(), report);
}

/// True if all drivers of the cluster are given.
fn may_say(fleet: &Fleet<'_>) -> bool {
    fleet.facts().lists("storage.k8s.io", "CSIDriver")
}

fn unknown<'a>(class: &'a Object<'a>, name: &str, report: &mut Reporter<'_>) {
    let place = class.at("provisioner").map_or(class.place(), Into::into);
    report.unknown(place, format!("CSIDriver {name}"), Why::NotGiven.as_str());
}

fn say<'a>(class: &'a Object<'a>, message: String, name: &str, versions: Versions, report: &mut Reporter<'_>) {
    let addon = driver(name).and_then(|it| it.addons.first().copied()).unwrap_or(name);
    let help = format!(
        "install `{addon}`; if something outside this set does, declare it in fleet.yaml: \
         `cluster: {{installed: [{addon}]}}`"
    );
    report.say(class.at("provisioner").map_or(class.place(), Into::into), message).help(help).versions(versions);
}
