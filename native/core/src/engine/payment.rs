//! The rules that kinds 1, 2, 3 and 7 share: who may spend, and how much.

use super::account::Account;
use super::fees::{FeeSums, add};
use super::rule::Rule;
use super::rules::Step;

/// A payment that was made.
pub struct Payment {
    pub sender: Account,
    pub fees: FeeSums,
    pub amount: u128,
}

/// Checks NOT_FEE_TOKEN to INSUFFICIENT_BALANCE.
/// Twin: packages/protocol/records/signed.ts applyPayment.
pub fn pay(step: &Step, sender: &Account, is_authorized: impl FnOnce(&Account) -> bool) -> Result<Payment, Rule> {
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
