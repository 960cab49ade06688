//! Until when requests may be sent.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use crate::Result;

/// How often whoever waits for a turn looks whether the leave has ended.
const GLANCE: Duration = Duration::from_millis(100);

/// The leave to send requests. It ends when somebody wants to stop, when the time is up, or when a model failed
/// for good: what waits for its turn then is not sent, and costs nothing.
///
/// ```
/// use motjuste::Error;
/// use motjuste::model::Leave;
/// assert!(Leave::always().check().is_ok());
/// let over = || Err(Error::interrupted());
/// assert!(Leave::under(&over).check().is_err());
/// ```
#[derive(Clone, Copy)]
pub struct Leave<'a> {
    check: &'a (dyn Fn() -> Result<()> + Send + Sync),
}

impl<'a> Leave<'a> {
    /// Leave without an end.
    pub fn always() -> Self {
        Self { check: &|| Ok(()) }
    }

    /// Leave as long as `check` refuses nothing.
    pub fn under(check: &'a (dyn Fn() -> Result<()> + Send + Sync)) -> Self {
        Self { check }
    }

    /// Whether a request may be sent now.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self) -> Result<()> {
        (self.check)()
    }

    /// Waits for a turn, as long as there is leave to use it.
    ///
    /// # Errors
    /// Why there is none any more; then `turn` is dropped, or what came of it.
    pub async fn wait<T>(&self, turn: impl Future<Output = T>) -> Result<T> {
        let mut turn = pin!(turn);
        loop {
            self.check()?;
            if let Ok(came) = tokio::time::timeout(GLANCE, &mut turn).await {
                self.check()?;
                return Ok(came);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::Error;

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_turn_hears_that_the_leave_has_ended() {
        let stop = AtomicBool::new(false);
        let check = || match stop.load(Ordering::Relaxed) {
            true => Err(Error::interrupted()),
            false => Ok(()),
        };
        let leave = Leave::under(&check);
        assert_eq!(leave.wait(async { 7 }).await.unwrap(), 7);
        let never = leave.wait(std::future::pending::<()>());
        let stopping = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            stop.store(true, Ordering::Relaxed);
        };
        let (never, ()) = tokio::join!(never, stopping);
        assert!(never.unwrap_err().is_interrupted());
    }
}
