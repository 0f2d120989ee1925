/**
 * An account as bytes: in snapshots, in what engines exchange, and in what a batch changed.
 *
 * An account is keyY 32 ‖ owner 20 ‖ tokenId 4 ‖ nonce 4 ‖ balance 16, a row index 4 ‖ account 76, all big-endian.
 */

import { RollupError } from '../errors/index.ts';
import { isFieldElement } from '../integers.ts';
import { TREE_CAPACITY } from '../params.ts';
import type { Account } from '../types.ts';
import { requireAccount } from './leaf.ts';

/**
 * Bytes of an account.
 * Twin: native/core/src/engine/account.rs ACCOUNT_BYTES.
 */
export const ACCOUNT_BYTES = 76;
/**
 * Bytes of an account with its index.
 * Twin: native/core/src/engine/rows.rs ROW_BYTES.
 */
export const ACCOUNT_ROW_BYTES = 4 + ACCOUNT_BYTES;

const OWNER = 32;
const TOKEN_ID = 52;
const NONCE = 56;
const BALANCE = 60;
const LIMB_BITS = 64n;

function setBig(view: DataView, offset: number, value: bigint, limbs: number): void {
  let rest = value;
  for (let limb = limbs - 1; limb >= 0; limb -= 1, rest >>= LIMB_BITS) view.setBigUint64(offset + 8 * limb, rest);
}

function getBig(view: DataView, offset: number, limbs: number): bigint {
  let value = 0n;
  for (let limb = 0; limb < limbs; limb += 1) value = (value << LIMB_BITS) | view.getBigUint64(offset + 8 * limb);
  return value;
}

/** Writes ACCOUNT_BYTES at `offset`. @throws RollupError OUT_OF_RANGE naming the field that is too wide. */
export function writeAccount(view: DataView, offset: number, account: Account): void {
  const { keyY, owner, tokenId, nonce, balance } = requireAccount(account);
  setBig(view, offset, keyY, 4);
  view.setUint32(offset + OWNER, Number(owner >> 128n));
  setBig(view, offset + OWNER + 4, owner, 2); // its lower 128 bits: what is above falls off the highest limb
  view.setUint32(offset + TOKEN_ID, tokenId);
  view.setUint32(offset + NONCE, nonce);
  setBig(view, offset + BALANCE, balance, 2);
}

/** The account at `offset`. The key may be r or more when nobody checked the bytes. */
export function readAccount(view: DataView, offset: number): Account {
  return {
    keyY: getBig(view, offset, 4),
    owner: (BigInt(view.getUint32(offset + OWNER)) << 128n) | getBig(view, offset + OWNER + 4, 2),
    tokenId: view.getUint32(offset + TOKEN_ID),
    nonce: view.getUint32(offset + NONCE),
    balance: getBig(view, offset + BALANCE, 2),
  };
}

/**
 * The rows of accounts, by ascending index. Inverse of `decodeAccountRows`.
 *
 * @throws RollupError OUT_OF_RANGE naming the field of an account that is too wide.
 */
export function encodeAccountRows(accounts: Iterable<readonly [index: number, account: Account]>): Uint8Array {
  const sorted = [...accounts].sort(([one], [other]) => one - other);
  const bytes = new Uint8Array(sorted.length * ACCOUNT_ROW_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [position, [index, account]] of sorted.entries()) {
    view.setUint32(position * ACCOUNT_ROW_BYTES, index);
    writeAccount(view, position * ACCOUNT_ROW_BYTES + 4, account);
  }
  return bytes;
}

/**
 * The accounts of rows, each checked as it is read.
 * Twin: native/core/src/engine/rows.rs read_rows.
 *
 * @throws RollupError SNAPSHOT_DAMAGED for rows that were cut (at once), or are out of order or range.
 */
export function decodeAccountRows(rows: Uint8Array): Iterable<[index: number, account: Account]> {
  if (rows.length % ACCOUNT_ROW_BYTES !== 0) throw damaged('it was cut');
  return accountsOf(new DataView(rows.buffer, rows.byteOffset, rows.byteLength));
}

function* accountsOf(view: DataView): Generator<[index: number, account: Account]> {
  let last = -1;
  for (let offset = 0; offset < view.byteLength; offset += ACCOUNT_ROW_BYTES) {
    const index = view.getUint32(offset);
    const account = readAccount(view, offset + 4);
    if (index <= last || index >= TREE_CAPACITY || !isFieldElement(account.keyY)) {
      throw damaged(`the account behind ${last}`);
    }
    last = index;
    yield [index, account];
  }
}

function damaged(reason: string): RollupError<'SNAPSHOT_DAMAGED'> {
  return new RollupError('SNAPSHOT_DAMAGED', `the snapshot is damaged: ${reason}`, { reason });
}
