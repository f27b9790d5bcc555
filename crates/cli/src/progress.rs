//! A sign of life when work takes more than a second.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs `work`; on a terminal, a spinner appears after a second and goes when the work is done.
pub(crate) fn with_spinner<T>(message: String, quiet: bool, work: impl FnOnce() -> T) -> T {
    if quiet || !std::io::stderr().is_terminal() {
        return work();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    bar.set_style(ProgressStyle::default_spinner());
    bar.set_message(message);
    let (done, waits) = std::sync::mpsc::channel::<()>();
    let shown = bar.clone();
    let timer = std::thread::spawn(move || {
        if waits.recv_timeout(Duration::from_secs(1)).is_err_and(|it| it == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            shown.set_draw_target(ProgressDrawTarget::stderr());
            shown.enable_steady_tick(Duration::from_millis(120));
        }
    });
    let result = work();
    drop(done);
    // The timer thread only draws; if it failed, the result is none the worse.
    let _ = timer.join();
    bar.finish_and_clear();
    result
}
