//! The names of the rules (docs/protocol.md, Rules).

/// A rule that a record breaks, or the rule of a chunk's end.
/// Twin: packages/protocol/errors/record-codes.ts RECORD_ERROR_CODES.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    ReservedKind,
    NonzeroField,
    IndexRange,
    WordRange,
    SenderEmpty,
    SelfTransfer,
    ReceiverEmpty,
    ReceiverExists,
    TokenMismatch,
    NotFeeToken,
    Expired,
    NonceExhausted,
    BadSignature,
    InsufficientBalance,
    WithdrawalMismatch,
    DepositMismatch,
    ExitMismatch,
    BalanceOverflow,
    /// Of the last slot of a chunk.
    FeesNotCollected,
}

impl Rule {
    /// The spelling in packages/protocol/errors.
    pub fn name(self) -> &'static str {
        match self {
            Rule::ReservedKind => "RESERVED_KIND",
            Rule::NonzeroField => "NONZERO_FIELD",
            Rule::IndexRange => "INDEX_RANGE",
            Rule::WordRange => "WORD_RANGE",
            Rule::SenderEmpty => "SENDER_EMPTY",
            Rule::SelfTransfer => "SELF_TRANSFER",
            Rule::ReceiverEmpty => "RECEIVER_EMPTY",
            Rule::ReceiverExists => "RECEIVER_EXISTS",
            Rule::TokenMismatch => "TOKEN_MISMATCH",
            Rule::NotFeeToken => "NOT_FEE_TOKEN",
            Rule::Expired => "EXPIRED",
            Rule::NonceExhausted => "NONCE_EXHAUSTED",
            Rule::BadSignature => "BAD_SIGNATURE",
            Rule::InsufficientBalance => "INSUFFICIENT_BALANCE",
            Rule::WithdrawalMismatch => "WITHDRAWAL_MISMATCH",
            Rule::DepositMismatch => "DEPOSIT_MISMATCH",
            Rule::ExitMismatch => "EXIT_MISMATCH",
            Rule::BalanceOverflow => "BALANCE_OVERFLOW",
            Rule::FeesNotCollected => "FEES_NOT_COLLECTED",
        }
    }
}
