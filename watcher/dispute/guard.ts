/**
 * Whether it is safe to stake a bond: only on what the newest L1 says, and only when all endpoints say the same. A node
 * that is behind, on a fork or lying would make the watcher dispute honest batches and lose its bonds.
 */

import type { AssertionReader, BlockReference, RollupReader } from '@quittance/chain';
import { isRollupError } from '@quittance/protocol';
import type { Clock } from '../../runtime/index.ts';

/** Another node of the same L1, for comparison. */
export interface CheckEndpoint {
  /** Names it in alerts, without secrets. */
  readonly name: string;
  readonly reader: RollupReader;
  readonly assertions: AssertionReader;
}

/** Why no bond is staked at present. */
export interface Refusal {
  readonly reason: 'staleHead' | 'endpointsDisagree' | 'endpointUnreachable';
  readonly message: string;
}

export interface GuardOptions {
  /** The node on whose word a bond would be staked. */
  readonly reader: Pick<RollupReader, 'block'>;
  readonly clock: Clock;
  readonly checks: readonly CheckEndpoint[];
  /** If the newest block is older, the node is not synced; undefined on chains that make blocks on demand. */
  readonly maxHeadAgeSeconds: number | undefined;
}

/** What was replayed and found wrong. The header alone would not do: it does not commit to the authorizations. */
export interface AssertionClaim {
  readonly assertionId: bigint;
  readonly headerHash: string;
  readonly contentHash: string;
  /** Block of the assertion. */
  readonly blockNumber: number;
}

/** Judges the view of L1 on which a bond would be staked. */
export interface Guard {
  /** @param claim what the main endpoint says about the assertion. @returns why not, or undefined. */
  refusal(head: BlockReference, claim: AssertionClaim): Promise<Refusal | undefined>;
}

function staleness({ timestamp, number }: BlockReference, nowSeconds: number, limit: number | undefined) {
  const age = nowSeconds - timestamp;
  if (limit === undefined || age <= limit) return undefined;
  return {
    reason: 'staleHead' as const,
    message:
      `the newest L1 block ${number} is ${age} s old, more than ${limit} s: the node is not synced, so nothing is ` +
      'challenged. Check the node, or raise --max-head-age if this chain is that slow',
  };
}

/**
 * Whether another node is on the same chain. One that is some blocks behind may confirm too, once it has the assertion: on
 * a chain of fast blocks it may never have the newest one when it is asked.
 */
async function fork(
  own: Pick<RollupReader, 'block'>,
  other: RollupReader,
  head: BlockReference,
  { blockNumber }: AssertionClaim,
): Promise<string | undefined> {
  const theirs = (await other.block(head.number)) ?? (await other.head());
  if (theirs.number < blockNumber) return `it has no block ${blockNumber} yet`;
  const ours = theirs.number === head.number ? head : await own.block(theirs.number);
  if (theirs.hash === ours?.hash) return undefined;
  return `its block ${theirs.number} is ${theirs.hash}, ours is ${ours?.hash ?? 'not there'}`;
}

/** Asks one endpoint. @returns how it disagrees, or undefined. */
async function disagreement(
  own: Pick<RollupReader, 'block'>,
  { reader, assertions }: CheckEndpoint,
  head: BlockReference,
  claim: AssertionClaim,
): Promise<string | undefined> {
  const { assertionId, headerHash, contentHash } = claim;
  const how = await fork(own, reader, head, claim);
  if (how !== undefined) return how;
  const status = await assertions.assertion(assertionId);
  if (status.headerHash !== headerHash) {
    return `its assertion ${assertionId} has header hash ${status.headerHash}, ours has ${headerHash}`;
  }
  if (status.contentHash !== contentHash) {
    return `its assertion ${assertionId} has content hash ${status.contentHash}, ours has ${contentHash}`;
  }
  return status.isPending ? undefined : `its assertion ${assertionId} does not wait any more`;
}

/** A guard over all endpoints. */
export function createGuard({ reader, clock, checks, maxHeadAgeSeconds }: GuardOptions): Guard {
  return {
    async refusal(head, claim) {
      const stale = staleness(head, Math.floor(clock.nowMs() / 1_000), maxHeadAgeSeconds);
      if (stale !== undefined) return stale;
      for (const check of checks) {
        try {
          await check.assertions.connect();
          const how = await disagreement(reader, check, head, claim);
          if (how === undefined) continue;
          return {
            reason: 'endpointsDisagree',
            message: `L1 endpoint ${check.name} disagrees: ${how}. Nothing is challenged until they agree`,
          };
        } catch (error) {
          if (!isRollupError(error)) throw error;
          return {
            reason: 'endpointUnreachable',
            message: `L1 endpoint ${check.name} cannot confirm what is to be challenged: ${error.message}`,
          };
        }
      }
      return undefined;
    },
  };
}
