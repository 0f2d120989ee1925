/** Wallets that pay each other over HTTP, each one payment after the other: the same bytes until they are acknowledged. */

import { setTimeout as sleep } from 'node:timers/promises';
import { portableHasher } from '@quittance/protocol';
import { signIntent } from '@quittance/sdk';
import { createRandom } from '../../../../test/support/property/random.ts';
import type { Person } from '../../../../test/support/rollup/person.ts';
import { post, transferJson } from '../../../../test/support/sequencer/rpc.ts';

/** What wallets know. */
export interface Traffic {
  readonly acknowledged: readonly string[];
  /** By leaf. */
  readonly balances: ReadonlyMap<number, bigint>;
  /** Acknowledges no more once what is on its way is. */
  stop(): Promise<void>;
}

const FEE = 10n;
const RETRY_MS = 25;
/** Between the payments of one wallet. */
const PAUSE_MS = 150;

interface TrafficOptions {
  readonly seed: string;
  readonly people: readonly Person[];
  /** Of each of them, in their order, from this leaf on. */
  readonly firstLeaf: number;
  readonly funds: bigint;
  readonly domain: bigint;
  /** Where to send now; undefined while nobody serves. */
  readonly url: () => string | undefined;
}

/** Refusals that pass: the process is at its start, or ends. */
const PASSING: ReadonlySet<unknown> = new Set([
  'SENDER_EMPTY',
  'RECEIVER_EMPTY',
  'SHUTTING_DOWN',
  'READ_ONLY',
  'MEMPOOL_FULL',
  'DISK_FULL',
]);

const callOf = (transfer: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rollup_sendTransfer', params: { transfer } });

/** Sends until it is acknowledged. @throws Error for a refusal that does not pass. */
async function untilAcknowledged(transfer: object, url: TrafficOptions['url']): Promise<string> {
  for (;;) {
    const target = url();
    try {
      const { body } = target === undefined ? { body: {} } : await post(target, callOf(transfer));
      const result = (body as { result?: { id: string } }).result;
      if (result !== undefined) return result.id;
      const error = (body as { error?: { data?: Record<string, unknown> } }).error;
      if (error !== undefined && !PASSING.has(error.data?.['reason'])) throw new Error(JSON.stringify(error));
    } catch (error) {
      // Nobody answered, or not in time, or half of an answer came.
      const isLate = (error as Error).name === 'TimeoutError';
      if (!(isLate || error instanceof TypeError || error instanceof SyntaxError)) throw error;
    }
    await sleep(RETRY_MS);
  }
}

/** Pays on and on until it is stopped. */
export function startTraffic({ seed, people, firstLeaf, funds, domain, url }: TrafficOptions): Traffic {
  const acknowledged: string[] = [];
  const balances = new Map(people.map((_, position) => [firstLeaf + position, funds]));
  const add = (leaf: number, amount: bigint): void => void balances.set(leaf, balances.get(leaf)! + amount);
  let isOver = false;

  async function payOn(person: Person, position: number): Promise<void> {
    const random = createRandom(`${seed} ${position}`);
    const from = firstLeaf + position;
    for (let nonce = 0; !isOver; nonce++) {
      const other = (position + 1 + random.below(people.length - 1)) % people.length;
      const { keyPair, owner } = people[other]!;
      const amount = BigInt(1 + random.below(1_000));
      const intent = {
        ...({ kind: 'transfer', from, to: firstLeaf + other, amount, fee: FEE, nonce, validUntil: 0 } as const),
        receiver: { keyY: keyPair.publicKey.y, owner },
      };
      const signed = signIntent(person.keyPair, domain, intent, portableHasher);
      const id = await untilAcknowledged(transferJson(signed), url);
      if (id !== String(signed.id)) throw new Error(`sent ${signed.id}, and ${id} was acknowledged`);
      acknowledged.push(id);
      add(from, -amount - FEE);
      add(firstLeaf + other, amount);
      await sleep(PAUSE_MS);
    }
  }

  const each = Promise.all(people.map(payOn));
  each.catch(() => undefined);
  return {
    acknowledged,
    balances,
    async stop() {
      isOver = true;
      await each;
    },
  };
}
