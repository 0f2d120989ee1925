/** Publishes without proofs: a batch is asserted with a bond and final once nobody has shown it wrong in time. */

import type { BlockReference } from '@quittance/chain';
import { assertSealed, confirmFinal, finalizeDue } from './asserting.ts';
import type { AssertingParts } from './assertions.ts';
import type { Poster } from './poster.ts';
import { lookAtWaiting, type Waiting } from './waiting.ts';

/** What a mode does besides asserting. @returns how many transactions it sent. */
export type ExtraStep = (waiting: Waiting, signal: AbortSignal) => Promise<number>;

/** After sending transactions it looks at L1 again, at most this often per run. */
const MAX_LOOKS = 4;

/** A poster that asserts. @param extra runs before asserting. */
export function createAssertingPoster(parts: AssertingParts, extra: ExtraStep = async () => 0): Poster {
  const { chain } = parts.context;
  let last: Waiting | undefined;

  /** L1 changes only with a new block, so each block is looked at once. */
  async function look(head: BlockReference, signal: AbortSignal): Promise<Waiting> {
    if (last?.head.hash === head.hash) return last;
    last = undefined;
    await confirmFinal(parts, head, signal);
    const waiting = await lookAtWaiting(parts, head, signal);
    await parts.bonds.collect(waiting.own.length, signal);
    last = waiting;
    return waiting;
  }

  return {
    async run(signal) {
      for (let count = 0; count < MAX_LOOKS; count++) {
        const waiting = await look(await chain.head(), signal);
        const sent =
          (await finalizeDue(parts, waiting, signal)) +
          (await extra(waiting, signal)) +
          (await assertSealed(parts, waiting, signal));
        if (sent === 0) return;
        last = undefined;
      }
    },
  };
}
