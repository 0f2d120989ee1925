/** A challenger that disputes honest batches, for nothing but the delay; and what it costs both sides. */

import type { Signer } from 'ethers';
import { sendDispute } from '../optimistic/calls.ts';
import { chainOf } from '../watcher/watch.ts';
import type { Arena, HonestBatch } from './arena.ts';
import { honestChunk } from './honest-batch.ts';
import { tryHonestSteps } from './honest-steps.ts';
import { refusalOf } from './lying-sequencer.ts';

/** Chunks of the batch that is disputed: those of `standard`. */
export const GRIEFED_CHUNKS = 9;
/** Of the defender, until it has settled all that it can. */
const MAX_LOOKS = 4;
/** Before the answer window ends the asserter sends its answers at last, one a block. */
const ANSWERING_SECONDS = 30;

/** How the siege is laid. */
export interface GriefingOptions {
  readonly disputes: number;
  /** Half of the disputes come at once and the asserter answers them; or all come in the last block, and it waits. */
  readonly isSlow: boolean;
  /** The asserter disputes its own batch. */
  readonly isSelf?: boolean;
}

/** What it came to. */
export interface GriefingReport {
  readonly disputes: number;
  /** From the assertion until it was final. */
  readonly delaySeconds: number;
  /** The worst that docs/protocol.md derives: C + A + S. */
  readonly boundSeconds: number;
  readonly isFinal: boolean;
  /** Bonds that the griefers lost, in wei, a dispute. */
  readonly grieferBondWei: number;
  readonly grieferGas: number;
  /** Gas of answers, settlements and finality, a dispute. */
  readonly honestGas: number;
  /** The half of a dispute's bond that its settlement gives to the asserter, in wei. */
  readonly honestRewardWei: number;
  /** Contract errors of proofs of honest steps. */
  readonly stepErrors: readonly (string | undefined)[];
  /** Contract error of a dispute a second after the period. */
  readonly tooLate: string | undefined;
}

interface Siege {
  readonly arena: Arena;
  readonly batch: HonestBatch;
  readonly griefers: readonly Signer[];
}

/** Disputes over all chunks, in turn. */
async function disputeMany({ arena, batch, griefers }: Siege, count: number): Promise<void> {
  for (let position = 0; position < count; position += 1) {
    const signer = griefers[position % griefers.length]!;
    await sendDispute(arena.world, batch.assertionId, batch.built, position % GRIEFED_CHUNKS, { signer });
  }
}

/** The same in the last block in which L1 takes them. */
async function disputeInLastBlock(siege: Siege, count: number): Promise<void> {
  const { world } = siege.arena;
  const { provider } = world.ethers;
  await provider.send('evm_setAutomine', [false]);
  await disputeMany(siege, count);
  await world.l1.networkHelpers.time.setNextBlockTimestamp(siege.batch.assertedAt + world.optimistic.challengePeriod);
  await provider.send('evm_mine', []);
  await provider.send('evm_setAutomine', [true]);
}

async function lostBonds({ arena, griefers }: Siege, disputes: number): Promise<bigint> {
  const { assertions, optimistic } = arena.world;
  const credits = await Promise.all(
    griefers.map(async (griefer) => (await assertions.creditOf(await griefer.getAddress())) as bigint),
  );
  return BigInt(disputes) * optimistic.disputeBond - credits.reduce((sum, credit) => sum + credit, 0n);
}

/** When nothing is left to wait for: S after the later of answer and last dispute, of every chunk. */
async function readyAt({ arena, batch }: Siege): Promise<number> {
  const chunks = await Promise.all(
    batch.built.claims.map((_, chunk) => arena.liar.chain.chunkDisputes(batch.assertionId, chunk)),
  );
  const decided = chunks.map(({ answeredAt, lastDisputeAt }) => Math.max(answeredAt, lastDisputeAt));
  return Math.max(...decided) + arena.world.optimistic.stepWindow + 1;
}

/** The time of L1 when the batch became final, by its defender, who settles the disputes, too. */
async function untilFinal(siege: Siege): Promise<number> {
  const { arena, batch } = siege;
  await arena.world.l1.networkHelpers.time.increaseTo(await readyAt(siege));
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const { actions } = await arena.defender.poll();
    if (actions.length === 0) break;
  }
  const { rollup, ethers } = arena.world;
  const [event] = await rollup.queryFilter(rollup.filters['BatchFinalized']!(batch.built.header.number));
  return event === undefined
    ? Number.POSITIVE_INFINITY
    : (await ethers.provider.getBlock(event.blockNumber))!.timestamp;
}

/** Opens all disputes. @returns the contract's error of one more, a second after the period. */
async function dispute(siege: Siege, { disputes, isSlow }: GriefingOptions): Promise<string | undefined> {
  const { arena, batch, griefers } = siege;
  const lastMinute = isSlow ? disputes : Math.ceil(disputes / 2);
  await disputeMany(siege, disputes - lastMinute);
  if (!isSlow) await arena.defender.poll();
  await disputeInLastBlock(siege, lastMinute);
  await arena.pass(1);
  const chain = await chainOf(arena.world, griefers[0]!);
  const { assertionId, built } = batch;
  const { headerHash } = built;
  return refusalOf(() => chain.dryRun({ type: 'openDispute', assertionId, headerHash, chunk: 0 }));
}

/** Lays siege to one honest batch. The arena's batches may have GRIEFED_CHUNKS chunks. */
export async function grief(arena: Arena, options: GriefingOptions): Promise<GriefingReport> {
  const { world } = arena;
  const { disputes, isSlow, isSelf = false } = options;
  const { challengePeriod, answerWindow, stepWindow, disputeBond } = world.optimistic;
  const block = await arena.blockNumber();
  const batch = await arena.assertHonest(Array.from({ length: GRIEFED_CHUNKS }, () => honestChunk()));
  const siege = { arena, batch, griefers: isSelf ? [world.producer] : arena.cast.griefers };
  const tooLate = await dispute(siege, options);
  const costs = await Promise.all(
    siege.griefers.map(async (griefer) => arena.costOf(await griefer.getAddress(), block)),
  );
  const lastAnswer = batch.assertedAt + challengePeriod + answerWindow;
  if (isSlow) await world.l1.networkHelpers.time.increaseTo(lastAnswer - ANSWERING_SECONDS);
  await arena.defender.poll();
  const stepErrors = await tryHonestSteps(world, batch, siege.griefers[0]!);
  const finalAt = await untilFinal(siege);
  await arena.challenge();
  const lost = await lostBonds(siege, disputes);
  const honest = await arena.costOf(world.producer.address, block);
  return {
    disputes,
    delaySeconds: finalAt - batch.assertedAt,
    boundSeconds: challengePeriod + answerWindow + stepWindow,
    isFinal: Number.isFinite(finalAt) && !arena.accused.has(batch.assertionId),
    grieferBondWei: Number(lost) / disputes,
    grieferGas: Math.round(costs.reduce((sum, { gas }) => sum + gas, 0) / disputes),
    honestGas: Math.round((honest.gas - (await arena.assertionGas(batch))) / disputes),
    honestRewardWei: Number(disputeBond / 2n),
    stepErrors,
    tooLate,
  };
}
