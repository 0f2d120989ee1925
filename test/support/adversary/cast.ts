/** L1 accounts of everybody in the arena, by what they do. The honest producer and the challenger are the fixture's. */

import type { Signer } from 'ethers';
import type { DeployedOptimistic } from '../contracts/deployment.ts';

/** Several accounts, so that nothing counts the disputes of one. */
const GRIEFERS = 10;

/** Everybody. */
export interface Cast {
  /** Produces, and lies. */
  readonly liar: Signer;
  /** Owns an account on L2, and leaves through L1. */
  readonly leaver: Signer;
  /** Wants what is not its own. */
  readonly stranger: Signer;
  /** Produces right batches on whatever waits. */
  readonly careless: Signer;
  /** Dispute what is right. */
  readonly griefers: readonly Signer[];
}

/** Gives everybody an account, and lets those produce who have to. */
export async function castIn({ ethers, rollup }: DeployedOptimistic): Promise<Cast> {
  const [, , , , liar, leaver, stranger, careless, ...others] = await ethers.getSigners();
  if (others.length < GRIEFERS) throw new Error(`${GRIEFERS} griefers are needed, L1 has ${others.length}`);
  for (const producer of [liar!, careless!]) await rollup.setProducer(producer.address, true);
  return {
    liar: liar!,
    leaver: leaver!,
    stranger: stranger!,
    careless: careless!,
    griefers: others.slice(0, GRIEFERS),
  };
}
