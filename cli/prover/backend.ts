/** The prover of a machine that proves for others. */

import type { ProfileName } from '@quittance/protocol';
import { PROFILES, RollupError } from '@quittance/protocol';
import { type BackendName, createProver, defaultBackend, type Prover, parseProverCommand } from '../../prover/index.ts';
import type { Logger } from '../../runtime/index.ts';
import { isLocalChain } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';

export interface BackendValues {
  readonly prover: BackendName | undefined;
  readonly proverCommand: string | undefined;
  readonly zkey: string | undefined;
}

/** @throws UsageError when settings contradict each other. */
export function requireBackend({ prover, proverCommand }: BackendValues): void {
  if (prover !== undefined && (prover === 'command') !== (proverCommand !== undefined)) {
    throw new UsageError('--prover command and --prover-command go together');
  }
}

/** A prover, circuits and keys ready. @throws as `Prover.prepare`; the signal's reason when it is interrupted. */
export async function openProver(
  { output, signal }: Context,
  values: BackendValues,
  profile: ProfileName,
  logger: Logger,
): Promise<Prover> {
  const { proverCommand } = values;
  const command = proverCommand === undefined ? undefined : parseProverCommand(proverCommand);
  const backend = values.prover ?? (command === undefined ? defaultBackend() : 'command');
  const prover = createProver({ profile: PROFILES[profile], backend, logger, ceremonyZkeyPath: values.zkey, command });
  const cancel = (): void => void prover.close();
  signal.addEventListener('abort', cancel, { once: true });
  let lastStage = '';
  try {
    await prover.prepare(({ stage }) => {
      if (stage !== lastStage) output.say(`circuits and keys: ${stage}`);
      lastStage = stage;
    });
    return prover;
  } catch (error) {
    await prover.close();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Refuses to prove under a key that has no worth where money is. @throws RollupError INSECURE_KEY. */
export function requireSafeKey({ verifyingKeyJson }: Prover, chainId: bigint | undefined): void {
  if (verifyingKeyJson.development !== true || chainId === undefined || isLocalChain(chainId)) return;
  throw new RollupError('INSECURE_KEY', 'this contract takes proofs of the public development key: its money is lost');
}
