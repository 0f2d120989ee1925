//! Core errors as JavaScript errors: the message is `CODE` + newline + text + newline + JSON of the data.
//! `native/call.ts` takes it apart again.

use quittance_core::error::CoreError;

pub fn to_napi(error: CoreError) -> napi::Error {
    let data = serde_json::Value::Object(error.data.clone());
    napi::Error::from_reason(format!("{}\n{}\n{data}", error.code.name(), error.message.replace('\n', " ")))
}
