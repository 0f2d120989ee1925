import assert from 'node:assert/strict';
import { putBehind } from '../../watcher/dispute/behind.ts';
import { CHUNK_PHASES, type ChunkPhase } from '../../watcher/dispute/chunk-table.ts';
import type { ChunkCase } from '../../watcher/dispute/situation.ts';
import type { Verdict } from '../../watcher/replay/verdict.ts';

const CONSTANTS = { challengePeriodSeconds: 100 };
const HASH = `0x${'11'.repeat(32)}`;

const lie = (chunk: number, phase: ChunkPhase = 'open', verdict: Verdict = 'wrong', deadline = 1_100): ChunkCase => ({
  assertionId: 1n,
  headerHash: HASH,
  contentHash: HASH,
  number: 2,
  blockNumber: 1,
  chunk,
  verdict,
  phase,
  isOwn: false,
  isDisputedByUs: false,
  deadline: phase === 'open' ? deadline : undefined,
});
const phasesAt = (now: number, ...chunks: ChunkCase[]) =>
  putBehind(chunks, CONSTANTS, { now }).map(({ phase }) => phase);

describe('Watcher: lies behind another', () => {
  it('wait for the first, which does not', () => {
    assert.deepEqual(phasesAt(1_000, lie(0), lie(1), lie(2)), ['open', 'behind', 'behind']);
  });

  it('wait while the first is disputed, answered or being proven, and not when it is over', () => {
    const held: ChunkPhase[] = ['open', 'awaiting', 'expiring', 'overdue', 'answered', 'committing', 'committed'];
    for (const phase of CHUNK_PHASES) {
      const [, second] = phasesAt(1_000, lie(0, phase), lie(1));
      assert.equal(second, held.includes(phase) ? 'behind' : 'open', phase);
    }
  });

  it('wait for no longer than until half of their own challenge period is over', () => {
    assert.deepEqual(phasesAt(1_049, lie(0), lie(1)), ['open', 'behind']);
    assert.deepEqual(phasesAt(1_050, lie(0), lie(1)), ['open', 'open']);
    assert.deepEqual(phasesAt(1_050, lie(0), lie(1), lie(2, 'open', 'wrong', 1_101)), ['open', 'open', 'behind']);
  });

  it('do not wait for right chunks, and right chunks do not wait', () => {
    assert.deepEqual(phasesAt(1_000, lie(0, 'awaiting', 'right'), lie(1)), ['awaiting', 'open']);
    assert.deepEqual(phasesAt(1_000, lie(0), lie(1, 'open', 'unverified')), ['open', 'open']);
  });
});
