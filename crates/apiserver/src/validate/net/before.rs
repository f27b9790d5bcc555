//! What a changed object had before.

use seaworthy_source::order;

use super::super::value::Value;

/// Whether the object had it before, which lets pass what is not written strictly (`validOldIPs`, `validOldCIDRs`).
pub(super) fn was_there(field: Value<'_>, text: &str) -> bool {
    let run = field.run();
    let Some(before) = run.before else { return false };
    let all = run.past.addresses.get_or_init(|| {
        let mut all = written_addresses(before.root().get("spec"), before.kind.kind);
        order::sort(&mut all);
        all
    });
    all.binary_search(&text).is_ok()
}

fn written_addresses<'r>(spec: Value<'r>, kind: &str) -> Vec<&'r str> {
    let lists: Vec<Value<'r>> = match kind {
        "Service" => {
            let lists = ["clusterIPs", "externalIPs", "loadBalancerSourceRanges"].into_iter();
            let listed = lists.flat_map(|name| spec.items_of(name));
            listed.chain([spec.get("clusterIP")]).collect()
        }
        "NetworkPolicy" => {
            let rules = [("ingress", "from"), ("egress", "to")].into_iter();
            let peers = rules.flat_map(|(rules, peers)| spec.get(rules).items().map(move |rule| rule.get(peers)));
            let blocks = peers.flat_map(Value::items).map(|peer| peer.get("ipBlock"));
            blocks.flat_map(|block| block.items_of("except").chain([block.get("cidr")])).collect()
        }
        _ => Vec::new(),
    };
    lists.into_iter().map(Value::str).collect()
}
