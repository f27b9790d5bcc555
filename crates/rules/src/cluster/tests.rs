//! What no user writes, and what attackers might: an answer in bounded time.

use std::fmt::Write as _;

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Facts, Fleet, Given};
use seaworthy_object::{Catalog, Content, Version, Versions, contents};
use seaworthy_source::Source;

use crate::{AnyRule, Reporter, Sheet, Subject};

/// What all rules of the category say of a file.
fn said(file: &str, text: &str) -> Vec<String> {
    let documents = seaworthy_document::read(&Source::new(file, text));
    let catalog = Catalog::built_in();
    let facts = Facts { versions: Versions::one(Version::minor_of(34)), versions_stated: true, ..Facts::default() };
    let contents: Vec<Content<'_>> = documents.iter().map(|it| contents(it, file, &catalog, "default")).collect();
    let given = Given { configurations: documents.iter().collect(), ..Given::default() };
    let fleet = Fleet::new(given, &facts, &catalog);
    let (mut said, mut unknown) = (Vec::new(), Vec::new());
    for rule in super::rules() {
        let mut report = Reporter::new(AnyRule::meta(&rule), Level::Info, &facts, &catalog, &mut said, &mut unknown);
        for (document, content) in documents.iter().zip(&contents) {
            rule.check(Subject::Document(Sheet { document, content, contents: &contents, file }), &mut report);
        }
        rule.check(Subject::Fleet(&fleet), &mut report);
    }
    said.into_iter().map(|it| format!("{}: {}", it.rule, it.message)).collect()
}

#[test]
fn what_is_no_kubeconfig_of_any_shape_is_read_to_its_end() {
    for text in [
        "apiVersion: v1\nkind: Config\nclusters: 5\n",
        "apiVersion: v1\nkind: Config\nclusters: {a: b}\ncontexts: [1, [2], {name: }, {name: {}}]\n",
        "apiVersion: v1\nkind: Config\ncontexts: [{name: a, context: 5}]\n",
        "apiVersion: v1\nkind: Config\ncontexts: [{name: a, context: [a]}]\ncurrent-context: [a]\n",
        "apiVersion: v1\nkind: Config\nclusters: &a [*a]\n",
    ] {
        said("config.yaml", text);
    }
    let mut many = "apiVersion: v1\nkind: Config\ncurrent-context: a0\nclusters: []\nusers: []\ncontexts:\n".to_owned();
    for at in 0..3000 {
        let _ = writeln!(many, "- {{name: a{at}, context: {{cluster: b{at}, user: c{at}}}}}");
    }
    assert_eq!(said("config.yaml", &many).len(), 6000);
}

#[test]
fn clusters_of_any_shape_are_read_to_their_end() {
    for text in [
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: [1]\n",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.99999999999\n",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncontrolPlaneEndpoint: '[::'\n",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncontrolPlaneEndpoint: ':::::'\n",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {podSubnet: '0.0.0.0/0,::/0'}\n",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\netcd: {external: {endpoints: {a: b}}}\n",
        "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec: {etcdClusters: [5, {etcdMembers: [1, {}]}]}\n",
        "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {version: 1.}\n",
    ] {
        said("cluster.yaml", text);
    }
    let mut members =
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\netcd:\n  external:\n    endpoints:\n"
            .to_owned();
    for _ in 0..20_000 {
        members.push_str("    - https://10.0.0.1:2379\n");
    }
    let even = "quorum-weak: etcd has 20000 members: it survives the loss of 9999, as 19999 would";
    assert_eq!(said("cluster.yaml", &members), [even]);
}

#[test]
fn a_long_script_is_read_once() {
    let line = "        curl -LO https://dl.k8s.io/release/v1.25.4/bin/linux/amd64/kubectl\n";
    let script = format!("on: push\njobs:\n  a:\n    steps:\n    - run: |\n{}", line.repeat(5_000));
    assert_eq!(
        said(".github/workflows/a.yml", &script),
        ["kubectl-version-skew: the pipeline installs kubectl 1.25, 9 minors from the cluster's 1.34"]
    );
}
