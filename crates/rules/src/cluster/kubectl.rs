//! The kubectl that a pipeline installs, by what it says in its own file.

use seaworthy_document::{Document, Node, NodeId};
use seaworthy_source::Span;

/// A version of kubectl that something pins.
pub(crate) struct Pin<'a> {
    /// The value that pins it.
    pub(crate) node: Node<'a>,
    /// Where the version stands.
    pub(crate) span: Span,
    /// The version as it is written: `v1.25.4`.
    pub(crate) text: &'a str,
    /// 25 of 1.25.
    pub(crate) minor: u8,
}

/// Keys under which pipelines, and the orbs and actions they call, take a version of kubectl.
const KEYS: [&str; 4] = ["kubectl-version", "kubectl_version", "KUBECTL_VERSION", "kubectlVersion"];
/// Actions that take it under another key, by the beginning of their name.
const ACTIONS: &[(&str, &str)] =
    &[("azure/setup-kubectl@", "version"), ("yokawasa/action-setup-kube-tools@", "kubectl")];
/// Tasks of Azure pipelines, likewise.
const TASKS: &[(&str, &str)] = &[("KubectlInstaller@", "kubectlVersion")];
/// Images whose tag is the version of kubectl within.
const IMAGES: [&str; 5] =
    ["bitnami/kubectl", "registry.k8s.io/kubectl", "rancher/kubectl", "alpine/k8s", "k8s-kubectl"];

/// Words of scripts that may install kubectl.
const INSTALLS: [&str; 3] = ["kubectl", "KUBECTL_VERSION", "install-cli"];
/// More than this no script installs: the rest is not looked at.
const MOST: usize = 20;

/// What a file pins, in the order of the file.
pub(crate) fn pins(document: &Document) -> Vec<Pin<'_>> {
    let count = u32::try_from(document.node_count()).unwrap_or(u32::MAX);
    let nodes = (0..count).filter_map(|at| document.node(NodeId::of_number(at)));
    let mut pins = Vec::new();
    for node in nodes.filter(|it| !it.is_mapping() && !it.is_sequence()) {
        let text = node.text();
        if takes_version(node) {
            pins.extend(pin(document, node, text.trim()));
        } else if is_image(text) {
            pins.extend(text.rsplit_once(':').and_then(|(_, tag)| pin(document, node, tag)));
        } else if INSTALLS.iter().any(|it| text.contains(it)) {
            let mut left = MOST;
            in_script(text, &mut |version| {
                // Each is looked for from the start of the script.
                let Some(found) = (left > 0).then(|| pin(document, node, version)).flatten() else { return };
                left -= 1;
                // The same version again stands at the same place: the first.
                if pins.iter().rev().take(MOST).all(|other| other.span != found.span) {
                    pins.push(found);
                }
            });
        }
    }
    pins
}

/// True for a value whose key says that it is a version of kubectl.
fn takes_version(node: Node<'_>) -> bool {
    let Some(key) = node.key() else { return false };
    let named = || node.parent().and_then(|it| it.get("name")).is_some_and(|it| KEYS.contains(&it.text()));
    if KEYS.contains(&key.text()) || key.text() == "value" && named() {
        return true;
    }
    let step = node.parent().and_then(|with| with.parent());
    let calls = |of: &str, list: &[(&str, &str)]| {
        let called = step.and_then(|it| it.get(of)).map_or("", |it| it.text());
        list.iter().any(|(name, takes)| key.text() == *takes && called.starts_with(name))
    };
    calls("uses", ACTIONS) || calls("task", TASKS)
}

/// `bitnami/kubectl:1.25.4`, with or without a registry before it.
fn is_image(text: &str) -> bool {
    let name = text.rsplit_once(':').map_or("", |(name, _)| name);
    let ends = |image: &&str| {
        name.strip_suffix(*image).is_some_and(|before| before.is_empty() || before.ends_with(['/', '\'', '"']))
    };
    !text.contains([' ', '\n']) && IMAGES.iter().any(ends)
}

/// The versions that the commands of a script install.
fn in_script<'t>(script: &'t str, found: &mut dyn FnMut(&'t str)) {
    for line in script.lines() {
        let line = line.split(" #").next().unwrap_or(line);
        let installs = line.contains("kubectl") || line.contains("install-cli");
        let (mut before, mut earlier) = ("", "");
        for word in line.split([' ', '\t', '"', '\'', ';', '|', '&', '(', ')', '<', '>', ',', '\\']) {
            let version = of_word(word, installs).or(match (earlier, before) {
                // `asdf install kubectl 1.25.4`, `az aks install-cli --client-version 1.25.4`.
                ("install" | "global" | "local", "kubectl") | (_, "--client-version") => Some(word),
                _ => None,
            });
            if let Some(version) = version {
                found(version);
            }
            if !word.is_empty() {
                (earlier, before) = (before, word);
            }
        }
    }
}

