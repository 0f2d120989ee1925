/** The operation that a request of the wallet put into the queue. */

import type { TransactionReceipt } from 'ethers';
import { eventOf, type Session, view } from './session.ts';

/** An operation and when it is due (Unix seconds). */
interface Requested {
  readonly operationId: number;
  readonly deadline: number;
}

/** What a receipt requested. The deadline is as things stand now: executions of others can only bring it forward. */
export async function requestedBy(session: Session, receipt: TransactionReceipt): Promise<Requested> {
  const args = eventOf(receipt, 'PriorityRequested')?.args;
  const operationId = Number(args?.['operationId']);
  const [, deadline] = await view<[string, bigint, bigint]>(session, 'priorityOperation', operationId);
  // 0 when it was executed already, or the node that answers does not have it yet.
  return { operationId, deadline: Number(deadline === 0n ? args?.['earliestDeadline'] : deadline) };
}
