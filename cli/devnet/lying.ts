/**
 * The second producer of `quittance devnet --lie`: now and then it asserts a false batch before the honest one, and defends it.
 * Whoever watches has a while to dispute it; when nobody does, the devnet's own watcher does, so that the chain goes on.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { AssertionEvent, Kzg, PinnedAssertionChain } from '@quittance/chain';
import { invariantBroken, isRollupError } from '@quittance/protocol';
import type { Sequencer } from '../../sequencer/index.ts';
import type { Storage } from '../../storage/index.ts';
import { createLie, defendLie, withSidecars } from './adversary.ts';
import type { Asserted, FrontRunning } from './front-running.ts';

/** Between the end of a lie and the next. */
const PAUSE_MS = 20_000;
const POLL_MS = 500;
/** What a lie takes: half an ETH. */
const STOLEN = 5n * 10n ** 17n;

/** What the liar works with. */
export interface Lying {
  readonly adversary: PinnedAssertionChain;
  readonly frontRunning: FrontRunning;
  readonly parts: { readonly sequencer: Sequencer; readonly storage: Storage; readonly kzg: Kzg | undefined };
  readonly head: () => Promise<number>;
  /** Makes one transfer of the devnet's own, and has it sealed. */
  readonly pay: () => Promise<void>;
  /** How long others have to dispute a lie, in seconds. */
  readonly patienceSeconds: number;
  /** The devnet's own watcher: it is called to a lie that nobody disputes, and dismissed once that is rejected. */
  readonly watcher: { readonly call: () => void; readonly dismiss: () => Promise<void> };
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A lie that waits on L1. */
interface Asserting {
  readonly assertionId: bigint;
  readonly number: number;
  readonly block: number;
  readonly lie: Awaited<ReturnType<typeof createLie>>;
}

/** Asserts a false batch before this one. @throws RollupError NOT_FOUND when it offers nothing to forge. */
async function assertBefore(honest: Asserted, { adversary, parts }: Lying): Promise<Asserting> {
  const { sequencer, storage, kzg } = parts;
  const lie = await createLie({
    accounts: storage.leaves.stateAfter(honest.number - 1),
    honest,
    domain: sequencer.domain,
    slotsPerChunk: sequencer.config.profile.slotsPerChunk,
    position: 0,
    amount: STOLEN,
  });
  const { blockNumber } = await adversary.send({ type: 'assertBatch', ...(await withSidecars(lie, kzg)) });
  const assertionId = await adversary.pendingId(honest.number);
  if (assertionId === undefined) throw invariantBroken('the lie that was asserted does not wait on L1');
  return { lie, number: honest.number, assertionId, block: blockNumber };
}

/** Asserts a false batch in the place of the next one; undefined when that offers nothing to forge. */
async function tryToLie(lying: Lying): Promise<Asserting | undefined> {
  const { frontRunning, pay, signal } = lying;
  const { promise, resolve, reject } = Promise.withResolvers<Asserting | undefined>();
  promise.catch(() => undefined); // awaited below, unless paying fails first
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  frontRunning.arm(async (honest) => {
    if (signal.aborted) return;
    await assertBefore(honest, lying).then(resolve, (error: unknown) =>
      isRollupError(error, 'NOT_FOUND') ? resolve(undefined) : reject(error),
    );
  });
  await pay();
  return promise;
}

/** What a person hears of an event about the lie. */
function wordsOf(event: AssertionEvent, asserter: string): string | undefined {
  if (event.type === 'disputed') return `disputed by ${event.disputer}`;
  if (event.type === 'answered') return `answered by its author (${asserter})`;
  if (event.type === 'stepCommitted') return 'somebody committed to the wrong step';
  if (event.type === 'stepProven') return 'the wrong step was executed on L1';
  if (event.type === 'rejected') return `rejected: half of its bond goes to ${event.winner}`;
  return undefined;
}

/** Follows a lie until L1 rejected it. */
async function followLie(lying: Lying, { assertionId, number, block }: Asserting): Promise<void> {
  const { adversary, head, patienceSeconds, watcher, say, signal } = lying;
  const seen = new Set<string>();
  const start = performance.now();
  let isCalled = false;
  for (;;) {
    for (const event of await adversary.events(block, await head())) {
      if ('assertionId' in event && event.assertionId !== assertionId) continue;
      if (seen.has(event.type)) continue;
      seen.add(event.type);
      const words = wordsOf(event, adversary.account);
      if (words !== undefined) say(`lie in batch ${number}: ${words}`);
    }
    if (seen.has('rejected')) return;
    if (!isCalled && !seen.has('disputed') && performance.now() - start > patienceSeconds * 1_000) {
      isCalled = true;
      say(`lie in batch ${number}: nobody disputed it within ${patienceSeconds} s, so the devnet's own watcher does`);
      watcher.call();
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Lies until the signal ends it. @throws why it cannot go on. */
export async function keepLying(lying: Lying): Promise<void> {
  const { adversary, head, say, signal } = lying;
  while (!signal.aborted) {
    const asserting = await tryToLie(lying);
    if (asserting === undefined) continue; // the next payment is in a batch of its own
    const { lie, number, assertionId, block } = asserting;
    say(
      `LIE: batch ${number} now waits on L1 with a forged transfer (chunk ${lie.chunk}, slot ${lie.slot}: 0.5 ETH of account ` +
        `${lie.from} to account ${lie.to})`,
    );
    const defence = new AbortController();
    const stopping = AbortSignal.any([signal, defence.signal]);
    const defending = defendLie(adversary, lie, assertionId, block, head, stopping);
    defending.catch(() => undefined); // heard below, or over
    try {
      await Promise.race([followLie(lying, asserting), defending.then(() => new Promise<never>(() => undefined))]);
    } finally {
      defence.abort();
      await defending.catch(() => undefined);
    }
    await lying.watcher.dismiss();
    await sleep(PAUSE_MS, undefined, { signal });
  }
}
