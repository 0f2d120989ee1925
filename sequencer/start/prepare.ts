/** Everything a start does before the parts run: looks for obstacles, recovers the sealed state, builds the pending one. */

import type { RollupError, StoredHeader } from '@quittance/protocol';
import type { SequencerContext } from '../context.ts';
import { isReadable } from '../halt.ts';
import type { Ledger } from '../mempool/ledger.ts';
import { catchUp, openLedger } from './catch-up.ts';
import { findDisagreement } from './disagreement.ts';
import { findForeignBatch } from './foreign.ts';
import { readLookups } from './lookups.ts';
import { dropBadProofs } from './proofs.ts';
import { type Recovered, recover } from './recover.ts';
import { dealWithRejection, unsealUnpostable } from './unseal.ts';
import { requireProvable } from './waits.ts';

/** What a start found. */
export interface Prepared {
  readonly recovered: Recovered;
  readonly ledger: Ledger;
  /** Why nothing may be accepted, sealed or posted; undefined when all can run. */
  readonly halted: RollupError | undefined;
}

/**
 * Recovers from the database, and from L1 what was requested meanwhile. When L1 no longer holds what we built on, the
 * database is left as it is, for reads only.
 *
 * @throws RollupError CONFIG_INVALID, DATABASE_DAMAGED, L1_UNREACHABLE, L1_LOGS_INCOMPLETE, or FOREIGN_BATCH_FINAL with an empty database.
 */
export async function prepareStart(
  context: SequencerContext,
  genesis: StoredHeader,
  onCut: () => void,
): Promise<Prepared> {
  const { storage, crypto, config, chain, prover } = context;
  const obstacle =
    (await dealWithRejection(context)) ??
    (await findForeignBatch(context)) ??
    (await findDisagreement(context, genesis));
  if (obstacle === undefined) {
    await requireProvable(context);
    await unsealUnpostable(context);
  }
  const deployment = { chainId: chain.chainId, contract: chain.contract };
  const recovered = await recover({
    ...{ storage, deployment, genesis, profile: config.profile, engine: crypto.engine },
    isProven: prover !== undefined,
  });
  const readable = (halted: RollupError): Prepared => ({
    recovered,
    ledger: openLedger(context, recovered.state, onCut),
    halted,
  });
  if (obstacle !== undefined) return readable(obstacle);
  if (prover !== undefined) await dropBadProofs(context, prover, recovered.unfinished);
  try {
    const ledger = await catchUp(context, recovered.state, onCut);
    await readLookups(context);
    return { recovered, ledger, halted: undefined };
  } catch (error) {
    if (isReadable(error)) return readable(error);
    throw error;
  }
}
