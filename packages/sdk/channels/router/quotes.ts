/** What each way costs, and whether it is there. */

import { isRollupError } from '@quittance/protocol';
import { amountToSign } from '../../wallet/amounts.ts';
import { requireProportion } from '../../wallet/fees.ts';
import { isAddress, parseReceiver } from '../../wallet/receiver.ts';
import { type PlanOrWhy, planChannel } from './channel-plan.ts';
import type { Order } from './order.ts';
import type { Latencies, RouterOptions, RouterWallet, WayQuote, Why } from './types.ts';

/** Typical where nobody says otherwise: of a pair on one machine, of hubs near each other, of a validity rollup with hourly batches. */
const LATENCIES: Latencies = { channel: 50, hub: 100, accepted: 500, final: 3_600_000 };

/** What is known of all ways at one time. */
export interface Survey {
  readonly quotes: readonly WayQuote[];
  /** Of the way `channel`. */
  readonly channel: PlanOrWhy;
}

/** Whether a payment on the rollup is waited for until it is final. */
export function isFinalWanted({ finalAbove }: RouterOptions, { amount, tokenId }: Order): boolean {
  const bound = finalAbove?.(tokenId);
  return bound !== undefined && amount > bound;
}

/** The fee of a transfer, or why it cannot be made. */
async function feeOnRollup(
  wallet: RouterWallet,
  { receiver, amount, tokenId }: Order,
): Promise<
  { readonly fee: bigint; readonly why?: undefined } | { readonly fee: bigint | undefined; readonly why: Why }
> {
  if (receiver === undefined) {
    return { fee: undefined, why: { code: 'NOT_OFFERED', message: 'the payee names no receiver of the rollup' } };
  }
  try {
    amountToSign(amount, false);
    if (typeof receiver === 'string' && !isAddress(receiver)) parseReceiver(receiver);
    const [suggested, { soft }] = await Promise.all([wallet.estimateFee(tokenId), wallet.balance(tokenId)]);
    const fee = requireProportion(suggested, amount);
    if (amount + fee <= soft) return { fee };
    const message = `${amount + fee} is needed on the rollup, fee included, where ${soft} is`;
    return { fee, why: { code: 'INSUFFICIENT_BALANCE', message } };
  } catch (error) {
    if (!isRollupError(error)) throw error;
    return { fee: undefined, why: { code: error.code, message: error.message } };
  }
}

/** All ways as they are now. */
export async function survey(options: RouterOptions, order: Order): Promise<Survey> {
  const latencies = { ...LATENCIES, ...options.latencies };
  const channel = planChannel(options.channels, order);
  const rollup = await feeOnRollup(options.wallet, order);
  const isFinal = isFinalWanted(options, order);
  const inChannel = { way: 'channel', guarantee: 'BOTH_SIGNED' } as const;
  const onRollup = {
    way: 'rollup',
    latencyMs: isFinal ? latencies.final : latencies.accepted,
    guarantee: isFinal ? 'FINAL_ON_L1' : 'SEQUENCER_PROMISE',
  } as const;
  const quotes: WayQuote[] = [
    'plan' in channel
      ? {
          ...inChannel,
          latencyMs: latencies.channel + channel.plan.hubCount * latencies.hub,
          ...{ possible: true, fee: channel.plan.fee },
        }
      : { ...inChannel, latencyMs: latencies.channel, possible: false, fee: undefined, why: channel.why },
    {
      ...{ way: 'certified', latencyMs: latencies.accepted, guarantee: 'COVERED', possible: false, fee: undefined },
      why: { code: 'NOT_AVAILABLE', message: 'certified payments do not exist yet' },
    },
    rollup.why === undefined
      ? { ...onRollup, possible: true, fee: rollup.fee }
      : { ...onRollup, possible: false, ...rollup },
  ];
  return { quotes, channel };
}
