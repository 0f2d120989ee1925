import { strict as assert } from 'node:assert';
import {
  type AssertionConstants,
  type AssertionStatus,
  type ChunkDisputesStatus,
  type DisputeStatus,
  MAX_FINALIZED_AT_ONCE,
} from '@quittance/chain';
import {
  ASSERTION_PHASES,
  ASSERTION_TABLE,
  DISPUTE_PHASES,
  DISPUTE_SIDES,
  DISPUTE_TABLE,
} from '../../watcher/dispute/bond-tables.ts';
import { CHUNK_PHASES, CHUNK_TABLE, type ChunkMove } from '../../watcher/dispute/chunk-table.ts';
import { MODE_MOVES, type Move, WATCH_MODES, type WatchMode } from '../../watcher/dispute/modes.ts';
import { assertionPhase, chunkPhase, disputePhase, isReady, type L1Time } from '../../watcher/dispute/phases.ts';
import { planTasks } from '../../watcher/dispute/plan.ts';
import type { AssertionCase, ChunkCase, Situation } from '../../watcher/dispute/situation.ts';
import { VERDICTS } from '../../watcher/replay/verdict.ts';

const HASH = `0x${'11'.repeat(32)}`;
const CONSTANTS: AssertionConstants = {
  address: `0x${'a5'.repeat(20)}`,
  challengePeriodSeconds: 100,
  answerWindowSeconds: 50,
  stepWindowSeconds: 30,
  assertionBond: 10n,
  disputeBond: 2n,
  maxPending: 4,
};
const STATUS: AssertionStatus = {
  headerHash: HASH,
  contentHash: HASH,
  asserter: `0x${'aa'.repeat(20)}`,
  assertedAt: 1_000,
  chunkCount: 2,
  number: 7,
  isRejected: false,
  isReleased: false,
  isPending: true,
  provenChunks: 0n,
  disputedChunks: 0n,
};
const DISPUTES: ChunkDisputesStatus = {
  answerHash: HASH,
  firstDisputeId: 1n,
  firstDisputeAt: 1_010,
  lastDisputeAt: 1_020,
  answeredAt: 0,
};
const at = (time: number): L1Time => ({ block: time, now: time });

const CHUNK: ChunkCase = {
  assertionId: 3n,
  headerHash: HASH,
  contentHash: HASH,
  number: 7,
  blockNumber: 1,
  chunk: 0,
  verdict: 'wrong',
  phase: 'open',
  isOwn: false,
  isDisputedByUs: false,
  deadline: undefined,
};
const EMPTY: Situation = { chunks: [], assertions: [], disputes: [], credit: 0n };
const movesOf = (mode: WatchMode, situation: Partial<Situation>): Move[] =>
  planTasks(mode, { ...EMPTY, ...situation }).map(({ move }) => move);

describe('Watcher: the tables of moves', () => {
  it('have a row for every verdict and a column for every phase, and no other', () => {
    for (const [table, rows, columns] of [
      [CHUNK_TABLE, VERDICTS, CHUNK_PHASES],
      [ASSERTION_TABLE, VERDICTS, ASSERTION_PHASES],
      [DISPUTE_TABLE, DISPUTE_SIDES, DISPUTE_PHASES],
    ] as const) {
      assert.deepEqual(Object.keys(table).sort(), [...rows].sort());
      for (const row of Object.values(table)) assert.deepEqual(Object.keys(row).sort(), [...columns].sort());
    }
  });

  it('say for each chunk what this list says', () => {
    const expected: Record<(typeof VERDICTS)[number], Partial<Record<(typeof CHUNK_PHASES)[number], ChunkMove>>> = {
      unverified: {},
      right: { awaiting: 'answer', expiring: 'answer', overdue: 'alarmUnanswered', answered: 'wait' },
      wrong: {
        open: 'dispute',
        behind: 'wait',
        expired: 'alarmUndisputed',
        awaiting: 'wait',
        expiring: 'reject',
        overdue: 'reject',
        answered: 'commit',
        committing: 'wait',
        committed: 'prove',
      },
    };
    for (const verdict of VERDICTS) {
      for (const phase of CHUNK_PHASES) {
        assert.equal(CHUNK_TABLE[verdict][phase], expected[verdict][phase] ?? 'none', `${verdict} ${phase}`);
      }
    }
  });

  it('stake and reject only what was found wrong, and answer and finalize only what was found right', () => {
    for (const verdict of VERDICTS) {
      const moves = new Set<string>([
        ...Object.values(CHUNK_TABLE[verdict]),
        ...Object.values(ASSERTION_TABLE[verdict]),
      ]);
      for (const move of ['dispute', 'reject', 'commit', 'prove'])
        assert.equal(moves.has(move), verdict === 'wrong', move);
      for (const move of ['answer', 'finalize']) assert.equal(moves.has(move), verdict === 'right', move);
    }
  });

  it('settle a dispute only when it is over, and not against oneself', () => {
    for (const side of DISPUTE_SIDES) {
      assert.deepEqual([DISPUTE_TABLE[side].running, DISPUTE_TABLE[side].settled], ['none', 'none']);
    }
    assert.equal(DISPUTE_TABLE.disputer.lost, 'none');
    assert.equal(DISPUTE_TABLE.disputer.refundable, 'settle');
    assert.equal(DISPUTE_TABLE.asserter.lost, 'settle');
  });
});

