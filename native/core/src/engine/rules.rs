//! The rules of records (docs/protocol.md, Rules): one record on the two leaves that it reads, pure.

use super::account::{Account, unpack_owner_and_token};
use super::fees::{Context, FeeSums, add};
use super::node::from_u128;
use super::operation::Operation;
use super::payment::pay;
use super::rule::Rule;

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

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
