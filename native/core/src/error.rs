//! Failures that a caller can act on. The codes are those of `packages/protocol/errors`.

use std::fmt;
use std::io;
use std::path::Path;

/// A code of the registry in `packages/protocol/errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    OutOfRange,
    Malformed,
    ArtifactDamaged,
    ArtifactMissing,
    WitnessRejected,
    ProofInvalid,
    InsecureKey,
    Cancelled,
}

impl Code {
    /// The spelling in `packages/protocol/errors`.
    pub fn name(self) -> &'static str {
        match self {
            Code::OutOfRange => "OUT_OF_RANGE",
            Code::Malformed => "MALFORMED",
            Code::ArtifactDamaged => "ARTIFACT_DAMAGED",
            Code::ArtifactMissing => "ARTIFACT_MISSING",
            Code::WitnessRejected => "WITNESS_REJECTED",
            Code::ProofInvalid => "PROOF_INVALID",
            Code::InsecureKey => "INSECURE_KEY",
            Code::Cancelled => "CANCELLED",
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
        .with("file", path.display().to_string())
    }

    /// A file that could not be opened, read or written.
    pub fn io(path: &Path, error: io::Error) -> Self {
        let code = if error.kind() == io::ErrorKind::NotFound { Code::ArtifactMissing } else { Code::ArtifactDamaged };
        Self::new(code, format!("{}: {error}", path.display())).with("file", path.display().to_string())
    }
}

impl fmt::Display for CoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for CoreError {}
