//! Buffers of JavaScript that a call fills.

use napi::bindgen_prelude::Uint8ArraySlice;
use quittance_core::error::{Code, CoreError};

/// Lets `write` fill a buffer that has to have so many bytes.
pub fn write_to(mut out: Uint8ArraySlice, bytes: usize, write: impl FnOnce(&mut [u8])) -> Result<(), CoreError> {
    // SAFETY: the call is synchronous: JavaScript does not run meanwhile, and nothing else has the buffer.
    let out = unsafe { out.as_mut() };
    if out.len() != bytes {
        return Err(CoreError::new(Code::InvariantBroken, "a buffer of another size was given"));
    }
    write(out);
    Ok(())
}
