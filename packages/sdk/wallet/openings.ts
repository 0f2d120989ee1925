/** Accounts that this wallet's transfers open: two payments to one new receiver open one account, not two. */

import type { Payee } from './payees.ts';
import { formatReceiver } from './receiver.ts';

/** What one payment to a new receiver tells the next. */
export interface Openings {
  /**
   * Pays a receiver: `pay` is given the account that an earlier payment opened, if one did; while one is on its way it is
   * waited for.
   *
   * @param pay resolves to the index of the account that was paid; undefined when that is not known.
   */
  pay<T extends { readonly index: number | undefined }>(
    tokenId: number,
    payee: Payee,
    pay: (payee: Payee) => Promise<T>,
  ): Promise<T>;
}

/** Accounts that are remembered: as many as one list of payments opens, many times over. */
const MOST_KNOWN = 10_000;

/** Openings of one wallet. */
export function createOpenings(): Openings {
  const opening = new Map<string, Promise<number | undefined>>();
  return {
    async pay(tokenId, payee, pay) {
      if (payee.index !== undefined) return pay(payee);
      const key = `${tokenId}/${formatReceiver(payee.receiver)}`;
      for (let earlier = opening.get(key); earlier !== undefined; earlier = opening.get(key)) {
        const index = await earlier;
        if (index !== undefined) return pay({ ...payee, index });
        if (opening.get(key) === earlier) opening.delete(key);
      }
      const paid = pay(payee);
      opening.set(
        key,
        paid.then(
          ({ index }) => index,
          () => undefined,
        ),
      );
      if (opening.size > MOST_KNOWN) opening.delete(opening.keys().next().value!);
      return paid;
    },
  };
}
