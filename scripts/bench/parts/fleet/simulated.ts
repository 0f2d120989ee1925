/** Workers that take a fixed time for a proof: what a fleet loses by being many. */

import type { Groth16Proof } from '@quittance/protocol';
import { encodeProof, runWorker } from '../../../../prover/index.ts';
import { silentLogger, systemClock } from '../../../../runtime/index.ts';
import { createRig } from '../../../../test/support/fleet/rig.ts';
import { FLEET_CIRCUIT, FLEET_SLOTS, proofOf, statementAt } from '../../../../test/support/fleet/statements.ts';
import { until } from '../../../../test/support/until.ts';

/** A proof takes so long. */
const PROVE_MS = 1_000;
const PROOFS_PER_WORKER = 8;
const CHUNKS_PER_BATCH = 8;

/** How many proofs so many workers deliver in a second, over the real API, every one of them verified. */
export async function measureWorkers(count: number): Promise<number> {
  const statements = Array.from({ length: count * PROOFS_PER_WORKER }, (_, position) =>
    statementAt(1 + Math.floor(position / CHUNKS_PER_BATCH), position % CHUNKS_PER_BATCH),
  );
  // Made before the clock runs: a worker's machine is its own.
  const proofs = new Map<bigint, Groth16Proof>(
    statements.map((statement) => [statement.job.challenge, proofOf(statement)]),
  );
  const rig = await createRig();
  const stopping = new AbortController();
  try {
    // The first proof starts the thread that verifies.
    const first = statementAt(0, 0);
    rig.open(first);
    const warm = rig.client('first');
    const { lease } = (await warm.pick({
      ...{ worker: 'first', version: 'bench', circuits: [FLEET_CIRCUIT], backend: 'none', memoryBytes: 0, waitMs: 0 },
    }))!;
    await warm.prove(lease, { worker: 'first', statement: first.id, proof: encodeProof(proofOf(first)) });

    const workers = Array.from({ length: count }, (_, number) =>
      runWorker(
        {
          ...{ client: rig.client(`worker${number}`), circuit: FLEET_CIRCUIT, slotsPerChunk: FLEET_SLOTS },
          ...{ instance: String(number), version: 'bench', backend: 'simulated', memoryBytes: 0, concurrency: 1 },
          ...{ clock: systemClock, logger: silentLogger },
          prover: {
            async proveChunk(_, challenge, { signal } = {}) {
              await systemClock.sleep(PROVE_MS, signal);
              return { proof: proofs.get(challenge)!, publicInputs: {} as never, timings: {} };
            },
          },
        },
        stopping.signal,
      ),
    );
    await until(() => rig.fleet.dispatcher.activity.list().length === count + 1, 'the workers');
    const started = performance.now();
    rig.open(...statements);
    await until(() => rig.proofs.size === statements.length + 1, 'the proofs', { timeoutMs: 120_000 });
    const seconds = (performance.now() - started) / 1_000;
    stopping.abort(new Error('measured'));
    await Promise.all(workers);
    return statements.length / seconds;
  } finally {
    stopping.abort(new Error('over'));
    await rig.close();
  }
}
