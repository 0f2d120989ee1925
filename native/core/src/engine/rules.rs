//! The rules of records (docs/protocol.md, Rules): one record on the two leaves that it reads, pure.

use super::account::{Account, unpack_owner_and_token};
use super::node::{Node, from_u128, is_field_element};
use super::operation::{Operation, is_visible_kind};
use super::tree::CAPACITY;
use ark_ff::{BigInt, BigInteger};

/// Fee tokens of a chunk.
pub const FEE_TOKENS: usize = 4;

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

/// The four fee sums of a chunk. Each fee is below 2^114, so no chunk fills 256 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct FeeSums(pub [Node; FEE_TOKENS]);

/// What is the same for all records of a chunk.
pub struct Context {
    /// Ascending; 2^32 is the filler, which no token id reaches.
    pub fee_tokens: [u64; FEE_TOKENS],
    pub batch_time: u64,
}

impl Context {
    fn fee_position(&self, token: u32) -> Option<usize> {
        self.fee_tokens.iter().position(|fee_token| *fee_token == u64::from(token))
    }
}

/// A record with what its rules see.
pub struct Step<'a> {
    pub operation: &'a Operation,
    pub context: &'a Context,
    /// The leaf at `from` before the record; None when it is empty.
    pub sender: Option<&'a Account>,
    /// The leaf at `to` before the record.
    pub receiver: Option<&'a Account>,
    /// Before the record.
    pub fees: FeeSums,
}

/// What a valid record does: the leaves that it writes, and the fee sums after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effects {
    pub sender: Option<Account>,
    pub receiver: Option<Account>,
    pub fees: FeeSums,
}

type Outcome = Result<Effects, Rule>;

/// The rules that need no state. A record in OPERATION_BYTES has as many words as its kind.
/// Twin: packages/protocol/records/shape.ts shapeViolation.
pub fn check_shape(operation: &Operation) -> Result<(), Rule> {
    let Operation { kind, from, to, amount_float, fee_float, words, .. } = operation;
    let unused_from = matches!(kind, 0 | 4 | 6);
    let unused_to = matches!(kind, 0 | 3 | 5);
    let unused_amounts = matches!(kind, 0 | 4 | 5 | 6);
    if *kind > 7 {
        return Err(Rule::ReservedKind);
    }
    if unused_from && *from != 0 || unused_to && *to != 0 || unused_amounts && (*amount_float != 0 || *fee_float != 0) {
        return Err(Rule::NonzeroField);
    }
    if *from >= CAPACITY || *to >= CAPACITY {
        return Err(Rule::IndexRange);
    }
    let widths = match kind {
        2 => [256, 160, 0],
        3 | 5 => [0, 256, 256],
        4 => [256, 192, 128],
        _ => [256; 3],
    };
    let fits = |(word, bits): (&Node, u32)| is_field_element(word) && BigInt(*word).num_bits() <= bits;
    if is_visible_kind(*kind) && !words.iter().zip(widths).all(fits) { Err(Rule::WordRange) } else { Ok(()) }
}

/// The one outcome of a record of the right shape: what it does, or the first rule that it breaks.
/// `is_authorized` says at its place in the order whether the sender signed.
/// Twin: packages/protocol/state/apply.ts applyOperation.
pub fn apply(step: &Step, is_authorized: impl FnOnce(&Account) -> bool) -> Outcome {
    match step.operation.kind {
        0 => Ok(Effects { sender: None, receiver: None, fees: step.fees }),
        1 => transfer(step, is_authorized),
        2 => transfer_to_new(step, is_authorized),
        3 | 7 => payout(step, is_authorized),
        4 => deposit(step),
        5 => forced_exit(step),
        6 => collect_fee(step),
        _ => Err(Rule::ReservedKind),
    }
}

/// A payment that was made.
struct Payment {
    sender: Account,
    fees: FeeSums,
    amount: u128,
}

/// NOT_FEE_TOKEN to INSUFFICIENT_BALANCE.
/// Twin: packages/protocol/records/signed.ts applyPayment.
fn pay(step: &Step, sender: &Account, is_authorized: impl FnOnce(&Account) -> bool) -> Result<Payment, Rule> {
    let fee = step.operation.fee();
    let position = step.context.fee_position(sender.token);
    if fee > 0 && position.is_none() {
        return Err(Rule::NotFeeToken);
    }
    let valid_until = step.operation.valid_until();
    if valid_until != 0 && step.context.batch_time > valid_until {
        return Err(Rule::Expired);
    }
    if sender.nonce == u32::MAX {
        return Err(Rule::NonceExhausted);
    }
    if !is_authorized(sender) {
        return Err(Rule::BadSignature);
    }
    // What does not fit 128 bits is more than any balance.
    let amount = step.operation.amount().ok_or(Rule::InsufficientBalance)?;
    let cost = amount.checked_add(fee).ok_or(Rule::InsufficientBalance)?;
    let balance = sender.balance.checked_sub(cost).ok_or(Rule::InsufficientBalance)?;
    let mut fees = step.fees;
    if let Some(position) = position {
        fees.0[position] = add(&fees.0[position], fee);
    }
    Ok(Payment { sender: Account { balance, nonce: sender.nonce + 1, ..*sender }, fees, amount })
}

