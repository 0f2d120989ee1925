/** Checks that the chosen mode has what it needs. */

import type { AssertionChain, AssertionReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { SequencerConfig } from '../config.ts';
import type { Optimistic } from '../context.ts';
import { canProve, type ProofVerifier } from '../types.ts';

/** What publishing needs besides L1. */
export interface Means {
  readonly prover: ProofVerifier | undefined;
  readonly assertions: AssertionReader | undefined;
  readonly optimistic: Optimistic | undefined;
}

async function connect(assertions: AssertionChain | undefined, mode: string): Promise<Omit<Means, 'prover'>> {
  const terms = await assertions?.connect();
  const optimistic = assertions === undefined || terms === undefined ? undefined : { assertions, terms };
  if (mode === 'zk') return { assertions: optimistic?.assertions, optimistic: undefined };
  if (optimistic !== undefined) return { assertions, optimistic };
  throw new RollupError(
    'CONFIG_INVALID',
    `mode ${mode} needs a rollup with optimistic mode, and this one was deployed without it: use --mode zk`,
    { name: 'mode', expected: 'zk', actual: mode },
  );
}

/** @throws RollupError CONFIG_INVALID, or L1_UNREACHABLE. */
export async function checkMode(
  { mode }: SequencerConfig,
  {
    prover,
    assertions,
    hasFleet = false,
  }: {
    readonly prover?: ProofVerifier | undefined;
    readonly assertions?: AssertionChain | undefined;
    /** Whether others may prove. */
    readonly hasFleet?: boolean;
  },
): Promise<Means> {
  if (mode !== 'optimistic' && (prover === undefined || !(hasFleet || canProve(prover)))) {
    throw new RollupError('CONFIG_INVALID', `mode ${mode} needs a prover`, { name: 'prover', actual: mode });
  }
  return { prover: mode === 'optimistic' ? undefined : prover, ...(await connect(assertions, mode)) };
}
