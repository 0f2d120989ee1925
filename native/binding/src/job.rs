//! A long call: JavaScript holds a `Job` to watch and to cancel it; the work runs on a background thread.

use crate::error::guard;
use napi::bindgen_prelude::{AsyncTask, ToNapiValue, TypeName};
use napi::{Env, Task};
use napi_derive::napi;
use quittance_core::error::CoreError;
use quittance_core::monitor::Monitor;
use std::sync::Arc;

/// Progress and cancellation of one call.
#[napi]
#[derive(Default)]
pub struct Job {
    monitor: Arc<Monitor>,
}

/// Stage, finished steps, all steps.
#[napi(object)]
pub struct Progress {
    pub stage: String,
    pub done: f64,
    pub total: f64,
}

#[napi]
impl Job {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi]
    pub fn cancel(&self) {
        self.monitor.cancel();
    }

    #[napi]
    pub fn progress(&self) -> Progress {
        let (stage, done, total) = self.monitor.progress();
        Progress { stage: stage.to_owned(), done: done as f64, total: total as f64 }
    }

    pub fn monitor(&self) -> Arc<Monitor> {
        self.monitor.clone()
    }
}

type Work<T> = Box<dyn FnOnce() -> Result<T, CoreError> + Send>;

/// Work for a background thread; its result becomes the value of a promise.
pub struct Background<T, J> {
    work: Option<Work<T>>,
    convert: fn(T) -> J,
}

/// Runs `work` on a background thread and `convert` on the main one.
pub fn background<T, J>(
    work: impl FnOnce() -> Result<T, CoreError> + Send + 'static,
    convert: fn(T) -> J,
) -> AsyncTask<Background<T, J>>
where
    T: Send + 'static,
    J: ToNapiValue + TypeName + 'static,
{
    AsyncTask::new(Background { work: Some(Box::new(work)), convert })
}

impl<T: Send + 'static, J: ToNapiValue + TypeName + 'static> Task for Background<T, J> {
    type Output = T;
    type JsValue = J;

    fn compute(&mut self) -> napi::Result<T> {
        let work = self.work.take().expect("a task runs once");
        guard(work)
    }

    fn resolve(&mut self, _env: Env, output: T) -> napi::Result<J> {
        guard(|| Ok((self.convert)(output)))
    }
}
