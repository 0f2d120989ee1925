/** Makes batches final that have waited long enough, where nobody else does it any more. */

import { createAssertionReader, toAssertionCall } from '@quittance/chain';
import type { L1 } from './open.ts';
import type { L1Sender } from './send.ts';

/** The event that has the header of a waiting batch. */
const ASSERTED = ['BatchAsserted'];

/**
 * Makes final what waits on L1 and could be: the contract opens no exodus before, since such a batch is right and may hold the
 * request that is overdue. Source: docs/protocol.md, Finality.
 *
 * @returns how many batches became final. @throws RollupError L1_UNREACHABLE, L1_LOGS_INCOMPLETE, or as `L1Sender.send`.
 */
export async function finalizeWaiting(l1: L1, sender: L1Sender, signal?: AbortSignal): Promise<number> {
  const { provider, chainId, contract, fromBlock } = l1;
  const assertions = createAssertionReader({ provider, chainId, contract });
  const constants = await assertions.connect();
  if (constants === undefined || !(await assertions.isFinalizable())) return 0;
  const { number: head } = await l1.reader.head();
  const events = await assertions.events(fromBlock, head, ASSERTED);
  const headers = new Map(
    events.flatMap((event) => (event.type === 'asserted' ? [[event.assertionId, event.header] as const] : [])),
  );
  let count = 0;
  do {
    const { finalNumber } = await assertions.pendingRange();
    const assertionId = await assertions.pendingId(finalNumber + 1);
    const header = assertionId === undefined ? undefined : headers.get(assertionId);
    if (header === undefined) break; // somebody asserted or finalized meanwhile: whoever called looks again
    const { to, data, value = 0n } = toAssertionCall(constants, { type: 'finalizeBatches', headers: [header] });
    await sender.send({ to, data, value }, signal);
    count += 1;
  } while (await assertions.isFinalizable());
  return count;
}
