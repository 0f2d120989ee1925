/**
 * Notices another chain behind the same URL. Its chain id is asked for with each head (`createRollupReader`), but chains
 * that begin anew keep theirs: so one block is remembered, and looked up again whenever a head does not follow the last
 * one, which is so after each reorganization, each failure and each start.
 */

import { RollupError } from '@quittance/protocol';
import type { BlockReference, RollupReader } from './types.ts';

/** A block that no reorganization takes back any more. */
type KnownBlock = Pick<BlockReference, 'number' | 'hash'>;

export interface OneChainOptions {
  /** Keeps named texts across restarts: the block is one of them. */
  readonly store: {
    readonly meta: { get(name: string): string | undefined; set(name: string, text: string): void };
    commit(change: () => void): void;
  };
  /** Number of the block to remember: that of the deployment, or one before it. */
  readonly blockNumber: number;
  /** Blocks on L1, itself included, after which it counts. */
  readonly confirmations: number;
}

const KNOWN_BLOCK = 'l1_known_block';

/** Whether nothing was replaced between two heads. */
function follows(head: BlockReference, last: BlockReference | undefined): boolean {
  return last !== undefined && (head.hash === last.hash || head.parentHash === last.hash);
}

/**
 * @param actual the block that L1 has in the place of `known`.
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
      last = undefined; // what fails is checked again
      const head = await reader.head();
      if (!follows(head, previous)) await check(head);
      last = head;
      return head;
    },
  };
}
