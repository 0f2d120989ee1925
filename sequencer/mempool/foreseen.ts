/** What transfers on their way may do before a later one is judged, if all of them are good. */

import { float40, type Operation, RecordKind } from '@quittance/protocol';

/** What is foreseen of one account. */
export interface Foreseen {
  /** Transfers that it sends. */
  readonly sent: number;
  /** Base units that it receives. */
  readonly received: bigint;
}

const NOTHING: Foreseen = { sent: 0, received: 0n };

/** What is foreseen of accounts. */
export type Foresight = Pick<ReadonlyMap<number, Foreseen>, 'get'>;

/** What a group is to do, transfer by transfer. */
export class GroupForesight implements Foresight {
  readonly #accounts = new Map<number, Foreseen>();

  get(index: number): Foreseen | undefined {
    return this.#accounts.get(index);
  }

  /** Adds a transfer that may be accepted. */
  add({ fields: { kind, from, to, amountFloat } }: Operation): void {
    const sender = this.#accounts.get(from) ?? NOTHING;
    this.#accounts.set(from, { ...sender, sent: sender.sent + 1 });
    if (kind !== RecordKind.transfer) return;
    const receiver = this.#accounts.get(to) ?? NOTHING;
    this.#accounts.set(to, { ...receiver, received: receiver.received + float40.decode(amountFloat) });
  }
}

/** What groups foresee together of an account. */
export function foreseen(index: number, groups: readonly (Foresight | undefined)[]): Foreseen {
  const known = groups.flatMap((group) => group?.get(index) ?? []);
  return known.reduce(
    (sum, { sent, received }) => ({ sent: sum.sent + sent, received: sum.received + received }),
    NOTHING,
  );
}
