/** Statements over chunks that a small world executed, and proofs of them by a Groth16 simulator (a test double). */

import {
  chunkPublicInputs,
  type Groth16Proof,
  type PackedTrace,
  packTrace,
  portableHasher,
  publicInputsOf,
} from '@quittance/protocol';
import { statementOf } from '../../../prover/index.ts';
import type { Statement } from '../../../sequencer/fleet/types.ts';
import { createGroth16Simulator } from '../contracts/groth16-simulator.ts';
import { World } from '../rollup/world.ts';

export const FLEET_SLOTS = 2;
export const FLEET_CIRCUIT = `0x${'ab'.repeat(32)}`;
export const fleetSimulator = createGroth16Simulator('fleet');

let executed: PackedTrace | undefined;

/** One executed chunk; the challenge makes a statement of its own of it each time. */
function trace(): PackedTrace {
  if (executed === undefined) {
    const world = new World('fleet');
    for (let index = 0; index < 4; index += 1) world.fund(index % 2, 10n ** 18n);
    executed = packTrace(portableHasher, world.randomChunk(FLEET_SLOTS).trace);
  }
  return executed;
}

/** The statement of a chunk of a batch. @param version another one is what it states when the batch is sealed anew. */
export function statementAt(batch: number, chunk: number, version = 0): Statement {
  const job = { trace: trace(), challenge: BigInt(1_000_000 * version + 1_000 * batch + chunk + 1) };
  const headerHash = `0x${(batch + 1_000 * version).toString(16).padStart(64, '0')}`;
  const publicInputs = publicInputsOf(chunkPublicInputs(job.trace, job.challenge));
  return { id: statementOf({ headerHash, chunk, publicInputs }), batch, headerHash, chunk, publicInputs, job };
}

/** A proof of it. @param seed chooses among the many. */
export function proofOf({ publicInputs }: Statement, seed?: string): Groth16Proof {
  return fleetSimulator.prove(publicInputs, seed);
}
