import assert from 'node:assert/strict';
import {
  answerDueBy,
  areDisputesRunning,
  type ChunkDisputeTimes,
  contestedChunks,
  disputedChunks,
  disputesOpenUntil,
  finalAfter,
  isChunkProven,
  stepDueBy,
  unprovenChunks,
} from '@quittance/protocol';

const TERMS = { challengePeriodSeconds: 600, answerWindowSeconds: 200, stepWindowSeconds: 100 };
const ASSERTED = { assertedAt: 1_000, chunkCount: 3, provenChunks: 0n, disputedChunks: 0n };
const NO_DISPUTES = (): undefined => undefined;

describe('protocol: the clocks of a waiting batch', () => {
  it('lists chunks by what happened to them, among 64 of them too', () => {
    const masks = { chunkCount: 4, provenChunks: 0b0101n, disputedChunks: 0b0011n };
    assert.deepEqual(unprovenChunks(masks), [1, 3]);
    assert.deepEqual(disputedChunks(masks), [0, 1]);
    assert.deepEqual(contestedChunks(masks), [1]);
    const full = { chunkCount: 64, provenChunks: 2n ** 64n - 1n, disputedChunks: 2n ** 63n };
    assert.deepEqual(unprovenChunks(full), []);
    assert.deepEqual(disputedChunks(full), [63]);
    assert.deepEqual(unprovenChunks({ ...full, provenChunks: 2n ** 63n - 1n }), [63]);
    assert.equal(isChunkProven({ provenChunks: 2n ** 63n }, 63), true);
    assert.equal(isChunkProven({ provenChunks: 2n ** 63n }, 62), false);
  });

  it('ends the time for disputes C after the assertion, and the time for an answer A after the first dispute', () => {
    assert.equal(disputesOpenUntil(TERMS, ASSERTED), 1_600);
    assert.equal(answerDueBy(TERMS, { firstDisputeAt: 1_050 }), 1_250);
  });

  it('loses a dispute S after the later of its opening and the answer, and never without an answer', () => {
    assert.equal(stepDueBy(TERMS, { answeredAt: 0 }, 1_050), undefined);
    assert.equal(stepDueBy(TERMS, { answeredAt: 1_060 }, 1_050), 1_160);
    assert.equal(stepDueBy(TERMS, { answeredAt: 1_060 }, 1_070), 1_170);
  });

  for (const [state, disputes, time, expected] of [
    ['before an answer', { answeredAt: 0, lastDisputeAt: 1_050 }, 9_999_999, true],
    ['in the last second after the answer', { answeredAt: 1_060, lastDisputeAt: 1_050 }, 1_160, true],
    ['one second later', { answeredAt: 1_060, lastDisputeAt: 1_050 }, 1_161, false],
    ['in the last second after a later dispute', { answeredAt: 1_060, lastDisputeAt: 1_070 }, 1_170, true],
    ['one second later than that', { answeredAt: 1_060, lastDisputeAt: 1_070 }, 1_171, false],
  ] as const) {
    it(`says ${expected ? 'that disputes run' : 'that no dispute runs'} ${state}`, () => {
      assert.equal(areDisputesRunning(TERMS, { firstDisputeAt: 1_050, ...disputes }, time), expected);
    });
  }

  describe('finality', () => {
    const answered: ChunkDisputeTimes = { firstDisputeAt: 1_500, lastDisputeAt: 1_550, answeredAt: 1_520 };
    const early: ChunkDisputeTimes = { firstDisputeAt: 1_001, lastDisputeAt: 1_001, answeredAt: 1_002 };
    const disputed = { ...ASSERTED, disputedChunks: 0b011n };
    const both = (first: ChunkDisputeTimes, second: ChunkDisputeTimes) => (chunk: number) => [first, second][chunk];

    it('comes after C when nothing is disputed', () => {
      assert.equal(finalAfter(TERMS, ASSERTED, NO_DISPUTES), 1_600);
    });

    it('comes at once when every chunk is proven, not when one is left', () => {
      assert.equal(finalAfter(TERMS, { ...ASSERTED, provenChunks: 0b111n }, NO_DISPUTES), 0);
      assert.equal(finalAfter(TERMS, { ...ASSERTED, provenChunks: 0b101n }, NO_DISPUTES), 1_600);
    });

    it('comes S after the last dispute or answer of any contested chunk, but never before C is over', () => {
      assert.equal(finalAfter(TERMS, disputed, both(answered, early)), 1_650);
      assert.equal(finalAfter(TERMS, disputed, both(early, answered)), 1_650);
      assert.equal(finalAfter(TERMS, disputed, both(early, early)), 1_600);
      assert.equal(finalAfter(TERMS, disputed, both(answered, { ...answered, answeredAt: 1_580 })), 1_680);
    });

    it('does not come while a contested chunk is unanswered or its disputes are unknown', () => {
      assert.equal(finalAfter(TERMS, disputed, both(answered, { ...answered, answeredAt: 0 })), undefined);
      assert.equal(finalAfter(TERMS, disputed, NO_DISPUTES), undefined);
    });

    it('does not wait for the disputes of a chunk that was proven', () => {
      assert.equal(finalAfter(TERMS, { ...disputed, provenChunks: 0b011n }, NO_DISPUTES), 1_600);
    });
  });
});
