//! Each rule on both sides of its boundary, and what valid records change.

use super::*;
use crate::engine::account::Account;
use crate::engine::operation::Authorization;
use crate::engine::samples::{Fields, account, deposit_words, operation};
use crate::engine::shape::check_shape;

const TOKEN: u32 = 9;
const CONTEXT: Context = Context { fee_tokens: [0, TOKEN as u64, 1 << 32, 1 << 32], batch_time: 1_000 };
const MAX: u128 = u128::MAX;

/// Runs a record on two leaves with fee sums of 0, whoever signed.
fn on(operation: &Operation, sender: Option<Account>, receiver: Option<Account>) -> Result<Effects, Rule> {
    check_shape(operation)?;
    let (sender, receiver) = (sender.as_ref(), receiver.as_ref());
    apply(&Step { operation, context: &CONTEXT, sender, receiver, fees: FeeSums::default() }, |_| true)
}

fn payment(kind: u8, amount: u64, fee: u16) -> Operation {
    let words = match kind {
        2 => [[3, 0, 0, 0], [5, 0, 0, 0], [0; 4]],
        3 | 7 => [[0; 4], account(1, TOKEN, 0).owner_and_token(), from_u128(u128::from(amount))],
        _ => [[0; 4]; 3],
    };
    operation(Fields { kind, from: 1, to: if kind == 3 { 0 } else { 2 }, amount, fee }, words)
}

fn alice(balance: u128) -> Option<Account> {
    Some(account(1, TOKEN, balance))
}

/// What stands at `to` of a valid payment.
fn peer(kind: u8) -> Option<Account> {
    (kind != 2).then(|| account(2, TOKEN, 50))
}

#[test]
fn payments_move_amount_and_fee_and_count_the_nonce() {
    for kind in [1, 2, 3, 7] {
        let effects = on(&payment(kind, 100, 7), alice(107), peer(kind)).unwrap();
        assert_eq!(effects.sender, Some(Account { balance: 0, nonce: 6, ..account(1, TOKEN, 0) }));
        assert_eq!(effects.fees.0, [[0; 4], [7, 0, 0, 0], [0; 4], [0; 4]]);
        let mut owner = [0; 20];
        owner[19] = 5;
        let receiver = match kind {
            1 => Some(account(2, TOKEN, 150)),
            2 => Some(Account { key_y: [3, 0, 0, 0], owner, token: TOKEN, nonce: 0, balance: 100 }),
            _ => None,
        };
        assert_eq!(effects.receiver, receiver, "kind {kind}");
    }
}

#[test]
fn payments_need_a_sender_and_what_they_cost() {
    for kind in [1, 2, 3, 7] {
        assert_eq!(on(&payment(kind, 100, 7), None, peer(kind)), Err(Rule::SenderEmpty));
        assert_eq!(on(&payment(kind, 100, 7), alice(106), peer(kind)), Err(Rule::InsufficientBalance));
        // Beyond 128 bits: the amount alone, and with the fee.
        let (largest, all_of_it) = ((1 << 40) - 1, 34_028_236_692 | 28 << 35);
        assert_eq!(on(&payment(kind, largest, 0), alice(MAX), peer(kind)), Err(Rule::InsufficientBalance));
        assert_eq!(on(&payment(kind, all_of_it, u16::MAX), alice(MAX), peer(kind)), Err(Rule::InsufficientBalance));
    }
}

#[test]
fn fees_are_paid_in_fee_tokens_only() {
    let feeless = Some(Account { token: TOKEN + 1, ..account(1, TOKEN, 200) });
    let words = [[0; 4], feeless.unwrap().owner_and_token(), from_u128(100)];
    let withdrawal = |fee| operation(Fields { kind: 3, from: 1, amount: 100, fee, ..Fields::default() }, words);
    assert_eq!(on(&withdrawal(1), feeless, None), Err(Rule::NotFeeToken));
    assert_eq!(on(&withdrawal(0), feeless, None).unwrap().fees, FeeSums::default());
}

