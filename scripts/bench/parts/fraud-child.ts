/** One job of `./dev bench fraud` in its own process, with an L1 of its own: node fraud-child.ts <job as JSON>. */

import { PROFILES } from '@quittance/protocol';
import { Arena } from '../../../test/support/adversary/arena.ts';
import type { DataPlace } from '../../../test/support/adversary/arena-data.ts';
import { GRIEFED_CHUNKS, grief } from '../../../test/support/adversary/griefing.ts';
import { LIE_KINDS } from '../../../test/support/adversary/lie-kinds.ts';
import { type LieOutcome, overturn } from '../../../test/support/adversary/match.ts';
import { REFUSALS, tryRefusal, trySkipping } from '../../../test/support/adversary/refusals.ts';
import { SEQUENCES } from '../../../test/support/adversary/sequences.ts';
import { playThousand } from '../../../test/support/adversary/thousand-match.ts';
import { type FraudJob, type FraudReport, LIES_PER_JOB, type RefusalOutcome } from './fraud-jobs.ts';

/** False disputes of one honest batch. */
const DISPUTES = 50;

const NOTHING: FraudReport = { lies: {}, refusals: {}, honestBatches: 0, honestHarmed: 0 };

type Match = readonly [name: string, play: (arena: Arena) => Promise<LieOutcome>];

/** An honest batch before each lie, and one at the end. */
async function playAll(matches: readonly Match[], place: DataPlace = 'calldata'): Promise<FraudReport> {
  const arena = await Arena.open({}, place);
  const lies: Record<string, LieOutcome> = {};
  for (const [name, play] of matches) {
    await arena.assertHonest();
    lies[name] = await play(arena);
  }
  await arena.assertHonest();
  const harmed = await arena.settleHonest();
  return { ...NOTHING, lies, honestBatches: arena.honest.length, honestHarmed: harmed.length };
}

async function refuseAll(): Promise<FraudReport> {
  const arena = await Arena.open();
  const refusals: Record<string, RefusalOutcome> = {};
  for (const refusal of REFUSALS) {
    refusals[refusal.name] = { expected: refusal.error, error: await tryRefusal(arena, refusal) };
  }
  const skipped = await trySkipping(arena);
  refusals['an operation that is overdue left out'] = { expected: 'OverdueOperationSkipped', error: skipped };
  return { ...NOTHING, refusals };
}

async function griefOne(isSlow: boolean): Promise<FraudReport> {
  const { slotsPerChunk } = PROFILES.standard;
  const arena = await Arena.open({ slotsPerChunk, maxChunks: GRIEFED_CHUNKS });
  const griefing = await grief(arena, { disputes: DISPUTES, isSlow });
  return { ...NOTHING, griefing, honestBatches: 1, honestHarmed: griefing.isFinal ? 0 : 1 };
}

async function run(job: FraudJob): Promise<FraudReport> {
  switch (job.part) {
    case 'lies': {
      const kinds = LIE_KINDS.slice(job.job * LIES_PER_JOB, (job.job + 1) * LIES_PER_JOB);
      const nameOf = (name: string) => (job.place === 'blobs' ? `${name}, in blobs` : name);
      return playAll(
        kinds.map((kind): Match => [nameOf(kind.name), (arena) => overturn(arena, kind)]),
        job.place,
      );
    }
    case 'sequences':
      return playAll(Object.entries(SEQUENCES));
    case 'refusals':
      return refuseAll();
    case 'griefing':
      return griefOne(job.isSlow);
    case 'thousand': {
      const { replay, lie } = await playThousand();
      return { ...NOTHING, replay, lies: { 'a forged transfer among 1,000': lie } };
    }
  }
}

process.send!(await run(JSON.parse(process.argv[2]!) as FraudJob), () => process.exit(0));
