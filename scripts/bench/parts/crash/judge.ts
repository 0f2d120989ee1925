/** Compares what was acknowledged with what L1 alone tells. */

import { setTimeout as sleep } from 'node:timers/promises';
import { isSignedKind, PROFILES } from '@quittance/protocol';
import { LOCAL_CHAIN_ID } from '../../../../cli/devnet/anvil.ts';
import { fastCrypto } from '../../../../test/support/sequencer/harness.ts';
import { replaySubmissions } from '../../../../test/support/sequencer/replay.ts';
import { rpc } from '../../../../test/support/sequencer/rpc.ts';
import type { Traffic } from './traffic.ts';
import type { World } from './world.ts';

export interface Verdict {
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly rootsEqual: boolean;
}

const TIMEOUT_MS = 120_000;
const { hasher } = fastCrypto();

interface SyncStatus {
  readonly unpostedTransfers: number;
  readonly sealedBatch: number;
  readonly finalBatch: number;
  readonly halted: { readonly reason: string } | null;
}

/** What the process says of itself. */
export async function statusOf(url: string): Promise<SyncStatus> {
  return (await rpc(url, 'rollup_syncStatus')).body.result as SyncStatus;
}

/** @param url of a process that nobody kills any more. */
export async function untilFinal(url: string): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const status = await statusOf(url);
    if (status.halted !== null) throw new Error(`it halted: ${status.halted.reason}`);
    if (status.unpostedTransfers === 0 && status.sealedBatch === status.finalBatch) return;
    if (performance.now() > deadline) throw new Error(`finality did not come: ${JSON.stringify(status)}`);
    await sleep(100);
  }
}

/** Where a transfer is; undefined when nobody knows it. @throws Error for any other answer. */
async function placeOf(url: string, id: string): Promise<string | undefined> {
  const { result, error } = (await rpc(url, 'rollup_getTransaction', { id })).body;
  if (error !== undefined && error.data?.['reason'] !== 'NOT_FOUND') throw new Error(JSON.stringify(error));
  return (result as { status: string } | undefined)?.status;
}

/** Everything is final. */
export async function judge(world: World, url: string, { acknowledged, balances }: Traffic): Promise<Verdict> {
  const { reader, contract, deploymentBlock } = world;
  let lost = 0;
  for (const id of acknowledged) if ((await placeOf(url, id)) !== 'final') lost += 1;
  const { number } = await reader.head();
  const batches = (await reader.finalizedBatches(deploymentBlock, number)).slice(1);
  const submissions = [];
  for (const { transactionHash } of batches)
    submissions.push({ ...(await reader.submission(transactionHash)), blobs: [] });
  const last = await rpc(url, 'rollup_getBatch', { batch: batches.length });
  const { header } = last.body.result as { header: { stateRoot: string } };
  const deployment = { chainId: LOCAL_CHAIN_ID, contract };
  const { state, records } = replaySubmissions(submissions, PROFILES.quick, deployment, hasher);
  const executed = records.flat(2).filter(({ fields }) => isSignedKind(fields.kind)).length;
  const areRight = [...balances].every(([leaf, balance]) => state.get(leaf)?.balance === balance);
  return {
    acknowledged: acknowledged.length,
    lost,
    doubled: executed - (acknowledged.length - lost),
    rootsEqual: areRight && BigInt(header.stateRoot) === state.root,
  };
}
