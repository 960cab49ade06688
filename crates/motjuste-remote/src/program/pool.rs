//! The processes of a program: started as they are needed, kept as long as they are well.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use motjuste::model::Completion;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::process::{Fault, Launch, Process};
use super::{Told, told};
use crate::protocol::Unread;

/// How long processes may take to end once there are no more questions: they may have something to write
/// down.
const FAREWELL: Duration = Duration::from_secs(2);

/// How often is looked whether they have ended.
const GLANCE: Duration = Duration::from_millis(10);

/// The processes of one program.
#[derive(Debug)]
pub(super) struct Pool {
    launch: Launch,
    room: Semaphore,
    idle: Mutex<Vec<Process>>,
}

impl Pool {
    pub(super) fn new(launch: Launch, processes: usize) -> Self {
        Self { launch, room: Semaphore::new(processes.max(1)), idle: Mutex::default() }
    }

    /// Puts a line to a process that has nothing else to do, and reads its reply. A process that left
    /// politely after its last answer is replaced by another.
    pub(super) async fn ask(
        &self,
        line: &[u8],
        patience: Duration,
        read: impl Fn(&[u8]) -> Result<Completion, Unread>,
    ) -> Result<Told, Fault> {
        // The semaphore is never closed, so a permit always comes.
        let _permit = self.room.acquire().await.ok();
        let kept = self.idle().pop();
        if let Some(kept) = kept {
            match self.ask_one(kept, line, patience, &read).await {
                Err(Fault::Left) => {}
                answer => return answer,
            }
        }
        let new = self.launch.start()?;
        self.ask_one(new, line, patience, &read).await
    }

    async fn ask_one(
        &self,
        mut process: Process,
        line: &[u8],
        patience: Duration,
        read: impl Fn(&[u8]) -> Result<Completion, Unread>,
    ) -> Result<Told, Fault> {
        let reply = match timeout(patience, process.ask(line)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(broken)) => return Err(process.end(broken).await),
            Err(_) => return Err(process.silent(patience).await),
        };
        match told(read(&reply)) {
            Ok(told) => {
                self.idle().push(process);
                Ok(told)
            }
            Err(why) => Err(process.garbage(&reply, &why).await),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut idle = std::mem::take(&mut *self.idle());
        idle.iter_mut().for_each(Process::close);
        let end = Instant::now() + FAREWELL;
        while idle.iter_mut().any(Process::runs) && Instant::now() < end {
            std::thread::sleep(GLANCE);
        }
    }
}
