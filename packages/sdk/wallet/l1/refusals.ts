/**
 * Payments that L1 refuses, kept apart from the others. Anyone can put money in a token of their own on an account of
 * somebody else's L1 address; if that token refuses to move, the owner must get the rest all the same.
 */

import { isRollupError } from '@quittance/protocol';

/** A payment that L1 did not make, with its reason. */
interface Refused<T> {
  readonly item: T;
  readonly reason: string;
}

/** What was paid and what was not. */
export interface Payments<T, R> {
  readonly paid: readonly R[];
  readonly refused: readonly Refused<T>[];
}

/** Why L1 refused this call; rethrows an error that the next call would meet too. */
function refusalOf(error: unknown): string {
  if (isRollupError(error, 'L1_REJECTED') || isRollupError(error, 'TRANSACTION_FAILED')) return error.message;
  throw error;
}

/** Pays groups in one call each; a group that is refused is paid one by one, past what L1 refuses of it. */
export async function payGroups<T, R>(
  groups: readonly (readonly T[])[],
  pay: (group: readonly T[]) => Promise<readonly R[]>,
): Promise<Payments<T, R>> {
  const paid: R[] = [];
  const refused: Refused<T>[] = [];
  for (const group of groups) {
    try {
      paid.push(...(await pay(group)));
    } catch (error) {
      const reason = refusalOf(error);
      if (group.length === 1) {
        refused.push({ item: group[0]!, reason });
        continue;
      }
      const single = await payGroups(
        group.map((item) => [item]),
        pay,
      );
      paid.push(...single.paid);
      refused.push(...single.refused);
    }
  }
  return { paid, refused };
}
