//! What a long computation tells its caller, and how the caller stops it.

use crate::error::{Code, CoreError, Result};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Progress of one job, written by the computation and read from another thread at any time.
#[derive(Default)]
pub struct Monitor {
    cancelled: AtomicBool,
    stage: Mutex<&'static str>,
    done: AtomicU64,
    total: AtomicU64,
}

impl Monitor {
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the computation to end at its next check.
    pub fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    /// Names the stage that begins, with its number of steps; fails when the job was cancelled.
    pub fn begin(&self, stage: &'static str, total: u64) -> Result<()> {
        *self.stage.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = stage;
        self.done.store(0, Relaxed);
        self.total.store(total, Relaxed);
        self.check()
    }

    /// Counts finished steps of the stage; fails when the job was cancelled.
    pub fn advance(&self, steps: u64) -> Result<()> {
        self.done.fetch_add(steps, Relaxed);
        self.check()
    }

    /// Fails with CANCELLED when the job was cancelled.
    pub fn check(&self) -> Result<()> {
        if self.cancelled.load(Relaxed) {
            Err(CoreError::new(Code::Cancelled, "the job was cancelled"))
        } else {
            Ok(())
        }
    }

    /// Stage, finished steps, all steps.
    pub fn progress(&self) -> (&'static str, u64, u64) {
        let stage = *self.stage.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        (stage, self.done.load(Relaxed), self.total.load(Relaxed))
    }
}