describe('Watcher: modes', () => {
  it('act as their names say, for every verdict and phase', () => {
    const possible: Record<WatchMode, ReadonlySet<string>> = {
      observe: new Set(),
      challenge: new Set(['dispute', 'reject', 'commit', 'prove']),
      defend: new Set(['answer']),
      answer: new Set(['answer']),
      resolve: new Set(['reject', 'commit', 'prove']),
    };
    for (const mode of [...WATCH_MODES, 'answer'] as const) {
      for (const verdict of VERDICTS) {
        for (const phase of CHUNK_PHASES) {
          const move = CHUNK_TABLE[verdict][phase];
          const expected = possible[mode].has(move) ? [move] : [];
          const chunks = [{ ...CHUNK, verdict, phase, isOwn: true }];
          assert.deepEqual(movesOf(mode, { chunks }), expected, `${mode} ${verdict} ${phase}`);
        }
      }
    }
  });

  it('stake bonds in mode challenge only', () => {
    for (const mode of WATCH_MODES) assert.equal(MODE_MOVES[mode].has('dispute'), mode === 'challenge');
  });

  it('do not dispute a chunk that the account disputed already, whatever its phase', () => {
    assert.deepEqual(movesOf('challenge', { chunks: [{ ...CHUNK, isDisputedByUs: true }] }), []);
  });

  it('answer for the account’s own batches only', () => {
    const chunk = { ...CHUNK, verdict: 'right', phase: 'awaiting' } as const;
    assert.deepEqual(movesOf('defend', { chunks: [chunk] }), []);
    assert.deepEqual(movesOf('defend', { chunks: [{ ...chunk, isOwn: true }] }), ['answer']);
  });

  it('finalize the ready batches up to the first that is not, or is not right', () => {
    const header = (number: number) => ({ number }) as AssertionCase['header'];
    const batch = (number: number, changes: Partial<AssertionCase> = {}): AssertionCase => ({
      assertionId: BigInt(number),
      header: header(number),
      headerHash: `0x${number}`,
      asserter: STATUS.asserter,
      verdict: 'right',
      phase: 'ready',
      isOwn: false,
      ...changes,
    });
    const numbersOf = (...assertions: AssertionCase[]) =>
      planTasks('resolve', { ...EMPTY, assertions }).flatMap((task) =>
        task.move === 'finalize' ? task.headers.map(({ number }) => number) : [],
      );
    assert.deepEqual(numbersOf(batch(4), batch(5), batch(6)), [4, 5, 6]);
    assert.deepEqual(numbersOf(batch(4), batch(5, { phase: 'running' }), batch(6)), [4]);
    assert.deepEqual(numbersOf(batch(4), batch(5, { verdict: 'wrong' }), batch(6)), [4]);
    assert.deepEqual(numbersOf(batch(4, { verdict: 'unverified' })), []);
    assert.deepEqual(numbersOf(batch(3, { phase: 'removed' }), batch(4)), [4]);
  });

  it('finalize no more batches at once than one call has gas for, however many are ready', () => {
    const assertions = Array.from({ length: 1_000 }, (_, position): AssertionCase => {
      const number = position + 4;
      return {
        assertionId: BigInt(number),
        header: { number } as AssertionCase['header'],
        headerHash: `0x${number}`,
        asserter: STATUS.asserter,
        verdict: 'right',
        phase: 'ready',
        isOwn: false,
      };
    });
    const [task, ...others] = planTasks('resolve', { ...EMPTY, assertions });
    assert.deepEqual(others, []);
    assert.equal(task?.move, 'finalize');
    if (task?.move !== 'finalize') return;
    assert.deepEqual(
      task.headers.map(({ number }) => number),
      assertions.slice(0, MAX_FINALIZED_AT_ONCE).map(({ header }) => header.number),
    );
  });

  it('prove and commit before anything else, and collect last', () => {
    const chunks = (['open', 'overdue', 'answered', 'committed'] as const).map((phase, chunk) => ({
      ...CHUNK,
      chunk,
      phase,
    }));
    const disputes = [{ disputeId: 1n, assertionId: 2n, chunk: 0, side: 'disputer', phase: 'refundable' }] as const;
    assert.deepEqual(movesOf('challenge', { chunks, disputes, credit: 1n }), [
      'prove',
      'commit',
      'dispute',
      'reject',
      'settle',
      'collect',
    ]);
  });

  it('release the bonds of the account’s own batches only', () => {
    const removed = {
      assertionId: 1n,
      header: { number: 1 },
      headerHash: HASH,
      asserter: '',
      verdict: 'unverified',
      phase: 'removed',
    } as const;
    const assertions = [{ ...removed, isOwn: false } as unknown as AssertionCase];
    assert.deepEqual(movesOf('defend', { assertions }), []);
    assert.deepEqual(movesOf('defend', { assertions: [{ ...assertions[0]!, isOwn: true }] }), ['release']);
    assert.deepEqual(movesOf('challenge', { assertions: [{ ...assertions[0]!, isOwn: true }] }), []);
  });
});

