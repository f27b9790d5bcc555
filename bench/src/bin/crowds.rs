//! Fleets in which many things could be held against many others: what a check takes, on one core, and how much more
//! than for a tenth of it. Ten is as it should be; a hundred would be the square.
//! `cargo run --release -p seaworthy-bench --bin crowds`

use std::io::Write as _;

use seaworthy::rules::Pack;
use seaworthy::{Overrides, Policy, Source, Validator};
use seaworthy_bench::processor::{on_one_thread, took};

/// A fleet: its name, and what it has of each kind as many as there are of the others. `%` stands for a number, `@` for
/// a name that tells little of others.
type Shape = (&'static str, &'static [&'static str]);

const COUNT: usize = 10_000;

const POD: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-%, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, own: own-%}}
    spec: {containers: [{name: web, image: 'example.com/web:1.%', ports: [{containerPort: 8080}]}]}
";
const OWN_POD: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-%, namespace: shop}
spec:
  selector: {matchLabels: {app: web-%}}
  template:
    metadata: {labels: {app: web-%}}
    spec: {containers: [{name: web, image: 'example.com/web:1.%'}]}
";
const ACCEPTED: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-%, namespace: shop}
spec:
  selector: {matchLabels: {app: web-%}}
  template:
    metadata: {labels: {app: web-%}}
    spec: {containers: [{name: web, image: 'example.com/web:1'}]} # seaworthy: allow resources-unset
";
const SERVICE: &str = "---
apiVersion: v1
kind: Service
metadata: {name: web-%, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 9090}]}
";
const SERVICE_OF_NONE: &str = "---
apiVersion: v1
kind: Service
metadata: {name: web-%, namespace: shop}
spec: {selector: {app: web, tier: none}, ports: [{port: 80, targetPort: 9090}]}
";
const BUDGET: &str = "---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web-%, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
";
const NETWORK_POLICY: &str = "---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web-%, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}
";
const QUOTA: &str = "---
apiVersion: v1
kind: ResourceQuota
metadata: {name: web-%, namespace: shop}
spec: {hard: {pods: '5', requests.cpu: '1', count/services: '5'}}
";
const LIMIT_RANGE: &str = "---
apiVersion: v1
kind: LimitRange
metadata: {name: web-%, namespace: shop}
spec: {limits: [{type: Container, max: {cpu: '1'}}]}
";
const CLASS: &str = "---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: class-%}
provisioner: ebs.csi.aws.com
";
const AUTOSCALER: &str = "---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web-%, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: missing-@}
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
";
const CONFIG: &str = "---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-@, namespace: shop}
data: {key: value}
";
const USER_OF_NONE: &str = "---
apiVersion: v1
kind: Pod
metadata: {name: user-%, namespace: shop}
spec: {containers: [{name: web, image: 'example.com/web:1', envFrom: [{configMapRef: {name: konfig-@}}]}]}
";
const SAME: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'example.com/web:1.%'}]}
";
const SAME_SERVICE: &str = "---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
";

fn main() -> std::io::Result<()> {
    let shapes: [Shape; 12] = [
        ("pods, each for itself", &[OWN_POD]),
        ("Services, pods", &[SERVICE, POD]),
        ("Services that select none, pods", &[SERVICE_OF_NONE, POD]),
        ("budgets, pods", &[BUDGET, POD]),
        ("NetworkPolicies, pods", &[NETWORK_POLICY, POD]),
        ("quotas, pods", &[QUOTA, POD]),
        ("LimitRanges, pods", &[LIMIT_RANGE, POD]),
        ("storage classes, pods", &[CLASS, POD]),
        ("autoscalers of nothing, pods", &[AUTOSCALER, OWN_POD]),
        ("names that are not there, others", &[USER_OF_NONE, CONFIG]),
        ("one name, two kinds", &[SAME_SERVICE, SAME]),
        ("accepted findings", &[ACCEPTED]),
    ];
    on_one_thread();
    let overrides = || Overrides { complete: Some(true), ..Overrides::default() };
    let validator = Validator::new(overrides(), Policy::default().with_packs([Pack::Strict]));
    let check = |shape: &Shape, count: usize| {
        let sources = sources(shape, count);
        let mut findings = 0;
        let time = took(|| findings = validator.check(sources).diagnostics.len());
        (time.as_secs_f64(), findings)
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{COUNT} of each{:>34} {:>8} {:>10}", "time", "ratio", "findings")?;
    for shape in &shapes {
        let ((tenth, _), (whole, findings)) = (check(shape, COUNT / 10), check(shape, COUNT));
        writeln!(out, "{:<40} {whole:>6.2} s {:>7.1}x {findings:>10}", shape.0, whole / tenth)?;
    }
    Ok(())
}

/// So many of each kind, a hundred in a file.
fn sources(shape: &Shape, count: usize) -> Vec<Source> {
    let text = |at: usize| -> String {
        let number = at.to_string();
        let name = format!("{:08x}", (at as u64 * 2_654_435_761) % (1 << 32));
        shape.1.iter().map(|it| it.replace('%', &number).replace('@', &name)).collect()
    };
    let file = |at: usize| (at..count.min(at + 100)).map(text).collect::<String>();
    (0..count).step_by(100).map(|at| Source::new(format!("{at}.yaml"), file(at))).collect()
}
