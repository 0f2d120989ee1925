/** Whether the sequencer has a transfer, by its id: asked before anything is signed in its place. */

import { isRollupError, RollupError } from '@quittance/protocol';
import type { AcknowledgedJson } from '@quittance/rpc';
import type { SequencerClient } from '../client.ts';

/** Its acknowledgement; undefined when the sequencer does not have it. @throws RollupError as the client's `call`. */
export async function findTaken(
  client: Pick<SequencerClient, 'call'>,
  id: string,
): Promise<AcknowledgedJson | undefined> {
  try {
    const { sequence, status, kind, to } = await client.call('rollup_getTransaction', { id });
    return { id, sequence, status, ...(kind === 'transferToNew' && to !== null ? { to } : {}) };
  } catch (error) {
    if (isRollupError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/** The answer to a question, or `nobody` where none came that says anything. */
export async function orNobody<T>(asked: Promise<T>): Promise<T | 'nobody'> {
  try {
    return await asked;
  } catch (error) {
    if (isRollupError(error)) return 'nobody';
    throw error;
  }
}

/** What to tell of a transfer whose end is not known. */
export function uncertain(
  { id, nonce, validUntil }: { readonly id: string; readonly nonce: number; readonly validUntil: number },
  cause: unknown,
): RollupError<'TRANSFER_UNCERTAIN'> {
  const message = `it is not known whether transfer ${id} was taken: ${(cause as Error).message}`;
  return new RollupError('TRANSFER_UNCERTAIN', message, { id, nonce, validUntil }, { cause });
}
