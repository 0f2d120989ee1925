/** The operation that a request of the wallet put into the queue. */

import { eventOf } from '@quittance/chain';
import { invariantBroken } from '@quittance/protocol';
import type { TransactionReceipt } from 'ethers';
import type { Connection } from '../connection.ts';
import { requestHandle } from '../handles.ts';
import type { PriorityHandle } from '../types.ts';
import type { L1 } from './open.ts';

/** When an operation is due (Unix seconds), as things stand: executions of others can only bring it forward. */
export async function deadlineOf(l1: L1, operationId: number): Promise<number> {
  const [, deadline] = await l1.view<readonly [string, bigint, bigint]>('priorityOperation', operationId);
  return Number(deadline);
}

/** What a receipt requested. @throws RollupError as `L1.view`. */
export async function requestedBy(
  connection: Connection,
  l1: L1,
  receipt: TransactionReceipt,
): Promise<PriorityHandle> {
  const args = eventOf(receipt, l1.contract, 'PriorityRequested')?.args;
  if (args === undefined)
    throw invariantBroken(`transaction ${receipt.hash} requested nothing`, { hash: receipt.hash });
  const operationId = Number(args['operationId']);
  // 0 when it was executed already, or the node that answers does not have it yet.
  const deadline = (await deadlineOf(l1, operationId)) || Number(args['earliestDeadline']);
  return {
    ...{ operationId, deadline, fee: BigInt(args['fee'] as bigint) },
    ...{ transactionHash: receipt.hash, blockNumber: receipt.blockNumber },
    ...requestHandle(connection, operationId),
  };
}
