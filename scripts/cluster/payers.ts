/**
 * Wallets that pay each other through whichever node, and send the same bytes again until they are acknowledged, whatever
 * happens to the nodes. What each was told is kept, to be compared with the log.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { ETH_TOKEN_ID, portableHasher } from '@quittance/protocol';
import { encodeTransfer, signIntent } from '@quittance/sdk';
import { localSigner } from '../../cli/devnet/deploy.ts';
import { depositFor } from '../../cli/devnet/deposits.ts';
import { createPerson, FUNDER_POSITION, type Person } from '../../cli/devnet/people.ts';
import { isNativeAvailable, nativeHasher } from '../../native/index.ts';
import type { LocalCluster } from './cluster.ts';

/** What a wallet was told. */
export interface Acknowledged {
  readonly id: string;
  readonly sequence: number;
  /** By `performance.now`. */
  readonly atMs: number;
}

/** A wallet with an account. */
interface Payer {
  readonly person: Person;
  readonly index: number;
  nonce: number;
}

/** Wallets that pay. */
export interface Payers {
  readonly count: number;
  /** Indices of their accounts. */
  readonly accounts: readonly number[];
  /** All that was acknowledged, in the order in which it was. */
  readonly acknowledged: readonly Acknowledged[];
  /** Whether they pay, from now on. Resolves when what was sent is acknowledged. */
  pay(isPaying: boolean): Promise<void>;
  /** Why a wallet gave up, if one did. */
  readonly failure: Error | undefined;
  stop(): Promise<void>;
}

const DEPOSIT = 10n ** 18n;
const ANSWER_WITHIN_MS = 4_000;
/** A wallet that waits longer for one acknowledgement has lost something. */
const GIVE_UP_MS = 180_000;
const PAUSE_MS = 100;

type Answer<T> = { readonly result?: T; readonly error?: { readonly data?: { readonly reason?: string } } };

async function call<T>(url: string, method: string, params: unknown): Promise<Answer<T>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  return (await (await fetch(url, { method: 'POST', headers, body, signal })).json()) as Answer<T>;
}

/** Refusals that pass: the same bytes are sent again. Anything else of a payment that was signed once is a loss. */
const PASSING = new Set([
  'FST_UNDER_PRESSURE',
  ...['NOT_LEADER', 'JOURNAL_UNAVAILABLE', 'REPLICA_BEHIND', 'SHUTTING_DOWN', 'RATE_LIMITED', 'MEMPOOL_FULL'],
  ...['CANCELLED', 'READ_ONLY', 'NONCE_GAP', 'ACCOUNT_CHANGED'],
]);

/** Deposits for so many wallets, and finds their accounts once a node has them. */
async function openPayers(cluster: LocalCluster, count: number): Promise<Payer[]> {
  const people = Array.from({ length: count }, (_, number) => createPerson(number));
  const deposits = people.map(({ owner, keyPair }) => {
    return { receiver: { owner, keyY: keyPair.publicKey.y }, tokenId: ETH_TOKEN_ID, amount: DEPOSIT };
  });
  await depositFor(cluster, localSigner(cluster.provider, FUNDER_POSITION), deposits);
  const { url } = cluster.nodes[0]!;
  const payers: Payer[] = [];
  for (const person of people) {
    for (;;) {
      const { result } = await call<{ index: number }[]>(url, 'rollup_getAccounts', { owner: person.owner });
      if (result?.[0] !== undefined) {
        payers.push({ person, index: result[0].index, nonce: 0 });
        break;
      }
      await pause(PAUSE_MS);
    }
  }
  return payers;
}

/** @param pauseMs between two payments of one wallet. @param random 0 to 1, for which node each goes to. */
export async function createPayers(
  cluster: LocalCluster,
  count: number,
  pauseMs: number,
  random: () => number,
): Promise<Payers> {
  const payers = await openPayers(cluster, count);
  const config = await call<{ domain: string }>(cluster.nodes[0]!.url, 'rollup_getConfig', {});
  const domain = BigInt(config.result!.domain);
  const hasher = isNativeAvailable() ? nativeHasher : portableHasher;
  const acknowledged: Acknowledged[] = [];
  let isPaying = false;
  let isStopped = false;
  let failure: Error | undefined;
  let busy = 0;

  const sign = ({ person, index, nonce }: Payer, to: Payer) => {
    const receiver = { keyY: to.person.keyPair.publicKey.y, owner: BigInt(to.person.owner) };
    const intent = {
      kind: 'transfer',
      from: index,
      to: to.index,
      receiver,
      amount: 1n,
      fee: 0n,
      nonce,
      validUntil: 0,
    } as const;
    return encodeTransfer(signIntent(person.keyPair, domain, intent, hasher));
  };
  /** Sends until it is acknowledged. */
  const send = async (transfer: unknown): Promise<Acknowledged> => {
    const sinceMs = performance.now();
    let last = '';
    for (let tries = 0; performance.now() - sinceMs < GIVE_UP_MS; tries++) {
      const { url } = cluster.nodes[Math.floor(random() * cluster.nodes.length)]!;
      try {
        const { result, error } = await call<{ id: string; sequence: number }>(url, 'rollup_sendTransfer', {
          transfer,
        });
        if (result !== undefined) return { id: result.id, sequence: result.sequence, atMs: performance.now() };
        last = JSON.stringify(error);
        // One that is no error of ours is a server's that was stopped while it read.
        if (typeof error === 'object' && !PASSING.has(error.data?.reason ?? ''))
          throw new Error(`a payment was refused: ${last}`);
      } catch (thrown) {
        if ((thrown as Error).message.startsWith('a payment')) throw thrown;
        last = String(thrown);
      }
      await pause(PAUSE_MS * Math.min(5, 1 + tries));
    }
    throw new Error(`a payment was not acknowledged within ${GIVE_UP_MS / 1_000} s, last ${last}`);
  };
  const run = async (payer: Payer, position: number): Promise<void> => {
    while (!isStopped && failure === undefined) {
      if (!isPaying) {
        await pause(20);
        continue;
      }
      busy += 1;
      try {
        acknowledged.push(await send(sign(payer, payers[(position + 1) % payers.length]!)));
        payer.nonce += 1;
      } catch (error) {
        failure ??= error as Error;
      } finally {
        busy -= 1;
      }
      await pause(pauseMs);
    }
  };
  const running = Promise.all(payers.map(run));
  return {
    count,
    accounts: payers.map(({ index }) => index),
    acknowledged,
    async pay(next) {
      isPaying = next;
      while (!isPaying && busy > 0) await pause(20);
    },
    get failure() {
      return failure;
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };
}
