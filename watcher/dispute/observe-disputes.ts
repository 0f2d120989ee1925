/** Reads the state of each dispute's bond from L1. */

import type { AssertionConstants, AssertionReader, RollupReader } from '@quittance/chain';
import { isSameAddress } from '@quittance/protocol';
import type { KnownDispute, L1Model } from '../follow/model.ts';
import type { DisputeSide } from './bond-tables.ts';
import { disputePhase, type L1Time } from './phases.ts';
import type { DisputeCase } from './situation.ts';

export interface ObserveDisputesOptions {
  readonly reader: RollupReader;
  readonly assertions: AssertionReader;
  readonly constants: AssertionConstants;
  readonly model: L1Model;
  readonly time: L1Time;
  /** Our L1 account; undefined when the watcher only observes. */
  readonly account: string | undefined;
}

/** Disputes read concurrently. */
const DISPUTES_AT_ONCE = 50;

/** The disputes of one chunk share what L1 says about it: a griefer may open any number. */
async function observeChunkDisputes(
  options: ObserveDisputesOptions,
  open: readonly KnownDispute[],
): Promise<DisputeCase[]> {
  const { reader, assertions, constants, model, time, account } = options;
  const { assertionId, chunk } = open[0]!;
  const known = model.assertions.get(assertionId);
  if (known === undefined) return [];
  const [status, disputes, finalHash] = await Promise.all([
    assertions.assertion(assertionId),
    assertions.chunkDisputes(assertionId, chunk),
    reader.headerHash(known.header.number),
  ]);
  const isOurs = (other: string) => account !== undefined && isSameAddress(account, other);
  const isFinal = finalHash === known.headerHash;
  const cases: DisputeCase[] = [];
  for (let first = 0; first < open.length; first += DISPUTES_AT_ONCE) {
    const page = open.slice(first, first + DISPUTES_AT_ONCE);
    const read = await Promise.all(page.map(({ disputeId }) => assertions.dispute(disputeId)));
    for (const [position, { disputeId, disputer }] of page.entries()) {
      const side: DisputeSide = isOurs(disputer) ? 'disputer' : isOurs(known.asserter) ? 'asserter' : 'bystander';
      const phase = disputePhase(constants, read[position]!, status, disputes, isFinal, time);
      cases.push({ disputeId, assertionId, chunk, side, phase });
    }
  }
  return cases;
}

/** All disputes whose bond is not settled yet. @throws RollupError L1_UNREACHABLE. */
export async function observeDisputes(options: ObserveDisputesOptions): Promise<DisputeCase[]> {
  const open = [...options.model.disputes.values()].filter(({ isSettled }) => !isSettled);
  const byChunk = Map.groupBy(open, ({ assertionId, chunk }) => `${assertionId}/${chunk}`);
  const cases: DisputeCase[] = [];
  for (const disputes of byChunk.values()) cases.push(...(await observeChunkDisputes(options, disputes)));
  return cases;
}
