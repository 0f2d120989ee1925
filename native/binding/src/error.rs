//! Core errors as JavaScript errors: the message is `CODE` + newline + text + newline + JSON of the data.
//! `native/call.ts` takes it apart again.

use quittance_core::error::{CoreError, catch};

/// Every call of the core goes through here: no panic unwinds into Node.
pub fn guard<T>(work: impl FnOnce() -> Result<T, CoreError>) -> napi::Result<T> {
    catch(work).map_err(to_napi)
}

fn to_napi(error: CoreError) -> napi::Error {
    let data = serde_json::Value::Object(error.data.clone());
    napi::Error::from_reason(format!("{}\n{}\n{data}", error.code.name(), error.message.replace('\n', " ")))
}
