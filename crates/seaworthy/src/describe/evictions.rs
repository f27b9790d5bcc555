//! In which order a node that runs out of memory evicts pods, in words.

use seaworthy_placement::{Eviction, Memory};
use serde::Serialize;

/// When the pods of a workload are evicted from a node that runs out of memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EvictionDescription {
    /// When it is its turn, if all workloads are on that node: 1 for the first, the same for those of which nothing
    /// tells who is first. None for pods that are never evicted, and where the priority is not known.
    pub turn: Option<usize>,
    /// The priority; none where its class is not in the set.
    pub priority: Option<i32>,
    /// Whether it uses more memory than it requests: `always`, `maybe` or `never`.
    pub exceeds: &'static str,
    /// Why it is its turn then.
    pub why: String,
}

impl EvictionDescription {
    pub(super) fn of(eviction: &Eviction<'_>) -> Self {
        Self {
            turn: eviction.turn,
            priority: eviction.priority,
            exceeds: match eviction.memory {
                Memory::None => "always",
                Memory::More { .. } => "maybe",
                Memory::Within(_) => "never",
            },
            why: why(eviction),
        }
    }
}

fn why(eviction: &Eviction<'_>) -> String {
    if eviction.is_critical() {
        return "never: its priority is critical".to_owned();
    }
    let memory = match &eviction.memory {
        Memory::None => "requests no memory, and whatever it uses is more".to_owned(),
        Memory::More { request, limit: Some(limit) } => {
            format!("requests {} and may use {}", request.canonical(), limit.canonical())
        }
        Memory::More { request, limit: None } => format!("requests {} and may use any amount", request.canonical()),
        Memory::Within(request) => format!("cannot use more than the {} it requests", request.canonical()),
    };
    match eviction.priority {
        Some(_) => memory,
        None => {
            let class = eviction.pod.spec().field().str_at("priorityClassName").unwrap_or("");
            format!("unknown, as class `{class}` is not in the set; {memory}")
        }
    }
}