/// The version in one word of a command.
fn of_word(word: &str, installs: bool) -> Option<&str> {
    for start in ["KUBECTL_VERSION=", "kubectl=", "kubectl@", "kubernetes-cli@", "--client-version="] {
        if let Some(version) = word.strip_prefix(start) {
            return Some(version);
        }
    }
    // `https://dl.k8s.io/release/v1.25.4/bin/linux/amd64/kubectl`,
    // `https://s3.us-west-2.amazonaws.com/amazon-eks/1.21.2/2021-07-05/bin/linux/amd64/kubectl`.
    if word.contains("://") && word.contains("/kubectl") {
        return word.split('/').find(|part| minor_of(part).is_some());
    }
    if installs && word.contains("stable-1.") {
        return word.rsplit_once("stable-").and_then(|(_, rest)| rest.strip_suffix(".txt"));
    }
    // `snap install kubectl --channel=1.25/stable`.
    let channel = word.strip_prefix("--channel=").filter(|_| installs)?;
    channel.split('/').next()
}

/// A text that begins with a version, at its place in a value; none for `latest`, `stable` and what a program fills in.
fn pin<'a>(document: &'a Document, node: Node<'a>, text: &'a str) -> Option<Pin<'a>> {
    let minor = minor_of(text)?;
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let text = text.get(..end)?;
    let whole = node.span();
    let at = document.source_text().get(whole.range())?.find(text)?;
    let start = whole.start as usize + at;
    Some(Pin { node, span: Span::of(start..start + text.len()), text, minor })
}

/// 25 of `v1.25.4`, `1.25` and `1.25.4-00`.
fn minor_of(text: &str) -> Option<u8> {
    let rest = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.")?;
    let digits = rest.split(|it: char| !it.is_ascii_digit()).next()?;
    let after = rest.get(digits.len()..)?;
    let is_version = after.is_empty() || after.starts_with(['-', '+']) || {
        let patch = after.strip_prefix('.')?;
        patch.starts_with(|it: char| it.is_ascii_digit())
    };
    if is_version { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use seaworthy_source::Source;

    use super::*;

    fn pinned(text: &str) -> Vec<(String, u8)> {
        let source = Source::new("ci.yml", text);
        let documents = seaworthy_document::read(&source);
        let found = documents.iter().flat_map(pins).map(|it| {
            assert_eq!(source.slice(it.span), it.text);
            (it.text.to_owned(), it.minor)
        });
        found.collect()
    }

    #[test]
    fn what_a_step_installs_is_read() {
        for (text, version) in [
            ("- uses: azure/setup-kubectl@v4\n  with: {version: v1.25.4}\n", "v1.25.4"),
            ("- run: |\n    curl -LO https://dl.k8s.io/release/v1.25.4/bin/linux/amd64/kubectl\n", "v1.25.4"),
            ("- run: curl -L \"https://dl.k8s.io/v1.25.4/kubernetes-client-linux-amd64.tar.gz/kubectl\"\n", "v1.25.4"),
            ("run: curl -o kubectl https://amazon-eks.s3.amazonaws.com/1.25.9/2023-05-11/bin/kubectl\n", "1.25.9"),
            ("run: apt-get install -y kubectl=1.25.4-00\n", "1.25.4"),
            ("run: sudo snap install kubectl --classic --channel=1.25/stable\n", "1.25"),
            ("run: az aks install-cli --client-version 1.25.4\n", "1.25.4"),
            ("run: asdf install kubectl 1.25.4\n", "1.25.4"),
            ("env: {KUBECTL_VERSION: \"1.25.4\"}\n", "1.25.4"),
            ("variables: [{name: KUBECTL_VERSION, value: 1.25.4}]\n", "1.25.4"),
            ("run: export KUBECTL_VERSION=v1.25.4\n", "v1.25.4"),
            ("- kubernetes/install-kubectl: {kubectl-version: v1.25.4}\n", "v1.25.4"),
            ("deploy:\n  image: {name: \"bitnami/kubectl:1.25.4\", entrypoint: [\"\"]}\n", "1.25.4"),
            ("- image: docker.io/bitnami/kubectl:1.25\n", "1.25"),
        ] {
            assert_eq!(pinned(text), [(version.to_owned(), 25)], "{text}");
        }
    }

    #[test]
    fn what_is_not_pinned_is_unknown() {
        for text in [
            "- uses: azure/setup-kubectl@v4\n",
            "- uses: azure/setup-kubectl@v4\n  with: {version: latest}\n",
            "- uses: azure/setup-kubectl@v4\n  with: {version: \"${{ matrix.version }}\"}\n",
            "- uses: actions/setup-node@v4\n  with: {version: 1.25.4}\n",
            "run: curl -LO https://dl.k8s.io/release/$(curl -L https://dl.k8s.io/release/stable.txt)/bin/kubectl\n",
            "run: kubectl apply -f v1.25.4/\n",
            "image: bitnami/kubectl:latest\n",
            "image: dtzar/helm-kubectl:3.12.0\n",
            "image: example.com/my-kubectl:1.25\n",
        ] {
            assert_eq!(pinned(text), [], "{text}");
        }
    }
}
