/** A node that loses its disk, and begins with an empty one: from the journal alone, as no other node is there. */

import { setTimeout as pause } from 'node:timers/promises';
import { createLocalCluster, type LocalCluster } from '../../../cluster/cluster.ts';
import { createPayers, type Payers } from '../../../cluster/payers.ts';
import { createRandom } from '../../../cluster/random.ts';
import { createVerifier } from '../../../cluster/verify.ts';
import type { FromJournal } from './result.ts';

const WALLETS = 12;
const PAUSE_MS = 20;
const LOOK_MS = 200;
/** A node that makes no batch for so long stands still. */
const STANDS_MS = 60_000;

type Progress = (sealed: number) => void;

/** Lets wallets pay until so many batches are sealed. @returns how many are. @throws Error when none comes for a minute. */
async function untilSealed(cluster: LocalCluster, payers: Payers, batches: number, progress: Progress) {
  await payers.pay(true);
  let sealed = 0;
  for (let sinceMs = performance.now(); sealed < batches; await pause(LOOK_MS)) {
    if (payers.failure !== undefined) throw payers.failure;
    const now = (await cluster.stats())[0]?.sealedBatch ?? 0;
    if (now > sealed) sinceMs = performance.now();
    else if (performance.now() - sinceMs > STANDS_MS) throw new Error(`no batch came behind batch ${sealed}`);
    sealed = Math.max(now, sealed);
    progress(sealed);
  }
  await payers.pay(false);
  return sealed;
}

/** One node on a real PostgreSQL loses its disk after so many batches. @throws Error where there is no PostgreSQL. */
export async function recoverFromJournal(batches: number, say: (text: string) => void): Promise<FromJournal> {
  const cluster = await createLocalCluster({
    ...{ nodeCount: 1, mode: 'optimistic', sealAfterSeconds: 1, hasFleet: false, say },
    settings: () => ['--shadow', '0'],
  });
  try {
    const node = cluster.nodes[0]!;
    await node.start();
    await cluster.untilLed();
    const payers = await createPayers(cluster, WALLETS, PAUSE_MS, createRandom('recover'));
    const verifier = await createVerifier(cluster);
    try {
      let said = 0;
      const sealed = await untilSealed(cluster, payers, batches, (count) => {
        if (count < said + 20) return;
        said = count;
        say(`${count} batches are in the journal`);
      });
      await node.kill();
      node.eraseDisk();
      const sinceMs = performance.now();
      await node.start();
      // Both wait until the node has all of the journal.
      await cluster.untilLed();
      const { lost, headersEqual } = await verifier.verify(payers.acknowledged);
      const seconds = Number(((performance.now() - sinceMs) / 1_000).toFixed(1));
      const after = await untilSealed(cluster, payers, sealed + 2, () => undefined);
      const end = await verifier.verify(payers.acknowledged);
      return {
        ...{ batches: sealed, seconds, acknowledged: end.acknowledged, lost: lost + end.lost, doubled: end.doubled },
        headersEqual: headersEqual && end.headersEqual && end.forks === 0,
        goesOn: after > sealed,
      };
    } catch (error) {
      say(`--- ${node.name}\n${node.log()}`);
      throw error;
    } finally {
      await payers.stop();
      await verifier.close();
    }
  } finally {
    await cluster.stop();
  }
}
