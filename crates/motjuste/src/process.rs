//! Programs that a person gives us, as processes: each in a group of its own, so that it ends with everything
//! it started, also where this process leaves in a hurry.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The groups that run, by the number of their leader.
static RUNNING: Mutex<BTreeMap<u32, Loss>> = Mutex::new(BTreeMap::new());

/// Whether somebody asked to stop.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What is lost when a process is ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Nothing: it can be run again.
    None,
    /// An answer that may have been paid for.
    Answer,
}

/// A process that leads a group of its own, and all that it started. They end when this goes.
///
/// ```
/// # #[cfg(unix)] {
/// use std::os::unix::process::CommandExt;
/// use std::process::Command;
/// use motjuste::process::{Group, Loss};
///
/// let mut child = Command::new("sleep").arg("600").process_group(0).spawn().unwrap();
/// drop(Group::led_by(Some(child.id()), Loss::None));
/// assert!(!child.wait().unwrap().success());
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a group that is dropped at once ends at once"]
pub struct Group(Option<u32>);

impl Group {
    /// The group of a process that was started as the leader of one, by its number; of one that has ended
    /// already, which has no number, an empty group.
    pub fn led_by(leader: Option<u32>, loss: Loss) -> Self {
        if let Some(leader) = leader {
            running().insert(leader, loss);
        }
        Self(leader)
    }

    /// Ends the group.
    pub fn end(&self) {
        if let Some(leader) = self.0
            && running().remove(&leader).is_some()
        {
            end(leader);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ends the processes that can be run again for nothing: somebody asked to stop.
pub fn interrupt() {
    INTERRUPTED.store(true, Ordering::Relaxed);
    end_where(|loss| loss == Loss::None);
}

/// Whether somebody asked to stop, so that a process which ended may have been ended.
pub fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Ends all processes: this one leaves now.
pub fn end_all() {
    end_where(|_| true);
}

fn end_where(ends: impl Fn(Loss) -> bool) {
    let mut running = running();
    running.iter().filter(|(_, loss)| ends(**loss)).for_each(|(leader, _)| end(*leader));
    running.retain(|_, loss| !ends(*loss));
}

fn running() -> MutexGuard<'static, BTreeMap<u32, Loss>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends a group. One that has ended already is no fault.
#[cfg(unix)]
fn end(leader: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// There are no groups here; a process ends when whoever waits for it goes.
#[cfg(not(unix))]
fn end(_: u32) {}
