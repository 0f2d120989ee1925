/** `quittance moves list`: where the moves of an owner are, from L1, and from its sequencer if one is named. */

import { createClient, type LocatedMove, locateMoves } from '@quittance/sdk';
import type { Values } from '../config/setting.ts';
import { connectRollup, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import type { LIST_SETTINGS } from './settings.ts';

function viewOf({ state: place, batch, index, tokenId, amount, destination, ...where }: LocatedMove) {
  const paid = { transactionHash: where.transactionHash ?? null, operationId: where.operationId ?? null };
  return { batch, index, tokenId, amount, destination, place, ...paid };
}

/** Prints all moves of an owner: those in final batches, and with a sequencer those on their way there. */
export async function runList({ output, signal }: Context, values: Values<typeof LIST_SETTINGS>): Promise<void> {
  const { contract, fromBlock, owner, rpcUrl } = values;
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    await connectRollup(l1, contract);
    const client = rpcUrl === undefined ? undefined : createClient({ url: rpcUrl });
    const found = (await locateMoves({ ...l1, contract, fromBlock, owner, client, signal })).map(viewOf);
    output.result({ moves: found }, () =>
      found.length === 0
        ? `no moves in ${client === undefined ? 'final' : 'sealed'} batches`
        : table([
            ['batch', 'index', 'token', 'amount', 'destination', 'place'],
            ...found.map(({ batch, index, tokenId, amount, destination, place }) =>
              [batch, index, tokenId, amount, destination, place].map(String),
            ),
          ]),
    );
  });
}
