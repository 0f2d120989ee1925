/** The addon's witness calculator of a circuit, kept in the build folder. */

import { join } from 'node:path';
import { isRollupError } from '@quittance/protocol';
import {
  buildWitnessTape,
  nativeUnavailableReason,
  openWitnessTape,
  type WitnessTape,
  witnessTapeVersion,
} from '../../native/index.ts';
import { silentLogger } from '../../runtime/index.ts';
import type { CompiledCircuit, CompileOptions } from '../artifacts/compile.ts';
import { hashJson } from '../artifacts/hash.ts';
import { ensureArtifact } from '../artifacts/store.ts';
import { DEFAULT_BUILD_DIRECTORY } from '../paths.ts';

const TAPE_FILE = 'witness.tape';

/**
 * The native witness calculator of a compiled circuit, derived from circom's own and kept in the build folder under
 * what it was made from. Undefined, with one line in the log, when there is no addon or the circuit cannot be
 * expressed: then circom's calculator has to be used.
 *
 * @throws RollupError ARTIFACT_MISSING, ARTIFACT_DAMAGED, CANCELLED
 */
export async function openCircuitTape(
  { name, inputsHash: circuitHash, wasmPath, symPath }: CompiledCircuit,
  { buildDirectory, logger = silentLogger, signal }: CompileOptions = {},
): Promise<WitnessTape | undefined> {
  const unavailable = nativeUnavailableReason();
  if (unavailable !== undefined) {
    logger.info(`witnesses of ${name} are made by circom's calculator: ${unavailable}`, { circuit: name });
    return undefined;
  }
  const inputsHash = hashJson({ version: witnessTapeVersion(), circuit: circuitHash });
  const directory = join(buildDirectory ?? DEFAULT_BUILD_DIRECTORY, 'tapes', `${name}-${inputsHash.slice(0, 16)}`);
  const tapePath = join(directory, TAPE_FILE);
  try {
    await ensureArtifact({
      directory,
      inputsHash,
      logger,
      signal,
      build: async (temporary) => {
        await buildWitnessTape({ wasmPath, symPath, tapePath: join(temporary, TAPE_FILE) });
        return { kind: 'witness-tape', circuit: name, circuitHash };
      },
    });
  } catch (error) {
    if (!isRollupError(error, 'TAPE_IMPOSSIBLE')) throw error;
    logger.warn(`witnesses of ${name} are made by circom's calculator: ${error.message}`, { circuit: name });
    return undefined;
  }
  return openWitnessTape(tapePath);
}
