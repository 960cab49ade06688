//! What the system asks for by signals: an end, after the answers that are on their way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use crate::summary;

/// The exit code of whoever Ctrl-C ends.
const INTERRUPTED: u8 = 130;

/// The exit code for the first signal that asked for an end.
static CODE: AtomicU8 = AtomicU8::new(INTERRUPTED);

/// The exit code of a command that stopped because it was asked to: 128 and the number of the signal.
pub(crate) fn code() -> u8 {
    CODE.load(Ordering::Relaxed)
}

/// How long calls in flight are waited for once an end is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The longest that an answer may take: for a person, who can ask again.
    pub answer: Duration,
    /// For a system, which ends the process itself after a while.
    pub grace: Duration,
}

/// Sets `stop` when an end is asked for: once for a safe stop, twice for an immediate one. Before this, a signal
/// ends the process as the system does.
pub(crate) fn listen(stop: Arc<AtomicBool>, patience: Patience) {
    for signal in Signal::heeded() {
        let stop = stop.clone();
        tokio::spawn(async move {
            while signal.came().await {
                signal.heed(&stop, patience);
            }
        });
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Interrupt,
    #[cfg(unix)]
    Terminate,
    #[cfg(unix)]
    HangUp,
}

impl Signal {
    /// 128 and its number.
    fn code(self) -> u8 {
        match self {
            Self::Interrupt => INTERRUPTED,
            #[cfg(unix)]
            Self::Terminate => 143,
            #[cfg(unix)]
            Self::HangUp => 129,
        }
    }

    fn heed(self, stop: &AtomicBool, patience: Patience) {
        if stop.swap(true, Ordering::Relaxed) {
            leave_now(self.code());
        }
        CODE.store(self.code(), Ordering::Relaxed);
        motjuste::process::interrupt();
        let kept = "waiting for the answers on their way, which are kept";
        let at_once = "what is on its way then is paid for without an answer";
        if self == Self::Interrupt {
            let longest = patience.answer.as_secs_f64();
            summary::note(&format!(
                "stopping: {kept}; an answer may take up to {longest} s (--timeout). Ctrl-C again stops at once: {at_once}"
            ));
            return;
        }
        let grace = patience.grace.as_secs_f64();
        summary::note(&format!("stopping: {kept}, for {grace} s at the most (--grace)"));
        tokio::spawn(async move {
            tokio::time::sleep(patience.grace).await;
            summary::note(&format!(
                "some answers did not come within {grace} s: they are counted at their worst"
            ));
            leave_now(self.code());
        });
    }
}

#[cfg(unix)]
impl Signal {
    /// Those that are listened to. A process that is meant to outlive its terminal (nohup) does not hear of its end.
    fn heeded() -> Vec<Self> {
        let mut all = vec![Self::Interrupt, Self::Terminate];
        if !is_hang_up_ignored() {
            all.push(Self::HangUp);
        }
        all
    }

    /// Waits for it; false when it cannot be heard.
    async fn came(self) -> bool {
        use tokio::signal::unix::{SignalKind, signal};
        let kind = match self {
            Self::Interrupt => SignalKind::interrupt(),
            Self::Terminate => SignalKind::terminate(),
            Self::HangUp => SignalKind::hangup(),
        };
        match signal(kind) {
            Ok(mut signal) => signal.recv().await.is_some(),
            Err(_) => false,
        }
    }
}

#[cfg(not(unix))]
impl Signal {
    fn heeded() -> Vec<Self> {
        vec![Self::Interrupt]
    }

    async fn came(self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}

/// Linux tells which signals the process was started to ignore. Elsewhere it is taken for so where messages go to a
/// file, as `nohup` has it.
#[cfg(unix)]
fn is_hang_up_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").ok();
    let mask = status.as_deref().and_then(|status| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    mask.map_or_else(|| !summary::is_watched(), |mask| mask & 1 == 1)
}

#[expect(clippy::exit, reason = "a second signal means now; everything durable is durable already")]
fn leave_now(code: u8) -> ! {
    motjuste::process::end_all();
    std::process::exit(code.into())
}
