/** Makes every batch of a log again by the plans in its seal entries, with nothing but the log: what followers do. */

import { type Kzg, versionedHashOf } from '@quittance/chain';
import { type Deployment, domainOf, type Profile } from '@quittance/protocol';
import { makeBatch } from '../../../sequencer/batcher/batch.ts';
import { packPlan } from '../../../sequencer/batcher/execute.ts';
import { chunksOf } from '../../../sequencer/batcher/seal-plan.ts';
import { inSlices } from '../../../sequencer/batcher/slices.ts';
import type { SequencerCrypto } from '../../../sequencer/index.ts';
import { genesisOf } from '../../../sequencer/start/recover.ts';
import type { LoggedEntry, SealEntry, Storage } from '../../../storage/index.ts';

export interface FollowOptions {
  readonly storage: Pick<Storage, 'log'>;
  readonly crypto: SequencerCrypto;
  readonly profile: Profile;
  readonly deployment: Deployment;
  /** Unix seconds. */
  readonly genesisTime: number;
  readonly kzg: Pick<Kzg, 'commitment'>;
}

/** How often the batches of the log came out as sealed. */
export interface Followed {
  readonly batches: number;
  readonly unsealed: number;
  readonly drops: number;
}

/** Follows the log from its beginning. @throws when a batch comes out otherwise than its entry says. */
export async function followLog({
  storage,
  crypto,
  profile,
  deployment,
  genesisTime,
  kzg,
}: FollowOptions): Promise<Followed> {
  const pause = async (): Promise<void> => undefined;
  const genesis = genesisOf(crypto, genesisTime);
  const open = new Map<number, LoggedEntry>();
  /** The seals that count, with what they took out of `open`. */
  let sealed: { readonly entry: SealEntry; readonly took: readonly LoggedEntry[] }[] = [];
  let [batches, unsealed, drops] = [0, 0, 0];
  let state = crypto.engine.restore(new Uint8Array(0), genesis.stateRoot);
  let parent = genesis;

  const execute = async ({ plan, headerHash, batch }: SealEntry): Promise<LoggedEntry[]> => {
    const { time: batchTime, feeTokens, form } = plan!;
    const context = { domain: domainOf(deployment), batchTime, feeTokens };
    const refuse = (problem: string) => new Error(`batch ${batch}: ${problem}`);
    const entryOf = (sequence: number) => open.get(sequence) as never;
    const { slotsPerChunk } = profile;
    const chunks = chunksOf({ plan: plan!, slotsPerChunk, entryOf, view: state, context, refuse });
    const packed = await inSlices(packPlan(chunks, feeTokens), pause);
    const execution = await crypto.engine.execute(
      state,
      { domain: context.domain, batchTime, chunks: packed.chunks },
      { signatures: { ids: packed.ids }, onInvalid: 'stop', traces: false, commitments: true },
    );
    if (execution.refusals[0] !== undefined) throw refuse(execution.refusals[0].message);
    const hashBlob = async (blob: Uint8Array) => versionedHashOf(await kzg.commitment(blob));
    const made = await makeBatch({
      deployment,
      parent,
      context,
      chunks,
      execution,
      chooseForm: () => form,
      hashBlob,
      pause,
    });
    if (made.headerHash !== headerHash) throw refuse(`it comes out as ${made.headerHash}, not ${headerHash}`);
    parent = made.header;
    return chunks.flat().flatMap(({ source }) => source ?? []);
  };

  for (const logged of storage.log.range(1)) {
    const { entry, sequence } = logged;
    if (entry.type === 'transfer' || entry.type === 'priority') open.set(sequence, logged);
    if (entry.type === 'seal') {
      for (const drop of entry.drops ?? [])
        if (!open.delete(drop.sequence)) throw new Error(`${drop.sequence} is not open`);
      drops += entry.drops?.length ?? 0;
      if (entry.batch === 0) continue;
      const took = await execute(entry);
      for (const { sequence: taken } of took) open.delete(taken);
      sealed.push({ entry, took });
      batches += 1;
    }
    if (entry.type !== 'unseal') continue;
    const { batch } = entry;
    for (const { took } of sealed.filter((one) => one.entry.batch >= batch))
      for (const one of took) open.set(one.sequence, one);
    sealed = sealed.filter((one) => one.entry.batch < batch);
    unsealed += 1;
    // Back to the batch before: from the genesis.
    state = crypto.engine.restore(new Uint8Array(0), genesis.stateRoot);
    parent = genesis;
    for (const { took } of sealed) for (const one of took) open.set(one.sequence, one);
    for (const { entry: again, took } of sealed) {
      await execute(again);
      for (const { sequence: taken } of took) open.delete(taken);
    }
  }
  return { batches, unsealed, drops };
}