/// Twin: packages/protocol/records/transfer.ts applyTransfer.
fn transfer(step: &Step, is_authorized: impl FnOnce(&Account) -> bool) -> Outcome {
    let sender = step.sender.ok_or(Rule::SenderEmpty)?;
    if step.operation.from == step.operation.to {
        return Err(Rule::SelfTransfer);
    }
    let receiver = step.receiver.ok_or(Rule::ReceiverEmpty)?;
    if sender.token != receiver.token {
        return Err(Rule::TokenMismatch);
    }
    let payment = pay(step, sender, is_authorized)?;
    let balance = receiver.balance.checked_add(payment.amount).ok_or(Rule::BalanceOverflow)?;
    Ok(Effects { sender: Some(payment.sender), receiver: Some(Account { balance, ..*receiver }), fees: payment.fees })
}

/// Twin: packages/protocol/records/transfer-to-new.ts applyTransferToNew.
fn transfer_to_new(step: &Step, is_authorized: impl FnOnce(&Account) -> bool) -> Outcome {
    let sender = step.sender.ok_or(Rule::SenderEmpty)?;
    if step.operation.from == step.operation.to {
        return Err(Rule::SelfTransfer);
    }
    if step.receiver.is_some() {
        return Err(Rule::ReceiverExists);
    }
    let payment = pay(step, sender, is_authorized)?;
    let [key_y, owner, _] = step.operation.words;
    let (owner, _) = unpack_owner_and_token(&owner);
    let created = Account { key_y, owner, token: sender.token, nonce: 0, balance: payment.amount };
    Ok(Effects { sender: Some(payment.sender), receiver: Some(created), fees: payment.fees })
}

/// Kinds 3 and 7.
/// Twin: packages/protocol/records/signed.ts applyPayout.
fn payout(step: &Step, is_authorized: impl FnOnce(&Account) -> bool) -> Outcome {
    let sender = step.sender.ok_or(Rule::SenderEmpty)?;
    let payment = pay(step, sender, is_authorized)?;
    let [_, owner_and_token, amount] = step.operation.words;
    if owner_and_token != sender.owner_and_token() || amount != from_u128(payment.amount) {
        return Err(Rule::WithdrawalMismatch);
    }
    Ok(Effects { sender: Some(payment.sender), receiver: None, fees: payment.fees })
}

/// Twin: packages/protocol/records/deposit.ts applyDeposit.
fn deposit(step: &Step) -> Outcome {
    let [key_y, owner_and_token, amount] = step.operation.words;
    let (owner, token) = unpack_owner_and_token(&owner_and_token);
    let before = match step.receiver {
        Some(receiver) if receiver.key_y != key_y || receiver.owner_and_token() != owner_and_token => {
            return Err(Rule::DepositMismatch);
        }
        Some(receiver) => *receiver,
        None => Account { key_y, owner, token, nonce: 0, balance: 0 },
    };
    let amount = u128::from(amount[0]) | u128::from(amount[1]) << 64;
    let balance = before.balance.checked_add(amount).ok_or(Rule::BalanceOverflow)?;
    Ok(Effects { sender: None, receiver: Some(Account { balance, ..before }), fees: step.fees })
}

/// Twin: packages/protocol/records/forced-exit.ts applyForcedExit.
fn forced_exit(step: &Step) -> Outcome {
    let [_, owner_and_token, claimed] = step.operation.words;
    let owner = step.sender.filter(|sender| sender.owner_and_token() == owner_and_token);
    let amount = owner.map_or(0, |sender| sender.balance);
    if claimed != from_u128(amount) {
        return Err(Rule::ExitMismatch);
    }
    let paid = owner.filter(|_| amount > 0).map(|sender| Account { balance: 0, ..*sender });
    Ok(Effects { sender: paid, receiver: None, fees: step.fees })
}

/// Twin: packages/protocol/records/collect-fee.ts applyCollectFee.
fn collect_fee(step: &Step) -> Outcome {
    let receiver = step.receiver.ok_or(Rule::ReceiverEmpty)?;
    let position = step.context.fee_position(receiver.token).ok_or(Rule::NotFeeToken)?;
    let [low, high, above, highest] = add(&step.fees.0[position], receiver.balance);
    if above | highest != 0 {
        return Err(Rule::BalanceOverflow);
    }
    let balance = u128::from(low) | u128::from(high) << 64;
    let mut fees = step.fees;
    fees.0[position] = [0; 4];
    Ok(Effects { sender: None, receiver: Some(Account { balance, ..*receiver }), fees })
}

/// A sum that the bound of `FeeSums` keeps below 2^256.
fn add(sum: &Node, value: u128) -> Node {
    let mut total = BigInt(*sum);
    total.add_with_carry(&BigInt(from_u128(value)));
    total.0
}
