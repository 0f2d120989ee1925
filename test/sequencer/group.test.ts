import { strict as assert } from 'node:assert';
import { type Effects, packOperation, RollupError } from '@quittance/protocol';
import { type Judges, judgeGroup } from '../../sequencer/mempool/group.ts';
import { unlessLost } from '../../sequencer/mempool/job.ts';
import type { Known } from '../../sequencer/mempool/known.ts';
import type { Identified } from '../../sequencer/mempool/verify.ts';
import { transfer } from '../support/rollup/scene.ts';

const OPERATION = transfer();
const LOGGED: Known = { acknowledgement: { id: 9n, sequence: 4, status: 'sealed' }, reference: undefined };
const full = new RollupError('MEMPOOL_FULL', 'full', { expected: 1, actual: 1 });
const gap = new RollupError('NONCE_GAP', 'gap', { expected: 1, actual: 2 });

const EFFECTS: Effects = { changes: [], fees: [0n, 0n, 0n, 0n] };
const PACKED = packOperation(OPERATION);
const account = { keyY: 1n, owner: 2n, tokenId: 0, nonce: 0, balance: 0n };

const identified = (id: bigint, nonce = Number(id)): Identified => ({
  id,
  candidate: { operation: OPERATION, packed: PACKED, nonce, sender: account, receiver: account, reference: undefined },
});

/** Judges a group; `room` transfers fit, id 9 is in the log, those with nonce 5 have a gap. */
function judge(ids: readonly bigint[], room = 100) {
  const appended: number[] = [];
  const judges: Judges = {
    known: (id) => (id === 9n ? LOGGED : undefined),
    requireRoom: () => {
      if (appended.length >= room) throw full;
    },
    judge: ({ operation, packed, nonce }) => {
      if (nonce === 5) throw gap;
      return { operation, packed, effects: EFFECTS };
    },
    append: ({ sequence }, effects) => {
      assert.equal(effects, EFFECTS);
      appended.push(sequence);
    },
  };
  const verdicts = judgeGroup(
    ids.map((id) => identified(id)),
    10,
    1_000,
    judges,
  );
  return { verdicts, kinds: verdicts.map(({ kind }) => kind).join(' '), appended };
}

describe('Sequencer: the judgment of a group', () => {
  for (const [title, ids, room, kinds, appended] of [
    ['accepts nothing of nothing', [], 9, '', []],
    ['accepts in order, without gaps in the log', [1n, 2n, 3n], 9, 'accepted accepted accepted', [10, 11, 12]],
    ['gives the place of a refused one to the next', [1n, 5n, 2n], 9, 'accepted refused accepted', [10, 11]],
    ['acknowledges what is in the log without logging it again', [9n, 1n], 9, 'known accepted', [10]],
    ['takes a repetition for the one before it', [1n, 1n, 2n, 1n], 9, 'accepted repeated accepted repeated', [10, 11]],
    ['judges a repetition of a refused one anew', [5n, 5n], 9, 'refused refused', []],
    ['accepts up to its room and refuses the next', [1n, 2n, 3n], 2, 'accepted accepted refused', [10, 11]],
    ['acknowledges what it knows without room, too', [9n, 1n], 0, 'known refused', []],
  ] as const) {
    it(title, () => {
      const judged = judge(ids, room);
      assert.equal(judged.kinds, kinds);
      assert.deepEqual(judged.appended, appended);
    });
  }

  it('keeps the error of each refusal, and the entry of each acceptance', () => {
    assert.deepEqual(judge([5n]).verdicts, [{ kind: 'refused', error: gap }]);
    assert.deepEqual(judge([1n], 0).verdicts, [{ kind: 'refused', error: full }]);
    const entry = { type: 'transfer', id: 1n, operation: OPERATION, packed: PACKED, nonce: 1 };
    assert.deepEqual(judge([1n]).verdicts, [{ kind: 'accepted', open: { sequence: 10, receivedMs: 1_000, entry } }]);
  });

  it('keeps of a list as bytes what it accepts, and not the list', () => {
    const list = Buffer.alloc(100_000);
    list.set(PACKED, 64);
    const packed = list.subarray(64, 64 + PACKED.length);
    const judges: Judges = {
      known: () => undefined,
      requireRoom: () => undefined,
      judge: ({ operation }) => ({ operation, packed, effects: EFFECTS }),
      append: () => undefined,
    };
    const [verdict] = judgeGroup([identified(1n)], 1, 1_000, judges);
    assert.ok(verdict?.kind === 'accepted');
    const kept = verdict.open.entry.packed;
    assert.deepEqual(Uint8Array.from(kept), PACKED);
    assert.equal(kept.buffer.byteLength, PACKED.length);
  });

  it('refuses with a commit that failed all but what was in the log before: refusals may rest on what it lost, too', () => {
    const { verdicts } = judge([1n, 1n, 5n, 9n]);
    const failure = new RollupError('DATABASE_DAMAGED', 'the disk is full');
    assert.deepEqual(
      verdicts.map((verdict) => unlessLost(verdict, undefined)),
      verdicts,
    );
    assert.deepEqual(
      verdicts.map((verdict) => unlessLost(verdict, failure)),
      [
        { kind: 'refused', error: failure, isOurs: true },
        { kind: 'refused', error: failure, isOurs: true },
        { kind: 'refused', error: failure, isOurs: true },
        { kind: 'known', known: LOGGED },
      ],
    );
  });
});
