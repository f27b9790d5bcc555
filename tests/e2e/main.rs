//! The webhook as a real API server meets it: what `deploy/` installs, one scenario after the other.

mod scenarios;

use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Instant;

use scenarios::{Stage, answers, certificates, installs, outages, snapshots};

/// A scenario leaves the stage as it found it.
type Scenario = for<'a> fn(&'a mut Stage) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

const SCENARIOS: &[(&str, Scenario)] = &[
    ("every way to install is accepted", |it| Box::pin(installs::every_way_is_accepted(it))),
    ("applied again, it keeps its bundle", |it| Box::pin(installs::applied_again(it))),
    ("helm installs, upgrades and uninstalls it", |it| Box::pin(installs::helm(it))),
    ("the accounts can do no more than they need", |it| Box::pin(installs::accounts_are_narrow(it))),
    ("it may watch what it asks for, and no Secret", |it| Box::pin(installs::watched(it))),
    ("a bad Deployment is refused with its causes", |it| Box::pin(answers::bad_is_refused(it))),
    ("the audit log tells which rules spoke", |it| Box::pin(answers::audited(it))),
    ("a good Deployment passes in silence", |it| Box::pin(answers::good_passes(it))),
    ("warnings reach the client", |it| Box::pin(answers::warnings_reach_the_client(it))),
    ("dry runs are answered like others", |it| Box::pin(answers::dry_run(it))),
    ("updates are judged by what they lead to", |it| Box::pin(answers::updates(it))),
    ("subresources that carry a pod are judged", |it| Box::pin(answers::subresources(it))),
    ("other versions of a kind are judged", |it| Box::pin(answers::other_versions(it))),
    ("every kind that carries a pod is judged", |it| Box::pin(answers::every_pod_carrier(it))),
    ("what is exempt is not asked about", |it| Box::pin(answers::exemptions(it))),
    ("everything can be asked about", |it| Box::pin(answers::everything(it))),
    ("the pair is kept while it serves", |it| Box::pin(certificates::kept(it))),
    ("the pair is exchanged under load without an error", |it| Box::pin(certificates::exchanged_under_load(it))),
    ("what is broken is mended", |it| Box::pin(certificates::mended(it))),
    ("callers are known by their certificate", |it| Box::pin(certificates::callers(it))),
    ("a snapshot holds no secret", |it| Box::pin(snapshots::written(it))),
    ("a snapshot holds what may be listed", |it| Box::pin(snapshots::as_far_as_allowed(it))),
    ("pods are replaced under load without an error", |it| Box::pin(outages::rolled_under_load(it))),
    ("a server that died is as before when it is back", |it| Box::pin(outages::restarted(it))),
    ("without a server, Ignore lets pass", |it| Box::pin(outages::ignored(it))),
    ("without a server, Fail refuses, but not what brings it back", |it| Box::pin(outages::failing(it))),
    ("a server that hangs costs the timeout and no more", |it| Box::pin(outages::hanging(it))),
];

fn main() -> ExitCode {
    let program = |name| std::env::var_os(name).map(PathBuf::from);
    let (Some(etcd), Some(apiserver), Some(seaworthy)) =
        (program("SEAWORTHY_ETCD"), program("SEAWORTHY_KUBE_APISERVER"), program("SEAWORTHY"))
    else {
        println!("not run: no control plane (tests/e2e/run builds one)");
        return ExitCode::SUCCESS;
    };
    let only: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let reactor = tokio::runtime::Runtime::new().unwrap();
    reactor.block_on(async {
        let mut stage = Stage::start(&etcd, &apiserver, seaworthy).await;
        let mut passed = 0;
        for (name, scenario) in SCENARIOS {
            if !only.is_empty() && !only.iter().any(|it| name.contains(it.as_str())) {
                continue;
            }
            println!("{name} ...");
            let start = Instant::now();
            scenario(&mut stage).await;
            println!("    ok, {:.1} s", start.elapsed().as_secs_f64());
            passed += 1;
        }
        println!("{passed} passed, 0 failed");
    });
    ExitCode::SUCCESS
}
