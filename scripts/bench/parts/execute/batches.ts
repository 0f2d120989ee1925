/** States and batches to time engines with: many accounts, of which some pay each other. */

import {
  type Account,
  type EngineBatch,
  FEE_TOKEN_FILLER,
  type Operation,
  PROFILES,
  packOperations,
  RecordKind,
} from '@quittance/protocol';
import { operationOf } from '@quittance/sdk';
import { signAll, type Unsigned } from '../accept/presign.ts';
import { createWallet, type FundedWallet } from '../accept/wallets.ts';

/** A batch of 1,000 transfers and a little more, in nine chunks: each ends with the collection of its fees. */
const CHUNKS = 9;
const { slotsPerChunk: SLOTS } = PROFILES.standard;
export const TRANSFERS = CHUNKS * (SLOTS - 1);

/** Accounts that pay; the keys of others sign nothing here. */
const PAYERS = 2_048;
const DOMAIN = 20_261_129n;
const BATCH_TIME = 1_800_000_000;
const FEE = 1_000_000n;
const BALANCE = 10n ** 18n;
const TOKEN = 0;
/** An odd number: places of payers, one after the other, fall everywhere. */
const STRIDE = 6_700_417;

/** Who has an account at the beginning: every index below `accounts`. */
export interface Population {
  readonly accounts: number;
  readonly payers: readonly FundedWallet[];
}

/** A population of so many accounts; the same for the same number. */
export function createPopulation(accounts: number): Population {
  const count = Math.min(PAYERS, accounts);
  const taken = new Set<number>();
  const payers = Array.from({ length: count }, (_, number): FundedWallet => {
    let index = (number * STRIDE) % accounts;
    while (taken.has(index)) index = (index + 1) % accounts;
    taken.add(index);
    return { ...createWallet(`payer ${number}`), index, nonce: 0 };
  });
  return { accounts, payers };
}

/** The accounts of indices `first` to `end` − 1. */
export function* accountsBetween(
  { payers }: Population,
  first: number,
  end: number,
): Generator<readonly [index: number, account: Account]> {
  const own = new Map(payers.map((payer) => [payer.index, payer]));
  for (let index = first; index < end; index++) {
    const payer = own.get(index);
    const keyY = payer?.keyPair.publicKey.y ?? BigInt(index) + 1n;
    yield [index, { keyY, owner: payer?.owner ?? BigInt(index) + 1n, tokenId: TOKEN, nonce: 0, balance: BALANCE }];
  }
}

/** The next batch: TRANSFERS transfers between payers, signed. */
export async function nextBatch({ payers }: Population, turn: number): Promise<EngineBatch> {
  const unsigned = Array.from({ length: TRANSFERS }, (_, position): Unsigned => {
    const number = turn * TRANSFERS + position;
    const wallet = payers[number % payers.length]!;
    const other = payers[(number + 1 + (turn % (payers.length - 1))) % payers.length]!;
    const { index: from, nonce } = wallet;
    wallet.nonce += 1;
    const receiver = { keyY: other.keyPair.publicKey.y, owner: other.owner };
    const amount = BigInt(1 + (number % 1_000));
    return {
      wallet,
      intent: { kind: 'transfer', from, to: other.index, receiver, amount, fee: FEE, nonce, validUntil: 0 },
    };
  });
  const signed = await signAll(unsigned, DOMAIN);
  const collect: Operation = {
    fields: { kind: RecordKind.collectFee, from: 0, to: payers[0]!.index, amountFloat: 0n, feeFloat: 0 },
    words: [],
  };
  const feeTokens = [BigInt(TOKEN), FEE_TOKEN_FILLER, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER];
  const chunks = Array.from({ length: CHUNKS }, (_, chunk) => {
    const own = signed.slice(chunk * (SLOTS - 1), (chunk + 1) * (SLOTS - 1)).map((transfer) => operationOf(transfer));
    return { operations: packOperations([...own, collect]), feeTokens };
  });
  return { domain: DOMAIN, batchTime: BATCH_TIME, chunks };
}
