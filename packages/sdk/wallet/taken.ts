/** Whether the sequencer has a transfer, by its id: asked before anything is signed in its place. */

import { isRollupError } from '@quittance/protocol';
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
