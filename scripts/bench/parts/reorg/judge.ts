/** Compares what was acknowledged with what L1 has in the end, and what senders were told with what can be. */

import { isSignedKind, PROFILES } from '@quittance/protocol';
import { LOCAL_CHAIN_ID } from '../../../../cli/devnet/anvil.ts';
import { replaySubmissions } from '../../../../test/support/sequencer/replay.ts';
import type { ReorgOutcome } from './run.ts';
import type { Acknowledged } from './traffic.ts';
import type { World } from './world.ts';

export interface Verdict {
  readonly acknowledged: number;
  /** Dropped, and told so, because L1 no longer has the money. */
  readonly undone: number;
  /** Acknowledged, and neither executed nor told, or dropped although L1 has the money. */
  readonly lost: number;
  /** Executed more often than acknowledged. */
  readonly doubled: number;
  readonly rootsEqual: boolean;
}

/** What L1 has of deposits for an owner. */
async function depositsByOwner({ reader }: World): Promise<Map<bigint, bigint>> {
  const { number } = await reader.head();
  const sums = new Map<bigint, bigint>();
  for (const { words } of await reader.priorityRequests(0, number)) {
    const owner = words[1]! % 2n ** 160n;
    sums.set(owner, (sums.get(owner) ?? 0n) + words[2]!);
  }
  return sums;
}

/** Whether the money of these payments, the oldest first, is there for one after the other. */
function affordable(payments: readonly Acknowledged[], money: bigint): number {
  let left = money;
  let count = 0;
  for (const { cost } of payments) {
    left -= cost;
    if (left >= 0n) count += 1;
  }
  return count;
}

/** @param outcomes of all runs, after which everything is final. */
export async function judge(world: World, outcomes: readonly ReorgOutcome[]): Promise<Verdict> {
  const { reader, sequencer, storage, contract } = world;
  const { number } = await reader.head();
  const batches = (await reader.finalizedBatches(0, number)).slice(1);
  const submissions = [];
  for (const { transactionHash } of batches)
    submissions.push({ ...(await reader.submission(transactionHash)), blobs: [] });
  const { state, records } = replaySubmissions(submissions, PROFILES.quick, { chainId: LOCAL_CHAIN_ID, contract });
  const executed = records.flat(2).filter(({ fields }) => isSignedKind(fields.kind)).length;
  const money = await depositsByOwner(world);
  let [finals, undone, lost] = [0, 0, 0];
  for (const { acknowledged, newcomers } of outcomes) {
    const isNew = new Set(newcomers);
    for (const { id, from } of acknowledged) {
      const found = sequencer.queries.transfer(id);
      if (found?.status === 'final') finals += 1;
      else if (found?.drop?.code === 'UNDONE_BY_REORG' && isNew.has(from)) undone += 1;
      else lost += 1;
    }
    for (const person of newcomers) {
      const own = acknowledged.filter(({ from }) => from === person);
      const done = own.filter(({ id }) => sequencer.queries.transfer(id)?.status === 'final').length;
      lost += affordable(own, money.get(person.owner) ?? 0n) - done;
    }
  }
  const total = outcomes.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  const rootsEqual = state.root === storage.batches.last()?.header.stateRoot;
  return { acknowledged: total, undone, lost, doubled: executed - finals, rootsEqual };
}
