/** 1,000 transfers against the watcher: how long it replays them when they are true, and a lie in their middle. */

import type { ReplayCrypto } from '@quittance/derivation';
import { domainOf, PROFILES } from '@quittance/protocol';
import { chooseCrypto } from '../../../cli/crypto.ts';
import { createLie } from '../../../cli/devnet/adversary.ts';
import { isNativeAvailable } from '../../../native/index.ts';
import { type DeployedOptimistic, deployOptimistic, latestTime } from '../contracts/deployment.ts';
import type { Tip } from '../optimistic/asserted-batch.ts';
import { seedState } from '../optimistic/fixture.ts';
import { portableCrypto } from '../rollup/world.ts';
import { chainOf, watch } from '../watcher/watch.ts';
import { costOf } from './costs.ts';
import { LyingSequencer } from './lying-sequencer.ts';
import { type LieOutcome, playOut } from './match.ts';
import { buildThousand, createPeople, createPeopleState, TRANSFER_COUNT } from './thousand.ts';

/** Seconds from the calldata to the verdict. */
export interface ReplayReport {
  readonly transfers: number;
  /** Null where the native core is not built. */
  readonly nativeSeconds: number | null;
  readonly portableSeconds: number;
  /** All said that the batch is right. */
  readonly isRight: boolean;
}

const { slotsPerChunk, maxChunks } = PROFILES.standard;
/** Which transfer is forged: one in the middle. */
const FORGED = TRANSFER_COUNT / 2;
const STOLEN = 5n * 10n ** 17n;

/** How long a watcher that has seen nothing takes over the one batch that waits. */
async function replaySeconds(world: DeployedOptimistic, tip: Tip, crypto: ReplayCrypto) {
  const watcher = await watch(world, tip, { crypto });
  const [batch] = (await watcher.poll()).waiting;
  return { seconds: batch!.replaySeconds!, isRight: batch!.verdict === 'right' };
}

async function replay(world: DeployedOptimistic, tip: Tip): Promise<ReplayReport> {
  const native = isNativeAvailable() ? await replaySeconds(world, tip, chooseCrypto()) : undefined;
  const portable = await replaySeconds(world, tip, portableCrypto);
  return {
    transfers: TRANSFER_COUNT,
    nativeSeconds: native?.seconds ?? null,
    portableSeconds: portable.seconds,
    isRight: portable.isRight && native?.isRight !== false,
  };
}

/** Both, on the same batch. */
export async function playThousand(): Promise<{ readonly replay: ReplayReport; readonly lie: LieOutcome }> {
  const world = await deployOptimistic({ slotsPerChunk, maxChunks });
  const people = createPeople();
  const tip = await seedState(world, createPeopleState(people));
  const submission = buildThousand(world, tip, people, await latestTime(world));
  const liar = await LyingSequencer.open(await chainOf(world, world.producer));
  const snapshot = await world.l1.networkHelpers.takeSnapshot();
  await liar.assert(submission, { when: 'never', commitments: () => [] });
  const replayed = await replay(world, tip);
  await snapshot.restore();

  const { submission: forged, answers } = await createLie({
    accounts: tip.state.accounts(),
    honest: { ...submission, blobs: [] },
    domain: domainOf(world.deployment),
    slotsPerChunk,
    position: FORGED,
    amount: STOLEN,
  });
  const challenger = await watch(world, tip, { mode: 'challenge', signer: world.bob, crypto: chooseCrypto() });
  const block = await world.ethers.provider.getBlockNumber();
  const told = await liar.assert(forged, { when: 'atOnce', commitments: (chunk) => answers[chunk]! });
  const players = {
    ...{ liar, world, challenge: () => challenger.poll(), now: () => latestTime(world) },
    pass: async (seconds: number) => {
      await world.l1.networkHelpers.time.increase(seconds);
    },
    costOf: (account: string, from: number) => costOf(world, account, from),
  };
  return { replay: replayed, lie: await playOut(players, told, block) };
}
