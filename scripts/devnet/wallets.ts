/**
 * Wallets in a process of their own: reads a plan from stdin, asks the sequencer for accounts and domain, signs, sends,
 * and prints one JSON line with what was accepted and how fast. Progress goes to stderr as lines "sent N".
 */

import { text } from 'node:stream/consumers';
import { portableHasher, RollupError } from '@quittance/protocol';
import { createClient, type Intent, type SequencerClient, type SignedTransfer, signIntent } from '@quittance/sdk';
import { createPerson, type Person } from '../../cli/devnet/people.ts';
import { isNativeAvailable, nativeHasher } from '../../native/index.ts';

/** One transfer to make; people by number, accounts found by their owner and token. */
export type PlannedTransfer = {
  readonly from: number;
  readonly tokenId: number;
  readonly amount: string;
  readonly fee: string;
} & (
  | { readonly kind: 'transfer'; readonly to: number }
  | { readonly kind: 'transferToNew'; readonly to: number }
  | { readonly kind: 'withdraw' }
);

export interface WalletPlan {
  readonly url: string;
  readonly transfers: readonly PlannedTransfer[];
}

export interface WalletReport {
  readonly accepted: number;
  /** From the first request to the last acknowledgement; signing is not in it. */
  readonly seconds: number;
  readonly signSeconds: number;
  /** Transaction ids, decimal, in the order of the plan. */
  readonly ids: readonly string[];
}

/** Transfers of one call, as an exchange sends them. */
const TRANSFERS_PER_CALL = 250;

interface KnownAccount {
  readonly index: number;
  readonly owner: bigint;
  readonly tokenId: number;
  nonce: number;
}

/** Accounts of people by number and token, read once; nonces are counted on. */
function createAccounts(client: SequencerClient) {
  const people = new Map<number, Person>();
  const accounts = new Map<string, Promise<KnownAccount>>();
  const person = (number: number): Person => {
    const known = people.get(number) ?? createPerson(number);
    people.set(number, known);
    return known;
  };
  const read = async (number: number, tokenId: number): Promise<KnownAccount> => {
    const { owner, keyPair } = person(number);
    const found = await client.call('rollup_getAccounts', { owner });
    const account = found.find(
      (candidate) => candidate.tokenId === tokenId && BigInt(candidate.keyY) === keyPair.publicKey.y,
    );
    if (account === undefined) {
      throw new RollupError('NOT_FOUND', `person ${number} has no account in token ${tokenId}`, { number, tokenId });
    }
    return { index: account.index, owner: BigInt(account.owner), tokenId, nonce: account.nonce };
  };
  const account = (number: number, tokenId: number): Promise<KnownAccount> => {
    const key = `${number}/${tokenId}`;
    const known = accounts.get(key) ?? read(number, tokenId);
    accounts.set(key, known);
    return known;
  };
  return { person, account };
}

async function signAll(client: SequencerClient, transfers: readonly PlannedTransfer[]): Promise<SignedTransfer[]> {
  const { domain } = await client.call('rollup_getConfig', {});
  const hasher = isNativeAvailable() ? nativeHasher : portableHasher;
  const { person, account } = createAccounts(client);
  const signed: SignedTransfer[] = [];
  for (const planned of transfers) {
    const sender = await account(planned.from, planned.tokenId);
    const common = {
      from: sender.index,
      amount: BigInt(planned.amount),
      fee: BigInt(planned.fee),
      nonce: sender.nonce++,
      validUntil: 0,
    };
    let intent: Intent;
    if (planned.kind === 'withdraw') {
      intent = { kind: 'withdraw', account: sender, ...common };
    } else {
      const { keyPair, owner } = person(planned.to);
      const receiver = { keyY: keyPair.publicKey.y, owner: BigInt(owner) };
      intent =
        planned.kind === 'transfer'
          ? { kind: 'transfer', to: (await account(planned.to, planned.tokenId)).index, receiver, ...common }
          : { kind: 'transferToNew', receiver, ...common };
    }
    signed.push(signIntent(person(planned.from).keyPair, BigInt(domain), intent, hasher));
  }
  return signed;
}

/** Sends in calls of many; transfers of one account stay in order because calls follow one another. */
async function sendAll(client: SequencerClient, signed: readonly SignedTransfer[]): Promise<string[]> {
  const ids: string[] = [];
  for (let start = 0; start < signed.length; start += TRANSFERS_PER_CALL) {
    for (const result of await client.sendAll(signed.slice(start, start + TRANSFERS_PER_CALL))) {
      if ('error' in result) throw result.error;
      ids.push(result.acknowledged.id);
    }
    process.stderr.write(`sent ${ids.length}\n`);
  }
  return ids;
}

const plan = JSON.parse(await text(process.stdin)) as WalletPlan;
const client = createClient({ url: plan.url });
const signStart = performance.now();
const signed = await signAll(client, plan.transfers);
const sendStart = performance.now();
const ids = await sendAll(client, signed);
const end = performance.now();
const report: WalletReport = {
  accepted: ids.length,
  seconds: (end - sendStart) / 1000,
  signSeconds: (sendStart - signStart) / 1000,
  ids,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
