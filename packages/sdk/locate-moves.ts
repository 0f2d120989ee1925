/** Where the money of an owner's moves is: from L1, and as far as it is not final there, by the word of the sequencer. */

import { createRollupReader, type ReaderOptions } from '@quittance/chain';
import {
  type FoundMove,
  findMoves,
  type MoveClaim,
  type MovePlace,
  movesOf,
  readClaimableBatches,
} from '@quittance/derivation';
import { domainOf, isSameAddress, RollupError, unpackOwnerAndToken } from '@quittance/protocol';
import type { SequencerClient } from './client.ts';
import { type DestinationView, viewDestination } from './destination-view.ts';

/**
 * How far a move is.
 *
 * - `sealed`: in a batch that L1 does not have. The sequencer's word.
 * - `posted`: in a batch that waits on L1 and can still be replaced. The sequencer's word.
 * - `waiting`: final; anyone can execute it, and its owner can claim it in place of that.
 * - `claimable`: final, and the destination takes nothing of it at present: its owner can claim it.
 * - `claimed`: paid to its owner on L1.
 * - `queued`: executed; in the destination's queue.
 * - `arrived`: executed, and in the account there.
 * - `executed`: with a destination that is no rollup: ask there.
 */
export type MoveState = 'sealed' | 'posted' | 'claimable' | MovePlace;

/** A move and how far it is. */
export interface LocatedMove {
  readonly state: MoveState;
  /** Number of its batch in the rollup that is left, and its place among the batch's withdrawals. */
  readonly batch: number;
  readonly index: number;
  /** Id in the rollup that is left. */
  readonly tokenId: number;
  /** Base units. */
  readonly amount: bigint;
  /** Number in the list of destinations on L1. */
  readonly destination: number;
  /** y of the key there. */
  readonly keyY: bigint;
  /** What `claimMoves` on L1 takes (`toMoveProof` of packages/derivation); of `waiting` and `claimable`. */
  readonly claim: MoveClaim | undefined;
  /** Of the payment on L1; undefined before it. */
  readonly transactionHash: string | undefined;
  /** Position in the destination's queue, of `queued` and `arrived`. */
  readonly operationId: number | undefined;
}

/** What to look into: the rollup that is left, by its readers' options. */
export interface LocateMovesOptions extends ReaderOptions {
  /** Block of its deployment, or one before it. */
  readonly fromBlock: number;
  /** L1 address. */
  readonly owner: string;
  /** Its sequencer; without one, moves are found once they are final. */
  readonly client?: SequencerClient | undefined;
  readonly signal?: AbortSignal;
}

/** Batches of a sequencer that are looked through: more are not open at a time. */
const MAX_OPEN_BATCHES = 1_000;

async function toLocated({ move, place, transactionHash, operationId }: FoundMove, view: DestinationView) {
  const { header, index, ownerAndToken, amount, destination, keyY } = move;
  const { tokenId } = unpackOwnerAndToken(ownerAndToken);
  const isOpen = place === 'waiting';
  const state: MoveState = isOpen && !(await view.takes(tokenId)) ? 'claimable' : place;
  return {
    ...{ state, batch: header.number, index, tokenId, amount, destination, keyY },
    ...{ claim: isOpen ? move : undefined, transactionHash, operationId },
  };
}

/** Moves in batches that are not final on L1, by what the sequencer says. */
async function openMoves(
  { client, owner, chainId, contract, signal }: LocateMovesOptions,
  lastFinal: number,
): Promise<LocatedMove[]> {
  if (client === undefined) return [];
  const { domain } = await client.call('rollup_getConfig', {});
  const expected = domainOf({ chainId, contract });
  if (BigInt(domain) !== expected) {
    throw new RollupError('WRONG_DOMAIN', `the sequencer serves another rollup than ${contract}`, {
      expected,
      actual: domain,
    });
  }
  const { sealedBatch } = await client.call('rollup_syncStatus', {});
  const located: LocatedMove[] = [];
  for (let batch = lastFinal + 1; batch <= Math.min(sealedBatch, lastFinal + MAX_OPEN_BATCHES); batch++) {
    signal?.throwIfAborted();
    const { withdrawals, state: stage } = await client.call('rollup_getBatch', { batch });
    const isOnL1 = stage === 'posted' || stage === 'disputed' || stage === 'final';
    for (const { index, owner: of, tokenId, amount, move } of withdrawals) {
      if (move === null || !isSameAddress(of, owner)) continue;
      located.push({
        ...{ state: isOnL1 ? 'posted' : 'sealed', batch, index, tokenId, amount: BigInt(amount) },
        ...{ destination: move.destination, keyY: BigInt(move.keyY) },
        ...{ claim: undefined, transactionHash: undefined, operationId: undefined },
      });
    }
  }
  return located;
}

/**
 * Finds all moves of an owner, in the order of batches, and says of each where its money is. What is `sealed` or `posted` is
 * a promise; all other states are read from L1, and need nobody's word. A transfer that the sequencer accepted and did not
 * seal yet is in no batch: ask `rollup_getTransaction` for it.
 *
 * @throws RollupError L1_UNREACHABLE and what else reading L1 throws; WRONG_DOMAIN when the client's sequencer serves another
 * rollup, and as `SequencerClient.call`; or the signal's reason.
 *
 * @example
 * const provider = createProvider({ url: 'http://127.0.0.1:8545', chainId: 1n });
 * const client = createClient({ url: 'http://127.0.0.1:3000' });
 * const moves = await locateMoves({ provider, chainId: 1n, contract: '0x…', fromBlock: 21_000_000, owner: '0x…', client });
 * for (const { state, amount, destination } of moves) console.log(`${amount} to ${destination}: ${state}`);
 */
export async function locateMoves(options: LocateMovesOptions): Promise<LocatedMove[]> {
  const { fromBlock, owner, signal } = options;
  const reader = createRollupReader(options);
  const final = await readClaimableBatches({ reader, fromBlock, ...(signal === undefined ? {} : { signal }) });
  const moves = movesOf(final, BigInt(owner));
  const views = new Map<number, DestinationView>();
  for (const number of new Set(moves.map(({ destination }) => destination))) {
    signal?.throwIfAborted();
    views.set(number, await viewDestination(options, number));
  }
  const readers = [...views].flatMap(([number, view]) =>
    view.reader === undefined ? [] : [[number, view.reader] as const],
  );
  const paid = await reader.claims(fromBlock, (await reader.head()).number);
  const located: LocatedMove[] = [];
  for (const found of await findMoves(moves, paid, new Map(readers))) {
    located.push(await toLocated(found, views.get(found.move.destination)!));
  }
  return [...located, ...(await openMoves(options, final.batches.length - 1))];
}
