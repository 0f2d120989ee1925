/** What closes a channel by both, and what each side has to do before. Source: docs/channels.md, Closing together. */

import {
  type Bytes32,
  type ChannelChange,
  type ChannelState,
  float40,
  RollupError,
  spendable,
} from '@quittance/protocol';
import type { Party } from '../joint-key.ts';
import { roleOf } from '../side/index.ts';
import type { ChannelReceiver, ClosingTransfer } from './documents.ts';

/** What the money is. */
export interface Closable {
  readonly state: ChannelState;
  /** Final balance of the account, base units. */
  readonly capacity: bigint;
  /** Of one transfer, base units. The residual party pays it for both. */
  readonly fee: bigint;
}

const isRepresentable = (amount: bigint): boolean => float40.floor(amount) === amount;

/** What the residual party gets: a record states no more of it exactly. */
function residualAmount({ state, capacity, fee }: Closable): bigint {
  const rest = capacity - state.claim - fee * (state.claim > 0n ? 2n : 1n);
  return rest > 0n ? float40.floor(rest) : 0n;
}

function refuse(reason: string): RollupError<'CHANNEL_CHANGE_REFUSED'> {
  return new RollupError('CHANNEL_CHANGE_REFUSED', `the channel cannot be closed together: ${reason}`, { reason });
}

/** Why the channel is not ready to be closed together; undefined when it is. */
export function untidy(closable: Closable): string | undefined {
  const { state, capacity } = closable;
  if (capacity === 0n) return 'its account holds nothing that is final';
  if (state.htlcs.length > 0) return `${state.htlcs.length} HTLCs are open; wait until they are paid or released`;
  if (!isRepresentable(state.claim)) return 'the claim of the senior is not an amount that a record can state';
  if (residualAmount(closable) === 0n) return 'what is left to the residual party does not pay the fees';
  return undefined;
}

/**
 * What a party changes so that the channel can be closed together; undefined when that is nothing.
 *
 * @param id of a payment, the same for the same state: however often it is asked for, it is made once.
 * @throws RollupError CHANNEL_CHANGE_REFUSED when nothing helps: close alone, or wait for HTLCs.
 */
export function tidyingChange(closable: Closable, us: Party, id: Bytes32): ChannelChange | undefined {
  const { state, capacity, fee } = closable;
  if (state.htlcs.length > 0) throw refuse(untidy(closable)!);
  if (capacity <= 2n * fee) throw refuse(`its account holds ${capacity}, which does not pay two fees of ${fee}`);
  const by = roleOf(state, us);
  // Whoever has more pays the fees: the one with dust becomes the senior, who gets it exactly, or none.
  if (residualAmount(closable) === 0n) return by === 'residual' ? { type: 'swap', by, capacity } : undefined;
  if (by === 'residual' || isRepresentable(state.claim)) return undefined;
  const dust = state.claim - float40.floor(state.claim);
  return { type: 'pay', by, id, amount: dust };
}

/**
 * The transfers of the close: the residual party gets all it has, then the senior exactly its claim.
 *
 * @param nonce of the account.
 * @throws RollupError CHANNEL_CHANGE_REFUSED when it is not ready.
 */
export function closingTransfers(
  closable: Closable,
  receivers: Readonly<Record<Party, ChannelReceiver>>,
  nonce: number,
): readonly ClosingTransfer[] {
  const reason = untidy(closable);
  if (reason !== undefined) throw refuse(reason);
  const { state } = closable;
  const [senior, residual]: [Party, Party] = state.residualIsB ? ['a', 'b'] : ['b', 'a'];
  const first = { to: receivers[residual], amount: residualAmount(closable), nonce };
  return state.claim === 0n ? [first] : [first, { to: receivers[senior], amount: state.claim, nonce: nonce + 1 }];
}

/** What a party has of a channel, HTLCs left out. */
export const holding = (state: ChannelState, capacity: bigint, party: Party): bigint =>
  spendable(state, { capacity, isMoving: false }, roleOf(state, party));
