/** Whether the exodus is open, or due, or when it will be. */

import { rollupInterface, translateChainError } from '@quittance/chain';
import { isRollupError, type StoredHeader } from '@quittance/protocol';
import type { L1 } from './open.ts';

/** How things stand. `dueAt` in Unix seconds; null while no request waits. */
export type ExodusState =
  | { readonly state: 'active' }
  | { readonly state: 'due' }
  | { readonly state: 'later'; readonly dueAt: number | null };

/** When the oldest request that no final batch has will have been overdue for long enough, as things stand. */
async function dueAt(l1: L1): Promise<number | null> {
  const { priorityCount } = await l1.reader.finalState();
  const [[, deadline], delay] = await Promise.all([
    l1.view<readonly [string, bigint, bigint]>('priorityOperation', priorityCount),
    l1.view<bigint>('exodusDelay'),
  ]);
  return deadline === 0n ? null : Number(deadline + delay) + 1;
}

/**
 * Whether L1 would open it now. On an L1 that makes blocks only for transactions the latest may be older than the present.
 *
 * @throws RollupError L1_UNREACHABLE, and L1_REJECTED for any other refusal: that is no word on whether it is due.
 */
async function canOpen({ provider, contract }: L1, header: StoredHeader, from: string): Promise<boolean> {
  const data = rollupInterface.encodeFunctionData('activateExodus', [header]);
  for (const blockTag of ['latest', 'pending']) {
    try {
      await provider.call({ to: contract, data, from, blockTag });
      return true;
    } catch (error) {
      const translated = translateChainError('asking for the exodus', error);
      const refusal = isRollupError(translated, 'L1_REJECTED') ? translated.data.error : undefined;
      // It is due, and what waited long enough is made final first.
      if (refusal === 'BatchesFinalizable') return true;
      if (refusal !== 'ExodusNotDue') throw translated;
    }
  }
  return false;
}

/**
 * How the exodus stands.
 *
 * @param header of the last final batch. @param from who would open it. @throws RollupError L1_UNREACHABLE or L1_REJECTED.
 */
export async function readExodus(l1: L1, header: StoredHeader, from: string): Promise<ExodusState> {
  if (await l1.view<boolean>('isExodusActive')) return { state: 'active' };
  if (await canOpen(l1, header, from)) return { state: 'due' };
  return { state: 'later', dueAt: await dueAt(l1) };
}
