/** Where moves are, from L1 alone. Source: docs/protocol.md, Moves. */

import type { ClaimedWithdrawal, PriorityRequest, RollupReader } from '@quittance/chain';
import { RecordKind, unpackOwnerAndToken } from '@quittance/protocol';
import type { MoveClaim } from './claims.ts';

/**
 * Where the money of a move is. Before `waiting` it is on its way in a batch that is not final: the sequencer says how far.
 *
 * - `waiting`: a leaf of the withdrawals tree of a final batch; anyone can execute it, its owner can claim it.
 * - `claimed`: paid to the owner on L1.
 * - `queued`: in the destination's queue.
 * - `arrived`: a final batch of the destination executed it: it is in the account there.
 * - `executed`: with the destination, whose queue was not read.
 */
export type MovePlace = 'waiting' | 'claimed' | 'queued' | 'arrived' | 'executed';

/** A move and where its money is. */
export interface FoundMove {
  readonly move: MoveClaim;
  readonly place: MovePlace;
  /** Of the payment on L1; undefined while it waits. */
  readonly transactionHash: string | undefined;
  /** Position in the destination's queue, of `queued` and `arrived`. */
  readonly operationId: number | undefined;
}

/** What a move is in a queue, whatever its token's id there. Of two that are alike either may be either. */
function likenessOf(transactionHash: string, keyY: bigint, ownerAndToken: bigint, amount: bigint): string {
  return [transactionHash, keyY, unpackOwnerAndToken(ownerAndToken).owner, amount].join('/');
}

/** Deposits that came in these blocks, by their likeness, and how many operations final batches executed. */
async function readQueue(reader: RollupReader, blocks: Iterable<number>) {
  const { priorityCount } = await reader.finalState((await reader.head()).hash);
  const deposits = new Map<string, PriorityRequest[]>();
  for (const block of blocks) {
    for (const request of await reader.priorityRequests(block, block)) {
      if (request.fields.kind !== RecordKind.deposit) continue;
      const [keyY, ownerAndToken, amount] = request.words as [bigint, bigint, bigint];
      const likeness = likenessOf(request.transactionHash, keyY, ownerAndToken, amount);
      const alike = deposits.get(likeness) ?? [];
      deposits.set(likeness, alike);
      alike.push(request);
    }
  }
  return { deposits, priorityCount };
}

type Queue = Awaited<ReturnType<typeof readQueue>>;

function place(move: MoveClaim, paid: ClaimedWithdrawal | undefined, queue: Queue | undefined): FoundMove {
  const transactionHash = paid?.transactionHash;
  const at = (where: MovePlace, operationId?: number): FoundMove => ({
    ...{ move, place: where, transactionHash, operationId },
  });
  if (paid === undefined) return at('waiting');
  if (paid.destination === undefined) return at('claimed');
  const { keyY, ownerAndToken, amount } = move;
  const request = queue?.deposits.get(likenessOf(paid.transactionHash, keyY, ownerAndToken, amount))?.shift();
  if (queue === undefined || request === undefined) return at('executed');
  return at(request.queueIndex < queue.priorityCount ? 'arrived' : 'queued', request.queueIndex);
}

/**
 * Finds these moves on L1.
 *
 * @param paid the claims of the rollup that is left (`RollupReader.claims`).
 * @param destinations readers of the destinations to look into, by number.
 * @throws RollupError L1_UNREACHABLE, L1_INCONSISTENT and what else reading L1 throws.
 *
 * @example
 * const final = await readClaimableBatches({ reader, fromBlock });
 * const paid = await reader.claims(fromBlock, (await reader.head()).number);
 * const there = createRollupReader({ provider, chainId, contract: '0x…' });
 * const found = await findMoves(movesOf(final, owner), paid, new Map([[0, there]]));
 */
export async function findMoves(
  moves: readonly MoveClaim[],
  paid: readonly ClaimedWithdrawal[],
  destinations: ReadonlyMap<number, RollupReader>,
): Promise<FoundMove[]> {
  const payments = new Map(paid.map((payment) => [`${payment.batch}/${payment.index}`, payment]));
  const paymentOf = ({ header, index }: MoveClaim) => payments.get(`${header.number}/${index}`);
  const queues = new Map<number, Queue>();
  for (const [number, reader] of destinations) {
    const blocks = moves.flatMap((move) => {
      const payment = paymentOf(move);
      return payment?.destination === number ? [payment.blockNumber] : [];
    });
    if (blocks.length > 0) queues.set(number, await readQueue(reader, new Set(blocks)));
  }
  return moves.map((move) => place(move, paymentOf(move), queues.get(move.destination)));
}
