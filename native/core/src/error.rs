//! Failures that a caller can act on. The codes are those of `packages/protocol/errors`.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A code of the registry in `packages/protocol/errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    OutOfRange,
    BadSignature,
    ArtifactDamaged,
    ArtifactMissing,
    WitnessRejected,
    ProofInvalid,
    KeyOfAnotherCircuit,
    VerifyingKeyUnreadable,
    TapeImpossible,
    InsecureKey,
    Cancelled,
    SnapshotDamaged,
    ResourcesShort,
    /// A bug: of this crate, or of whoever called it.
    InvariantBroken,
}

impl Code {
    /// The spelling in `packages/protocol/errors`.
    pub fn name(self) -> &'static str {
        match self {
            Code::OutOfRange => "OUT_OF_RANGE",
            Code::BadSignature => "BAD_SIGNATURE",
            Code::ArtifactDamaged => "ARTIFACT_DAMAGED",
            Code::ArtifactMissing => "ARTIFACT_MISSING",
            Code::WitnessRejected => "WITNESS_REJECTED",
            Code::ProofInvalid => "PROOF_INVALID",
            Code::KeyOfAnotherCircuit => "KEY_OF_ANOTHER_CIRCUIT",
            Code::VerifyingKeyUnreadable => "VERIFYING_KEY_UNREADABLE",
            Code::TapeImpossible => "TAPE_IMPOSSIBLE",
            Code::InsecureKey => "INSECURE_KEY",
            Code::Cancelled => "CANCELLED",
            Code::SnapshotDamaged => "SNAPSHOT_DAMAGED",
            Code::ResourcesShort => "RESOURCES_SHORT",
            Code::InvariantBroken => "INVARIANT_BROKEN",
        }
    }
}

/// An operating error: code, one sentence for people, values for programs.
#[derive(Clone, Debug)]
pub struct CoreError {
    pub code: Code,
    pub message: String,
    pub data: serde_json::Map<String, serde_json::Value>,
}

pub type Result<T> = std::result::Result<T, CoreError>;

impl CoreError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: serde_json::Map::new() }
    }

    /// Adds a value that explains the error.
    pub fn with(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }

    /// A file that does not hold what it should.
    pub fn damaged(path: &Path, why: impl fmt::Display) -> Self {
        Self::new(
            Code::ArtifactDamaged,
            format!("{} is damaged: {why}; delete it and build the artifacts again", path.display()),
        )
        .with("path", path.display().to_string())
    }

    /// A file that could not be opened, read or written.
    pub fn io(path: &Path, error: io::Error) -> Self {
        let code = if error.kind() == io::ErrorKind::NotFound { Code::ArtifactMissing } else { Code::ArtifactDamaged };
        Self::new(code, format!("{}: {error}", path.display())).with("path", path.display().to_string())
    }
}

/// Runs `work` to an outcome: a panic is an INVARIANT_BROKEN that says what the panic said. Nothing may unwind into Node.
pub fn catch<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(CoreError::new(Code::InvariantBroken, format!("the native code panicked: {}", text.unwrap_or("no reason"))))
    })
}

impl fmt::Display for CoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for CoreError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_outcome_with_a_code_and_its_text() {
        let values: Vec<u8> = Vec::new();
        for outcome in [catch(|| Ok(values[3])), catch(|| panic!("{} of {}", 3, 4)), catch(|| panic!("plain"))] {
            let error = outcome.unwrap_err();
            assert_eq!(error.code, Code::InvariantBroken);
            assert!(["out of bounds", "3 of 4", "plain"].iter().any(|text| error.message.contains(text)), "{error}");
        }
        assert_eq!(catch(|| Ok(5)).unwrap(), 5);
        assert_eq!(catch(|| Err::<u8, _>(CoreError::new(Code::Cancelled, ""))).unwrap_err().code, Code::Cancelled);
    }

    #[test]
    fn a_panic_on_another_thread_of_the_pool_is_caught_too() {
        use rayon::prelude::*;
        let outcome = catch(|| Ok((0..1000).into_par_iter().map(|value| 1 / (value - 500)).sum::<i32>()));
        assert_eq!(outcome.unwrap_err().code, Code::InvariantBroken);
    }
}
