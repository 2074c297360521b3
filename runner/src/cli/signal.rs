//! Being asked to stop.

/// Waits until somebody asks us to stop, or closes the terminal. From this call on, and not
/// only once it is waited for: by then, what has to be stopped may have been started.
#[cfg(unix)]
pub(super) fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    let heard = |kind| {
        let signal = signal(kind).ok();
        async move {
            match signal {
                Some(mut signal) => drop(signal.recv().await),
                // Without a way to be told, we run until we are killed.
                None => std::future::pending().await,
            }
        }
    };
    let interrupt = heard(SignalKind::interrupt());
    let terminate = heard(SignalKind::terminate());
    let hangup = (!is_hangup_ignored()).then(|| heard(SignalKind::hangup()));
    async move {
        let hung_up = async {
            match hangup {
                Some(hangup) => hangup.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
            () = hung_up => {}
        }
    }
}

/// Waits until somebody asks us to stop.
#[cfg(not(unix))]
pub(super) async fn asked_to_stop() {
    // Without a way to be told, we run until we are killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Whether somebody wants us to outlive the terminal, as nohup does.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    const SIGHUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & SIGHUP != 0)
}