describe('Watcher: phases', () => {
  const disputed = { ...STATUS, disputedChunks: 0b01n };
  const phase = (
    time: L1Time,
    status = STATUS,
    disputes?: ChunkDisputesStatus,
    commitment: 'none' | 'committing' | 'committed' = 'none',
  ) => chunkPhase(CONSTANTS, status, 0, disputes, commitment, time);

  it('let a chunk be disputed up to the last second of the challenge period', () => {
    assert.deepEqual([phase(at(1_100)), phase(at(1_101))], ['open', 'expired']);
    assert.equal(phase({ block: 1_100, now: 5_000 }), 'open', 'L1 decides what is too late');
  });

  it('let an answer come up to the last second of the answer window', () => {
    assert.deepEqual(
      [phase(at(1_060), disputed, DISPUTES), phase(at(1_061), disputed, DISPUTES)],
      ['awaiting', 'overdue'],
    );
    assert.equal(phase({ block: 1_060, now: 1_061 }, disputed, DISPUTES), 'expiring');
  });

  it('know an answer, and where our commitment stands', () => {
    const answered = { ...DISPUTES, answeredAt: 1_030 };
    assert.equal(phase(at(9_000), disputed, answered), 'answered');
    assert.equal(phase(at(9_000), disputed, answered, 'committing'), 'committing');
    assert.equal(phase(at(9_000), disputed, answered, 'committed'), 'committed');
  });

  it('are over when the chunk is proven or the batch does not wait', () => {
    assert.equal(phase(at(1_050), { ...disputed, provenChunks: 0b01n }, DISPUTES), 'proven');
    assert.equal(phase(at(1_050), { ...disputed, isPending: false }, DISPUTES), 'closed');
  });

  it('make a batch ready when every chunk is proven, or all its clocks are over', () => {
    const none = new Map<number, ChunkDisputesStatus>();
    assert.equal(isReady(CONSTANTS, { ...STATUS, provenChunks: 0b11n }, none, at(1_001)), true);
    assert.equal(isReady(CONSTANTS, { ...STATUS, provenChunks: 0b01n }, none, at(1_100)), false);
    assert.equal(isReady(CONSTANTS, STATUS, none, at(1_101)), true);
    const ready = (changes: Partial<ChunkDisputesStatus>, time: number, status = disputed) =>
      isReady(CONSTANTS, status, new Map([[0, { ...DISPUTES, ...changes }]]), at(time));
    assert.equal(ready({}, 9_000), false, 'not answered');
    assert.deepEqual([ready({ answeredAt: 1_090 }, 1_120), ready({ answeredAt: 1_090 }, 1_121)], [false, true]);
    const late = { answeredAt: 1_030, lastDisputeAt: 1_095 };
    assert.deepEqual([ready(late, 1_125), ready(late, 1_126)], [false, true], 'the last dispute has its step window');
    assert.equal(ready({}, 9_000, { ...disputed, provenChunks: 0b01n }), true);
  });

  it('tell waiting, final, removed, rejected and released batches apart', () => {
    const gone = { ...STATUS, isPending: false };
    assert.equal(assertionPhase(STATUS, false, false), 'running');
    assert.equal(assertionPhase(STATUS, false, true), 'ready');
    assert.equal(assertionPhase(gone, true, false), 'final');
    assert.equal(assertionPhase(gone, false, false), 'removed');
    assert.equal(assertionPhase({ ...gone, isRejected: true }, false, false), 'rejected');
    assert.equal(assertionPhase({ ...gone, isReleased: true }, true, false), 'done');
  });

  it('tell running, refundable, lost and settled disputes apart', () => {
    const dispute: DisputeStatus = { assertionId: 1n, chunk: 0, disputer: '', openedAt: 1_020, isSettled: false };
    const answered = { ...DISPUTES, answeredAt: 1_030 };
    const of = (time: number, status: Partial<AssertionStatus>, disputes = answered, isFinal = false, changes = {}) =>
      disputePhase(CONSTANTS, { ...dispute, ...changes }, { ...disputed, ...status }, disputes, isFinal, at(time));
    assert.deepEqual([of(1_060, {}), of(1_061, {})], ['running', 'lost']);
    assert.equal(of(1_061, {}, answered, false, { openedAt: 1_040 }), 'running', 'each has its own step window');
    assert.equal(of(9_000, {}, DISPUTES), 'running', 'not answered');
    assert.equal(of(9_000, { provenChunks: 0b01n }), 'refundable');
    assert.equal(of(9_000, { isPending: false, isRejected: true }), 'refundable');
    assert.equal(of(9_000, { isPending: false }), 'refundable', 'removed');
    const final = (time: number, isReleased = true) => of(time, { isPending: false, isReleased }, answered, true);
    assert.deepEqual([final(1_060), final(1_061)], ['refundable', 'lost'], 'final before or after the step window');
    assert.equal(final(9_000, false), 'refundable', 'final by a proof');
    assert.equal(of(9_000, {}, answered, false, { isSettled: true }), 'settled');
  });
});
