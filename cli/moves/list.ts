/** `quittance moves list`: where the moves of an owner are, from L1 alone. */

import { createDestinations, type RollupReader } from '@quittance/chain';
import { type FoundMove, findMoves, type MoveClaim, movesOf, readClaimableBatches } from '@quittance/derivation';
import { isRollupError, unpackOwnerAndToken } from '@quittance/protocol';
import type { Values } from '../config/setting.ts';
import { connectRollup, type L1, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import type { LIST_SETTINGS } from './settings.ts';

/** Readers of the rollups that these moves name, by number; a number without a rollup has none. */
async function destinationsFor(l1: L1, contract: string, moves: readonly MoveClaim[]) {
  const list = createDestinations({ provider: l1.provider, contract, confirmations: 1 });
  const readers = new Map<number, RollupReader>();
  for (const number of new Set(moves.map(({ destination }) => destination))) {
    try {
      readers.set(number, await connectRollup(l1, (await list.at(number)).address));
    } catch (error) {
      if (!isRollupError(error, 'DESTINATION_UNKNOWN') && !isRollupError(error, 'L1_WRONG_CHAIN')) throw error;
    }
  }
  return readers;
}

function viewOf({ move, place, transactionHash, operationId }: FoundMove) {
  const { header, index, ownerAndToken, amount, destination } = move;
  const { tokenId } = unpackOwnerAndToken(ownerAndToken);
  const paid = { transactionHash: transactionHash ?? null, operationId: operationId ?? null };
  return { batch: header.number, index, tokenId, amount, destination, place, ...paid };
}

/** Prints all moves of an owner out of final batches. */
export async function runList({ output, signal }: Context, values: Values<typeof LIST_SETTINGS>): Promise<void> {
  const { contract, fromBlock } = values;
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const reader = await connectRollup(l1, contract);
    const moves = movesOf(await readClaimableBatches({ reader, fromBlock, signal }), BigInt(values.owner));
    const paid = await reader.claims(fromBlock, (await reader.head()).number);
    const found = (await findMoves(moves, paid, await destinationsFor(l1, contract, moves))).map(viewOf);
    output.result({ moves: found }, () =>
      found.length === 0
        ? 'no moves in final batches'
        : table([
            ['batch', 'index', 'token', 'amount', 'destination', 'place'],
            ...found.map(({ batch, index, tokenId, amount, destination, place }) =>
              [batch, index, tokenId, amount, destination, place].map(String),
            ),
          ]),
    );
  });
}
