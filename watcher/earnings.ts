/** What an account has staked, earned and lost in optimistic mode, by the events of L1 alone. Pure. */

import type { AssertionConstants, AssertionEvent } from '@quittance/chain';
import { isSameAddress } from '@quittance/protocol';

/** A lie that the account showed, and who had asserted it. */
export interface ShownLie {
  readonly batch: number;
  readonly assertionId: bigint;
  readonly asserter: string;
  /** Wei: half of the bond. */
  readonly reward: bigint;
  readonly blockNumber: number;
  readonly transactionHash: string;
}

/** Wei, and what it is made of. */
export interface Earnings {
  readonly lies: readonly ShownLie[];
  /** Disputes that the account opened, and those among them that it lost. */
  readonly disputes: { readonly opened: number; readonly lost: number };
  /** Batches that it asserted with a bond, and those among them that lost the bond. */
  readonly assertions: { readonly made: number; readonly lost: number };
  /** Halves of the bonds of others. */
  readonly earnedWei: bigint;
  /** Bonds of its own that are gone. */
  readonly lostWei: bigint;
  /** Bonds of its own that are locked now. */
  readonly stakedWei: bigint;
  /** Transactions of the account that are among the events; others can be there too. */
  readonly transactionHashes: readonly string[];
}

/** What becomes of a bond. */
interface Bond {
  readonly owner: string;
  state: 'locked' | 'back' | 'lost';
}

/** Bonds of assertions and disputes by their ids, after all events. */
function bondsOf(events: readonly AssertionEvent[]) {
  const assertions = new Map<bigint, Bond>();
  const disputes = new Map<bigint, Bond & { readonly assertionId: bigint }>();
  for (const event of events) {
    if (event.type === 'asserted' && !event.isProven) {
      assertions.set(event.assertionId, { owner: event.asserter, state: 'locked' });
    } else if (event.type === 'disputed') {
      const { disputeId, assertionId, disputer } = event;
      disputes.set(disputeId, { assertionId, owner: disputer, state: 'locked' });
    } else if (event.type === 'disputeSettled') {
      const bond = disputes.get(event.disputeId);
      if (bond !== undefined) bond.state = event.isLost ? 'lost' : 'back';
    } else if (event.type === 'rejected' || event.type === 'bondForfeited' || event.type === 'bondReleased') {
      const bond = assertions.get(event.assertionId);
      if (bond !== undefined) bond.state = event.type === 'bondReleased' ? 'back' : 'lost';
    }
  }
  return { assertions, disputes };
}

/** Who an event says has sent its transaction, where it says so. */
function senderOf(event: AssertionEvent): string | undefined {
  if (event.type === 'asserted') return event.asserter;
  if (event.type === 'disputed') return event.disputer;
  if (event.type === 'stepCommitted') return event.sender;
  return event.type === 'rejected' ? event.winner : undefined;
}

/**
 * The account of one address.
 *
 * @param events all events since the deployment, in order.
 */
export function earningsOf(
  account: string,
  events: readonly AssertionEvent[],
  { assertionBond, disputeBond }: Pick<AssertionConstants, 'assertionBond' | 'disputeBond'>,
): Earnings {
  const isOwn = (address: string) => isSameAddress(address, account);
  const { assertions, disputes } = bondsOf(events);
  const lies = events.flatMap((event) => {
    if (event.type !== 'rejected' || !isOwn(event.winner)) return [];
    const { number: batch, assertionId, blockNumber, transactionHash } = event;
    const asserter = assertions.get(assertionId)?.owner ?? '';
    return [{ batch, assertionId, asserter, reward: assertionBond / 2n, blockNumber, transactionHash }];
  });
  const asserted = [...assertions.values()].filter(({ owner }) => isOwn(owner));
  const opened = [...disputes.values()].filter(({ owner }) => isOwn(owner));
  /** Disputes of its batches that others lost: half of the bond is its own. */
  const won = [...disputes.values()].filter(
    ({ assertionId, state }) => state === 'lost' && isOwn(assertions.get(assertionId)?.owner ?? ''),
  );
  const count = (bonds: readonly Bond[], state: Bond['state']) => bonds.filter((bond) => bond.state === state).length;
  const worth = (state: Bond['state']) =>
    BigInt(count(asserted, state)) * assertionBond + BigInt(count(opened, state)) * disputeBond;
  const own = events.filter((event) => isOwn(senderOf(event) ?? ''));
  return {
    lies,
    disputes: { opened: opened.length, lost: count(opened, 'lost') },
    assertions: { made: asserted.length, lost: count(asserted, 'lost') },
    earnedWei: BigInt(lies.length) * (assertionBond / 2n) + BigInt(won.length) * (disputeBond / 2n),
    lostWei: worth('lost'),
    stakedWei: worth('locked'),
    transactionHashes: [...new Set(own.map(({ transactionHash }) => transactionHash))],
  };
}
