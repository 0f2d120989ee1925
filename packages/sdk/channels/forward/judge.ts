/** Whether an HTLC that is for us can be passed on as it says, and in which channel. Pure. Source: docs/channels.md, Routes. */

import { type ChannelChange, isSameAddress, MAX_HTLCS, spendable } from '@quittance/protocol';
import type { KeptHtlc } from '../exchange/index.ts';
import type { ChannelRecord } from '../record.ts';
import { roleOf } from '../side/index.ts';
import { roleBehind } from './memory.ts';
import { type ForwardPolicy, hubFee } from './policy.ts';

/** A channel with whom an HTLC is to be passed on to, in the same token. */
export interface Way {
  readonly record: ChannelRecord;
  readonly isConnected: boolean;
}

/** Our own address, and that of who pays. */
export interface Ends {
  readonly us: string;
  readonly payer: string;
}

/** What to do: lock this in that channel, or give it back for a reason. */
export type Judgement =
  | { readonly vault: string; readonly change: Extract<ChannelChange, { type: 'lock' }> }
  | { readonly reason: string };

/** What can be spent in a channel, by us. */
function spendableIn({ newest, party, capacity, isMoving }: ChannelRecord): bigint {
  return spendable(newest.state, { capacity, isMoving }, roleOf(newest.state, party));
}

/** The first way that does; or why none does, of what is nearest to doing. */
function choose(ways: readonly Way[], htlc: KeptHtlc, amount: bigint): ChannelRecord | string {
  const open = ways.filter(({ record }) => !record.isClosing && record.vault !== htlc.vault);
  if (open.length === 0) return 'NO_CHANNEL';
  const connected = open.filter(({ isConnected }) => isConnected);
  if (connected.length === 0) return 'PEER_AWAY';
  const free = connected.filter(({ record: { newest } }) => {
    const { htlcs } = newest.state;
    return htlcs.length < MAX_HTLCS && htlcs.every(({ hash }) => hash !== htlc.hash);
  });
  if (free.length === 0) return 'CHANNEL_FULL';
  return free.find(({ record }) => spendableIn(record) >= amount)?.record ?? 'FUNDS_SHORT';
}

/** Judges an HTLC that is for us and pays no invoice of ours. @param ways to the party of its first hop, if it has one. */
export function judge(
  htlc: KeptHtlc,
  { us, payer }: Ends,
  ways: readonly Way[],
  now: number,
  policy: ForwardPolicy,
): Judgement {
  const [hop, ...onward] = htlc.onward;
  if (hop === undefined) return { reason: 'UNKNOWN_HASH' };
  if (isSameAddress(hop.to, us) || isSameAddress(hop.to, payer)) return { reason: 'ROUTE_WRONG' };
  const { amount, expiry } = hop;
  if (htlc.amount < policy.leastAmount) return { reason: 'AMOUNT_TOO_LOW' };
  if (htlc.amount - amount < hubFee(policy, amount)) return { reason: 'FEE_TOO_LOW' };
  if (htlc.expiry - expiry < policy.expiryDelta || expiry < now + policy.leastTime)
    return { reason: 'EXPIRY_TOO_SOON' };
  const record = choose(ways, htlc, amount);
  if (typeof record === 'string') return { reason: record };
  const by = roleBehind(record);
  const lock = { type: 'lock', by, htlc: { hash: htlc.hash, amount, expiry } } as const;
  return { vault: record.vault, change: onward.length === 0 ? lock : { ...lock, onward } };
}
