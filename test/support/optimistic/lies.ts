/** Every way to lie that a record has: what the record breaks, and what the liar says that it does. */

import { packOwnerAndToken, type RecordErrorCode, RecordKind, TREE_CAPACITY } from '@quittance/protocol';
import { EMPTY_LEAF, HOLDERS, holderAccount, newcomer } from './lie-scene.ts';
import {
  accountAt,
  authorizedBy,
  collectOf,
  type Holder,
  moveOf,
  moving,
  noop,
  type Pretence,
  plain,
  pretending,
  type SlotScript,
  type SlotView,
  transferOf,
  transferToNewOf,
  withdrawOf,
} from './slot-scripts.ts';

const { alice, bob, carol, rich, old } = HOLDERS;

export interface Lie {
  readonly name: string;
  /** What the step verifier finds: the broken rule, or 'valid' when the record is right and the state after it is not. */
  readonly finding: RecordErrorCode | 'valid';
  readonly script: SlotScript;
}

/** Someone's balance becomes another one, from nowhere. */
const setting =
  ({ index }: Holder, balance: (before: bigint) => bigint) =>
  ({ view }: SlotView): Pretence => {
    const before = accountAt(view, index);
    return { changes: [{ index, after: { ...before, balance: balance(before.balance) } }] };
  };

const moved = (script: SlotScript, amount = 100n, from = alice.index, to = bob.index) =>
  pretending(script, moving(from, to, amount));
const credited = (script: SlotScript, amount = 100n) =>
  pretending(
    script,
    setting(bob, (before) => before + amount),
  );

const shaken = (bytes: Uint8Array, position: number) => bytes.with(position, bytes[position]! ^ 1);
const bobs = packOwnerAndToken(bob.owner, 0);