#[test]
fn payments_expire_after_their_time_and_end_with_the_nonces() {
    for kind in [1, 2, 3, 7] {
        for (valid_until, outcome) in [(0, None), (999, Some(Rule::Expired)), (1_000, None), (1_001, None)] {
            let zero = [0; 4];
            let authorization = Authorization { valid_until, key_x: zero, r8_x: zero, r8_y: zero, s: zero };
            let signed = Operation { authorization: Some(authorization), ..payment(kind, 1, 0) };
            assert_eq!(on(&signed, alice(9), peer(kind)).err(), outcome, "kind {kind}, {valid_until}");
        }
        let with_nonce = |nonce| on(&payment(kind, 1, 0), alice(9).map(|a| Account { nonce, ..a }), peer(kind));
        assert_eq!(with_nonce(u32::MAX), Err(Rule::NonceExhausted));
        assert_eq!(with_nonce(u32::MAX - 1).unwrap().sender.unwrap().nonce, u32::MAX);
    }
}

#[test]
fn signatures_are_asked_for_between_nonce_and_balance() {
    for kind in [1, 2, 3, 7] {
        let asked = |operation: &Operation, sender: Account| {
            let receiver = peer(kind);
            let (sender, receiver) = (Some(&sender), receiver.as_ref());
            apply(&Step { operation, context: &CONTEXT, sender, receiver, fees: FeeSums::default() }, |_| false)
        };
        assert_eq!(asked(&payment(kind, 100, 0), account(1, TOKEN, 99)), Err(Rule::BadSignature));
        let last = Account { nonce: u32::MAX, ..account(1, TOKEN, 100) };
        assert_eq!(asked(&payment(kind, 100, 0), last), Err(Rule::NonceExhausted));
    }
}

#[test]
fn transfers_need_a_receiver_of_the_same_token_who_can_hold_it() {
    let transfer = payment(1, 100, 0);
    assert_eq!(on(&transfer, alice(100), None), Err(Rule::ReceiverEmpty));
    assert_eq!(on(&transfer, alice(100), Some(account(2, TOKEN + 1, 0))), Err(Rule::TokenMismatch));
    assert_eq!(on(&transfer, alice(100), Some(account(2, TOKEN, MAX - 99))), Err(Rule::BalanceOverflow));
    assert_eq!(on(&transfer, alice(100), Some(account(2, TOKEN, MAX - 100))).unwrap().receiver.unwrap().balance, MAX);
    for kind in [1, 2] {
        let own = Operation { to: 1, ..payment(kind, 1, 0) };
        assert_eq!(on(&own, alice(9), alice(9)), Err(Rule::SelfTransfer));
    }
    assert_eq!(on(&payment(2, 1, 0), alice(9), peer(1)), Err(Rule::ReceiverExists));
}

#[test]
fn payouts_name_the_owner_token_and_amount() {
    for kind in [3, 7] {
        for (word, limb) in [(1, 0), (1, 2), (2, 0), (2, 3)] {
            let mut wrong = payment(kind, 100, 0);
            wrong.words[word][limb] ^= 1;
            assert_eq!(on(&wrong, alice(100), None), Err(Rule::WithdrawalMismatch), "word {word}, limb {limb}");
        }
    }
}

