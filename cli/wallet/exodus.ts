/** `quittance wallet exodus`: the way out when nobody produces batches any more, through L1 alone. */

import { type PriorityRequest, type RollupReader, requireAll } from '@quittance/chain';
import type { RebuiltRollup } from '@quittance/derivation';
import { addressText, encodeRecord, RecordKind, unpackOwnerAndToken } from '@quittance/protocol';
import * as parse from '../config/parse.ts';
import { optional } from '../config/setting.ts';
import { defineCommand } from '../process/command.ts';
import { REPLAY_SETTINGS, replay } from '../rebuild/replay.ts';
import { accountsOf } from '../rebuild/view.ts';
import { paying, requireOwn, to } from './payee.ts';
import { payGroups } from './refusals.ts';
import { type Session, transact, view, WALLET_SETTINGS, withSession } from './session.ts';

/** What was done. */
interface Exodus {
  readonly activated: boolean;
  readonly exited: readonly { readonly index: number; readonly tokenId: number; readonly amount: bigint }[];
  readonly reclaimed: readonly { readonly operationId: number; readonly amount: bigint }[];
}

/** Three siblings a level, in the order of the children, from the leaf's level upwards, as the contract takes them. */
export function exitSiblings(path: readonly (readonly bigint[])[], index: number): bigint[][] {
  return path.toReversed().map((children, level) => {
    const digit = (index >> (2 * level)) & 3;
    return children.filter((_, child) => child !== digit);
  });
}

async function exitAll(
  session: Session,
  rebuilt: RebuiltRollup,
  owner: bigint,
  receiver: string | undefined,
): Promise<Exodus['exited']> {
  const accounts = accountsOf(rebuilt, owner).filter(({ balance }) => balance !== 0n);
  const { paid, refused } = await payGroups(
    accounts.map((account) => [account]),
    async ([account]) => {
      const { index, tokenId, balance } = account!;
      if (await view<boolean>(session, 'hasExited', index)) return [];
      const { keyY, nonce } = rebuilt.state.get(index)!;
      const leaf = { keyY, owner: addressText(owner), tokenId, nonce, balance };
      const args = [index, leaf, exitSiblings(rebuilt.state.path(index), index)];
      await transact(session, ...paying('exit', args, receiver));
      return [{ index, tokenId, amount: balance }];
    },
  );
  for (const { item, reason } of refused) {
    session.context.output.say(`account ${item.index} was not paid out: ${reason}`);
  }
  return paid;
}

/** A request with the whole group that it entered the queue in, itself included. */
export interface OpenRequest {
  readonly request: PriorityRequest;
  readonly group: readonly PriorityRequest[];
}

/**
 * Requests of an owner that no batch executed.
 *
 * @param executed how many were. @throws RollupError L1_LOGS_INCOMPLETE when L1 gives fewer than the contract counts.
 */
export async function openRequests(
  reader: RollupReader,
  owner: bigint,
  executed: number,
  from: number,
): Promise<OpenRequest[]> {
  const { number: to, hash } = await reader.head();
  const [requests, { requestedCount }] = await Promise.all([
    reader.priorityRequests(from, to),
    reader.queueState(hash),
  ]);
  const indices = requests.map(({ queueIndex }) => queueIndex);
  requireAll('priority operation', indices, { next: executed, count: requestedCount }, { from, to });
  return requests
    .filter(({ queueIndex, words }) => queueIndex >= executed && unpackOwnerAndToken(words[1]!).owner === owner)
    .map((request) => ({ request, group: requests.filter(({ groupStart }) => groupStart === request.groupStart) }));
}

/** A request as the contract takes it back. */
function operationOf({ fields, words }: PriorityRequest): readonly bigint[] {
  return [encodeRecord(fields), ...words];
}

async function reclaimAll(
  session: Session,
  rebuilt: RebuiltRollup,
  owner: bigint,
  from: number,
  receiver: string | undefined,
): Promise<Exodus['reclaimed']> {
  const requests = await openRequests(session.reader, owner, rebuilt.header.priorityCount, from);
  const { paid, refused } = await payGroups(
    requests.map((open) => [open]),
    async ([open]) => {
      const { request, group } = open!;
      const { queueIndex, groupStart, fields, words } = request;
      if (await view<boolean>(session, 'isReclaimed', queueIndex)) return [];
      const args = [groupStart, group.map(operationOf), queueIndex - groupStart];
      await transact(session, ...paying('reclaimOperation', args, receiver));
      return [{ operationId: queueIndex, amount: fields.kind === RecordKind.deposit ? words[2]! : 0n }];
    },
  );
  for (const { item, reason } of refused) {
    session.context.output.say(`request ${item.request.queueIndex} was not given back: ${reason}`);
  }
  // The fees of what was not executed wait to be collected.
  if ((await view<bigint>(session, 'collectableFees', session.wallet.address)) > 0n) {
    await transact(session, ...paying('collectFees', [], receiver));
  }
  return paid;
}

export const walletExodus = defineCommand({
  name: 'wallet exodus',
  summary: 'when requests stay overdue: open the exodus if it is due, and pay out all that an owner has',
  notes: 'Needs L1 and the keystore, nothing else. `quittance wallet claim` still pays out final withdrawals.',
  settings: {
    ...WALLET_SETTINGS,
    ...REPLAY_SETTINGS,
    owner: optional(
      '<address>',
      parse.address,
      'whose accounts; your own if not given. You pay the gas, they get the money',
    ),
    to,
  },
  async run(context, values) {
    await withSession(context, values, async (session) => {
      const { output } = context;
      const owner = values.owner === undefined ? session.owner : BigInt(values.owner);
      requireOwn(session.owner, owner, values.to);
      const rebuilt = await replay(context, session.reader, values, 'none');
      const isActive = await view<boolean>(session, 'isExodusActive');
      if (!isActive) {
        output.say(`opening the exodus after batch ${rebuilt.header.number}`);
        await transact(session, 'activateExodus', [rebuilt.header]);
      }
      const exited = await exitAll(session, rebuilt, owner, values.to);
      const reclaimed = await reclaimAll(session, rebuilt, owner, values.fromBlock, values.to);
      const result: Exodus = { activated: !isActive, exited, reclaimed };
      output.result(result, () =>
        [
          `${exited.length} accounts paid out, ${reclaimed.length} requests given back`,
          ...exited.map(({ index, tokenId, amount }) => `account ${index}: ${amount} base units of token ${tokenId}`),
        ].join('\n'),
      );
    });
  },
});