/** Lies about signed records, fees and states. They can stand in any slot. */
export const LIES: readonly Lie[] = [
  {
    name: 'a signature by another key',
    finding: 'BAD_SIGNATURE',
    script: moved(transferOf(alice, 2, 100n, { signer: bob })),
  },
  {
    name: 'a signature with a nonce that was used',
    finding: 'BAD_SIGNATURE',
    script: moved(transferOf(alice, 2, 100n, { nonceOffset: -1 })),
  },
  {
    name: 'a signature for another rollup',
    finding: 'BAD_SIGNATURE',
    script: moved(transferOf(alice, 2, 100n, { domain: 77n })),
  },
  {
    name: 'a signature with a bit of R8 flipped',
    finding: 'BAD_SIGNATURE',
    script: moved(authorizedBy(transferOf(alice, 2, 100n), (bytes) => shaken(bytes, 36))),
  },
  {
    name: 'a signature with a bit of S flipped',
    finding: 'BAD_SIGNATURE',
    script: moved(authorizedBy(transferOf(alice, 2, 100n), (bytes) => shaken(bytes, 68))),
  },
  {
    name: 'a signature with S = l and more',
    finding: 'BAD_SIGNATURE',
    script: moved(authorizedBy(transferOf(alice, 2, 100n), (bytes) => bytes.fill(0x7f, 37))),
  },
  {
    name: 'a signature for another time',
    finding: 'BAD_SIGNATURE',
    script: moved(authorizedBy(transferOf(alice, 2, 100n), (bytes) => bytes.fill(0xff, 0, 5))),
  },
  {
    name: 'a signature of nothing but zeros',
    finding: 'BAD_SIGNATURE',
    script: moved(authorizedBy(transferOf(alice, 2, 100n), (bytes) => bytes.fill(0))),
  },
  {
    name: 'a withdrawal that its owner did not sign',
    finding: 'BAD_SIGNATURE',
    script: pretending(
      withdrawOf(alice, 100n, { signer: bob }),
      setting(alice, (before) => before - 100n),
    ),
  },
  {
    name: 'a move that its owner did not sign',
    finding: 'BAD_SIGNATURE',
    script: pretending(
      moveOf(alice, 3, 100n, { signer: bob }),
      setting(alice, (before) => before - 100n),
    ),
  },
  {
    name: 'a move to another owner',
    finding: 'WITHDRAWAL_MISMATCH',
    script: pretending(
      moveOf(alice, 3, 100n, { words: [1n, bobs, 100n] }),
      setting(alice, (before) => before - 100n),
    ),
  },
  {
    name: 'a move of more than there is',
    finding: 'INSUFFICIENT_BALANCE',
    script: pretending(
      moveOf(alice, 3, 100_000n),
      setting(alice, () => 0n),
    ),
  },
  {
    name: 'an account that its payer did not sign',
    finding: 'BAD_SIGNATURE',
    script: pretending(transferToNewOf(alice, newcomer, 100n, { signer: bob }), () => ({
      changes: [{ index: EMPTY_LEAF, after: holderAccount(newcomer, { balance: 100n, nonce: 0 }) }],
    })),
  },
  {
    name: 'an overdraft',
    finding: 'INSUFFICIENT_BALANCE',
    script: pretending(transferOf(alice, 2, 1_500n), ({ view }) => ({
      changes: [
        { index: 1, after: { ...accountAt(view, 1), balance: 0n } },
        { index: 2, after: { ...accountAt(view, 2), balance: accountAt(view, 2).balance + 1_500n } },
      ],
    })),
  },
  {
    name: 'a withdrawal of more than there is',
    finding: 'INSUFFICIENT_BALANCE',
    script: pretending(
      withdrawOf(alice, 100_000n),
      setting(alice, () => 0n),
    ),
  },
  {
    name: 'a transfer to oneself that doubles',
    finding: 'SELF_TRANSFER',
    script: pretending(
      transferOf(alice, 1, 100n),
      setting(alice, (before) => before + 100n),
    ),
  },
  {
    name: 'a transfer from an account that does not exist',
    finding: 'SENDER_EMPTY',
    script: credited(transferOf(newcomer, 2, 100n)),
  },
  {
    name: 'a transfer from beyond the tree',
    finding: 'INDEX_RANGE',
    script: credited(transferOf(alice, 2, 100n, { fields: { from: TREE_CAPACITY } })),
  },
  { name: 'a transfer to beyond the tree', finding: 'INDEX_RANGE', script: transferOf(alice, 2 ** 32 - 1, 100n) },
  { name: 'a transfer to an empty leaf', finding: 'RECEIVER_EMPTY', script: transferOf(alice, EMPTY_LEAF, 100n) },
  {
    name: 'a new account on top of another',
    finding: 'RECEIVER_EXISTS',
    script: pretending(transferToNewOf(alice, { ...newcomer, index: 2 }, 100n), () => ({
      changes: [{ index: 2, after: holderAccount(newcomer, { balance: 100n }) }],
    })),
  },
  {
    name: 'a new account with an owner of 161 bits',
    finding: 'WORD_RANGE',
    script: transferToNewOf(alice, { ...newcomer, owner: 2n ** 160n }, 100n),
  },
  {
    name: 'a transfer to another token',
    finding: 'TOKEN_MISMATCH',
    script: moved(transferOf(alice, carol.index, 100n), 100n, 1, carol.index),
  },
  {
    name: 'a fee in a token without fees',
    finding: 'NOT_FEE_TOKEN',
    script: pretending(
      withdrawOf(carol, 100n, { fee: 3n }),
      setting(carol, (before) => before - 103n),
    ),
  },
  {
    name: 'a transfer that has expired',
    finding: 'EXPIRED',
    script: moved(transferOf(alice, 2, 100n, { validUntil: 1 })),
  },
  {
    name: 'a transfer after the last nonce',
    finding: 'NONCE_EXHAUSTED',
    script: pretending(
      transferOf(old, 2, 100n),
      setting(old, (before) => before - 100n),
    ),
  },
  {
    name: 'a withdrawal to another owner',
    finding: 'WITHDRAWAL_MISMATCH',
    script: pretending(
      withdrawOf(alice, 100n, { words: [0n, bobs, 100n] }),
      setting(alice, (before) => before - 100n),
    ),
  },
  {
    name: 'a withdrawal of more than is paid',
    finding: 'WITHDRAWAL_MISMATCH',
    script: pretending(
      withdrawOf(alice, 100n, { words: [0n, packOwnerAndToken(alice.owner, 0), 101n] }),
      setting(alice, (before) => before - 100n),
    ),
  },
  {
    name: 'a withdrawal with a receiver',
    finding: 'NONZERO_FIELD',
    script: withdrawOf(alice, 100n, { fields: { to: 1 } }),
  },
  {
    name: 'a noop with an amount',
    finding: 'NONZERO_FIELD',
    script: credited(plain({ kind: RecordKind.noop, amountFloat: 100n })),
  },
  { name: 'a record of a reserved kind', finding: 'RESERVED_KIND', script: credited(plain({ kind: 9 })) },
  {
    name: 'a transfer beyond what a balance holds',
    finding: 'BALANCE_OVERFLOW',
    script: pretending(
      transferOf(alice, rich.index, 100n),
      setting(alice, (before) => before - 100n),
    ),
  },
  { name: 'fees for an account that does not exist', finding: 'RECEIVER_EMPTY', script: collectOf(EMPTY_LEAF) },
  {
    name: 'fees in a token that has none',
    finding: 'NOT_FEE_TOKEN',
    script: pretending(
      collectOf(carol.index),
      setting(carol, (before) => before + 1n),
    ),
  },
  { name: 'money from nowhere in a noop', finding: 'valid', script: credited(noop) },
  {
    name: 'fees from nowhere',
    finding: 'valid',
    script: pretending(
      collectOf(bob.index),
      setting(bob, (before) => before + 1n),
    ),
  },
  { name: 'another amount than was signed', finding: 'valid', script: moved(transferOf(alice, 2, 100n), 101n) },
  {
    name: 'another receiver than was signed',
    finding: 'valid',
    script: moved(transferOf(alice, 2, 100n), 100n, 1, rich.index - 1),
  },
  {
    name: 'a transfer that does not happen',
    finding: 'valid',
    script: pretending(transferOf(alice, 2, 100n), () => ({ changes: [] })),
  },
];

/** A lie about a signed record, fees or the state, by its name. */
export function lieNamed(name: string): Lie {
  const lie = LIES.find((candidate) => candidate.name === name);
  if (lie === undefined) throw new Error(`there is no lie ${name}`);
  return lie;
}