#[test]
fn deposits_go_to_an_empty_leaf_or_to_the_same_account() {
    let bob = account(2, TOKEN, 50);
    let deposit = |words| operation(Fields { kind: 4, to: 2, ..Fields::default() }, words);
    let created = on(&deposit(deposit_words(&bob, 30)), None, None).unwrap();
    assert_eq!(created.receiver, Some(Account { nonce: 0, balance: 30, ..bob }));
    let credited = on(&deposit(deposit_words(&bob, 30)), None, Some(bob)).unwrap();
    assert_eq!((credited.sender, credited.receiver), (None, Some(Account { balance: 80, ..bob })));
    for (word, limb) in [(0, 0), (1, 0), (1, 2)] {
        let mut words = deposit_words(&bob, 30);
        words[word][limb] ^= 1;
        assert_eq!(on(&deposit(words), None, Some(bob)), Err(Rule::DepositMismatch));
    }
    assert_eq!(on(&deposit(deposit_words(&bob, MAX - 49)), None, Some(bob)), Err(Rule::BalanceOverflow));
    assert_eq!(on(&deposit(deposit_words(&bob, MAX - 50)), None, Some(bob)).unwrap().receiver.unwrap().balance, MAX);
}

#[test]
fn forced_exits_pay_all_to_the_owner_and_nothing_to_others() {
    let exit = |asked, claimed| {
        operation(Fields { kind: 5, from: 1, ..Fields::default() }, [[0; 4], asked, from_u128(claimed)])
    };
    let own = account(1, TOKEN, 0).owner_and_token();
    let paid = on(&exit(own, 77), alice(77), None).unwrap();
    assert_eq!(paid.sender, Some(account(1, TOKEN, 0)));
    let mut other = own;
    other[2] ^= 1 << 32;
    for (asked, claimed, sender) in [(own, 0, alice(0)), (other, 0, alice(77)), (own, 0, None)] {
        let nothing = on(&exit(asked, claimed), sender, None).unwrap();
        assert_eq!((nothing.sender, nothing.receiver), (None, None));
    }
    for (asked, claimed, sender) in [(own, 76, alice(77)), (own, 0, alice(77)), (other, 77, alice(77)), (own, 1, None)]
    {
        assert_eq!(on(&exit(asked, claimed), sender, None), Err(Rule::ExitMismatch));
    }
}

#[test]
fn fees_are_collected_whole_by_an_account_of_their_token() {
    let collect = operation(Fields { kind: 6, to: 2, ..Fields::default() }, [[0; 4]; 3]);
    let with = |sum: u128, receiver: Option<Account>| {
        let fees = FeeSums([[1, 0, 0, 0], from_u128(sum), [0; 4], [0; 4]]);
        let receiver = receiver.as_ref();
        apply(&Step { operation: &collect, context: &CONTEXT, sender: None, receiver, fees }, |_| unreachable!())
    };
    let effects = with(30, peer(1)).unwrap();
    assert_eq!((effects.sender, effects.receiver), (None, Some(account(2, TOKEN, 80))));
    assert_eq!(effects.fees.0, [[1, 0, 0, 0], [0; 4], [0; 4], [0; 4]]);
    assert_eq!(with(30, None), Err(Rule::ReceiverEmpty));
    assert_eq!(with(30, Some(account(2, TOKEN + 1, 0))), Err(Rule::NotFeeToken));
    assert_eq!(with(MAX - 49, peer(1)), Err(Rule::BalanceOverflow));
    assert_eq!(with(MAX - 50, peer(1)).unwrap().receiver.unwrap().balance, MAX);
}

#[test]
fn fee_sums_grow_beyond_128_bits_without_a_wrap() {
    let largest = payment(3, 0, u16::MAX);
    let mut fees = FeeSums::default();
    fees.0[1] = from_u128(MAX);
    let (sender, context) = (account(1, TOKEN, MAX), &CONTEXT);
    let step = Step { operation: &largest, context, sender: Some(&sender), receiver: None, fees };
    let after = apply(&step, |_| true).unwrap().fees.0[1];
    assert_eq!(after, {
        let fee = largest.fee();
        [(fee - 1) as u64, ((fee - 1) >> 64) as u64, 1, 0]
    });
}

#[test]
fn a_noop_changes_nothing() {
    let noop = operation(Fields::default(), [[0; 4]; 3]);
    let expected = Effects { sender: None, receiver: None, fees: FeeSums::default() };
    assert_eq!(on(&noop, alice(1), peer(1)), Ok(expected));
}
