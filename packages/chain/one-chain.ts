/**
 * Detects another chain behind the same URL. Every head is asked for together with the chain id (`createRollupReader`), but
 * a chain that starts over keeps its id. So one block is remembered, and looked up whenever a head does not follow the last
 * one: after each reorganization, failure and start.
 */

import { RollupError } from '@quittance/protocol';
import type { BlockReference, RollupReader } from './types.ts';

/** A block that no reorganization takes back any more. */
type KnownBlock = Pick<BlockReference, 'number' | 'hash'>;

export interface OneChainOptions {
  /** Keeps the block across restarts. */
  readonly store: {
    readonly meta: { get(name: string): string | undefined; set(name: string, text: string): void };
    commit(change: () => void): void;
  };
  /** Number of the block to remember: the deployment's, or an earlier one. */
  readonly blockNumber: number;
  /** Blocks, its own included, after which it is remembered. */
  readonly confirmations: number;
}

const KNOWN_BLOCK = 'l1_known_block';

/** Whether `head` is `last` or its child: nothing was replaced in between. */
function follows(head: BlockReference, last: BlockReference | undefined): boolean {
  return last !== undefined && (head.hash === last.hash || head.parentHash === last.hash);
}

/**
 * @param actual the block that L1 has at the height of `known`.
 * @throws RollupError L1_WRONG_CHAIN when it is another, L1_BEHIND when there is none yet.
 */
function requireKnownBlock(known: KnownBlock, actual: KnownBlock | undefined, head: BlockReference): void {
  const { number, hash } = known;
  if (actual?.hash === hash) return;
  if (actual === undefined) {
    throw new RollupError(
      'L1_BEHIND',
      `the newest block of L1 is ${head.number}, but block ${number} was read before: the node is not synced`,
      { expected: number, actual: head.number },
    );
  }
  throw new RollupError(
    'L1_WRONG_CHAIN',
    `block ${number} of L1 is ${actual.hash}, it was ${hash}: another chain answers at the L1 URL, or this one was ` +
      'reorganized down to the deployment. Check the URL; a chain that began anew needs a new database',
    { number, expected: hash, actual: actual.hash },
  );
}

/** `reader`, whose `head` also throws RollupError L1_WRONG_CHAIN or L1_BEHIND. */
export function onOneChain<Reader extends RollupReader>(reader: Reader, options: OneChainOptions): Reader {
  const { store, blockNumber, confirmations } = options;
  let last: BlockReference | undefined;

  async function check(head: BlockReference): Promise<void> {
    const text = store.meta.get(KNOWN_BLOCK);
    if (text !== undefined) {
      const expected = JSON.parse(text) as KnownBlock;
      requireKnownBlock(expected, await reader.block(expected.number), head);
      return;
    }
    if (head.number < blockNumber + confirmations - 1) return;
    const block = await reader.block(blockNumber);
    if (block === undefined) return;
    const { number, hash } = block;
    store.commit(() => store.meta.set(KNOWN_BLOCK, JSON.stringify({ number, hash })));
  }

  return {
    ...reader,
    async head() {
      const previous = last;
      last = undefined; // after a failure the next head is checked
      const head = await reader.head();
      if (!follows(head, previous)) await check(head);
      last = head;
      return head;
    },
  };
}
