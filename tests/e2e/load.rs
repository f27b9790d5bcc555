//! Requests without a pause, until told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::api::Api;

/// However a test ends, its load ends after this.
const LONGEST: Duration = Duration::from_secs(120);

/// Clients that send dry runs of objects and know which code each must be answered with.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<(usize, Vec<String>)>>,
}

impl Load {
    /// Starts this many clients that post these objects in turn.
    pub fn start(api: &Api, clients: usize, path: &str, objects: &[(Value, u16)]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |_| {
            let (api, stop, objects) = (api.clone(), Arc::clone(&stop), objects.to_vec());
            let path = format!("{path}?dryRun=All");
            tokio::spawn(async move {
                let (start, mut wrong) = (Instant::now(), Vec::new());
                let mut sent = 0;
                while !stop.load(Ordering::Relaxed) && start.elapsed() < LONGEST {
                    let (object, expected) = &objects[sent % objects.len()];
                    sent += 1;
                    match api.try_call("POST", &path, "application/json", object).await {
                        Ok(answer) if answer.code == *expected => {}
                        Ok(answer) => wrong.push(format!("{} {}", answer.code, answer.message())),
                        Err(error) => wrong.push(error.to_string()),
                    }
                }
                (sent, wrong)
            })
        };
        Self { clients: (0..clients).map(client).collect(), stop }
    }

    /// Ends it, and says how many requests were sent. The test ends here if one was answered wrongly.
    pub async fn stop(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        let mut total = 0;
        let mut all = Vec::new();
        for client in self.clients {
            let (sent, wrong) = client.await.unwrap();
            total += sent;
            all.extend(wrong);
        }
        assert!(all.is_empty(), "{} of {total} went wrong, such as: {}", all.len(), all[0]);
        total
    }
}
