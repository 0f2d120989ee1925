/** Handles of transfers and of requests from L1, by the word of the sequencer. */

import { isRollupError, RollupError } from '@quittance/protocol';
import type { AcknowledgedJson } from '@quittance/rpc';
import type { SequencerClient } from '../client.ts';
import type { SignedTransfer } from '../sign.ts';
import type { Connection } from './connection.ts';
import { createHandle } from './stages.ts';
import type { Clock } from './time.ts';
import type { Handle, PriorityStatus, SignedPayment, TransferHandle, TransferStatus } from './types.ts';

/** @throws RollupError TRANSFER_DROPPED, NOT_FOUND, or as the client's `call`. */
async function lookAt(client: SequencerClient, id: string): Promise<TransferStatus> {
  const { status, batch, to, kind, drop } = await client.call('rollup_getTransaction', { id });
  if (status !== 'dropped') {
    return { id, status, batch, ...(kind === 'transferToNew' && to !== null ? { to } : {}) };
  }
  const message = `the transfer was dropped: ${drop?.reason}: ${drop?.message}`;
  throw new RollupError('TRANSFER_DROPPED', message, { id, reason: drop?.reason });
}

/** The handle of a transfer by its id. */
export function transferHandle(client: SequencerClient, clock: Clock, id: string): Handle<TransferStatus> {
  return createHandle({ name: `transfer ${id}`, id, clock, look: () => lookAt(client, id) });
}

/** The handle of a transfer that was just acknowledged. */
export function acknowledgedHandle(
  client: SequencerClient,
  clock: Clock,
  { intent }: Pick<SignedTransfer, 'intent'>,
  { id }: AcknowledgedJson,
): TransferHandle {
  const { amount, fee, nonce } = intent;
  return { id, amount, fee, nonce, ...transferHandle(client, clock, id) };
}

/** The handle of a signed transfer that was sent again. */
export function resumedHandle(
  client: SequencerClient,
  clock: Clock,
  { transfer }: SignedPayment,
  { id }: AcknowledgedJson,
): TransferHandle {
  const { amount, fee, nonce } = transfer;
  return { id, amount: BigInt(amount), fee: BigInt(fee), nonce, ...transferHandle(client, clock, id) };
}

/** A request by the word of the sequencer; undefined while it does not know it, since its block is not confirmed. */
async function lookAtRequest(client: SequencerClient, operationId: number): Promise<PriorityStatus | undefined> {
  try {
    const { status, batch, reason } = await client.call('rollup_getPriorityOperation', { operationId });
    return { operationId, status, batch, reason };
  } catch (error) {
    if (isRollupError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/**
 * The handle of a request on L1 by its number. Without a sequencer L1 says when a final batch has it, and nothing before.
 *
 * @throws RollupError CONFIG_INVALID for a wallet with neither.
 */
export function requestHandle(
  { client, clock, requireL1 }: Pick<Connection, 'client' | 'clock' | 'requireL1'>,
  operationId: number,
): Handle<PriorityStatus> {
  const l1 = client === undefined ? requireL1('a handle') : undefined;
  const onL1 = async (): Promise<PriorityStatus> => {
    const { priorityCount } = await l1!.reader.finalState();
    const status = operationId < priorityCount ? 'final' : 'pending';
    return { operationId, status, batch: null, reason: null };
  };
  return createHandle({
    ...{ name: `request ${operationId}`, id: String(operationId), clock },
    look: client === undefined ? onL1 : () => lookAtRequest(client, operationId),
  });
}
