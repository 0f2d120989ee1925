/** Where the state chain begins: at the checkpoint on disk, or at the genesis; and how the checkpoint moves. */

import type { FinalizedBatch } from '@quittance/chain';
import { emptyState } from '@quittance/derivation';
import { type Engine, isRollupError, RollupError } from '@quittance/protocol';
import { databaseDamaged } from '../../storage/index.ts';
import { MAX_REORG_BLOCKS } from '../follow/follower.ts';
import type { L1Model } from '../follow/model.ts';
import type { WatcherStore } from '../store/store.ts';
import { StateChain } from './state-chain.ts';

/** The chain at the checkpoint. @throws RollupError DATABASE_DAMAGED when its accounts are not those of its root. */
function fromCheckpoint(engine: Engine, { checkpoint, file }: WatcherStore): StateChain | undefined {
  const known = checkpoint.get();
  if (known === undefined) return undefined;
  try {
    return new StateChain(engine, known.header, checkpoint.accounts());
  } catch (error) {
    // A sound checkpoint leads to neither: another root, or fields out of range.
    if (!isRollupError(error, 'INVARIANT_BROKEN') && !isRollupError(error, 'OUT_OF_RANGE')) throw error;
    throw databaseDamaged(file, `its checkpoint is not one state: ${error.message}`, error);
  }
}

/** The chain at the genesis. @throws RollupError NO_DEPLOYMENT when its block was not read, LIE_FINAL as `emptyState`. */
function fromGenesis(engine: Engine, store: WatcherStore, { finals }: L1Model): StateChain {
  const genesis = finals.find(({ header }) => header.number === 0);
  if (genesis === undefined) {
    // What was read is useless: the next start reads from the block that it is given.
    store.reset();
    throw new RollupError('NO_DEPLOYMENT', 'no deployment in the blocks that were read; give an earlier --from-block');
  }
  const { header } = emptyState({ engine }, genesis);
  const { headerHash, blockNumber } = genesis;
  store.commit(() => store.checkpoint.move({ header, headerHash, blockNumber }, []));
  return new StateChain(engine, header, []);
}

/** A chain without batches after its base. @throws RollupError DATABASE_DAMAGED, NO_DEPLOYMENT or LIE_FINAL. */
export function openChain(engine: Engine, store: WatcherStore, model: L1Model): StateChain {
  return fromCheckpoint(engine, store) ?? fromGenesis(engine, store, model);
}

/** Writes the state after the last final batch that no reorg reaches, and makes it the base. */
export function moveCheckpoint(
  store: WatcherStore,
  chain: StateChain,
  finals: readonly FinalizedBatch[],
  headNumber: number,
): void {
  const deep = finals.filter(({ blockNumber }) => blockNumber <= headNumber - MAX_REORG_BLOCKS).at(-1);
  if (deep === undefined || !chain.has(deep.headerHash)) return;
  const header = chain.headerOf(deep.headerHash)!;
  const changed = chain.moveBase(deep.headerHash);
  store.commit(() => {
    store.checkpoint.move({ header, headerHash: deep.headerHash, blockNumber: deep.blockNumber }, changed);
    store.events.forgetFinalBefore(header.number + 1);
  });
}
