import { strict as assert } from 'node:assert';
import {
  journalBehind,
  journalForeign,
  journalUnavailable,
  journalUnsuitable,
  notLeader,
} from '../../../storage/journal/errors.ts';
import { decodeSegment, encodeBody, type StoredSegment, segmentOf } from '../../../storage/journal/segment.ts';
import { type JournalRow, MAX_SEGMENT_BYTES, MAX_SEGMENT_ENTRIES } from '../../../storage/journal/types.ts';
import { EMPTY_CHAIN, nextChain } from '../../../storage/log-codec.ts';
import { assertCode } from '../../support/assertions.ts';
import { journalRows } from '../../support/journal/rows.ts';

const BASE = { sequence: 41, chain: Buffer.alloc(32, 7) };

describe('Journal: segments', () => {
  const segment = segmentOf(BASE, journalRows(42, 9), 3);
  const { rows, ...places } = segment;
  const stored: StoredSegment = { ...places, body: encodeBody(rows) };
  const damaged = (part: RegExp, changes: Partial<StoredSegment>) =>
    assert.match(assertCode(() => decodeSegment({ ...stored, ...changes }, BASE), 'JOURNAL_DAMAGED').message, part);

  it('are read as they were written, with the chain of the log', () => {
    assert.deepEqual(decodeSegment(stored, BASE), segment);
    assert.deepEqual([segment.first, segment.last, segment.epoch], [42, 50, 3]);
    assert.deepEqual(segment.chain, rows.reduce(nextChain, BASE.chain));
    const one = segmentOf({ sequence: 0, chain: EMPTY_CHAIN }, journalRows(1, 1), 1);
    assert.deepEqual([one.first, one.last], [1, 1]);
  });

  it('take 1 to 4,096 entries without a gap', () => {
    const first = BASE.sequence + 1;
    const tiny = (count: number): JournalRow[] =>
      Array.from({ length: count }, (_, index) => {
        return { sequence: first + index, type: 3, id: null, payload: Buffer.of(1), received_ms: 1 };
      });
    assert.equal(segmentOf(BASE, tiny(MAX_SEGMENT_ENTRIES), 1).last, BASE.sequence + MAX_SEGMENT_ENTRIES);
    for (const count of [0, MAX_SEGMENT_ENTRIES + 1]) {
      assertCode(() => segmentOf(BASE, tiny(count), 1), 'OUT_OF_RANGE', `${count} entries`);
    }
    assertCode(() => segmentOf(BASE, journalRows(first + 1, 2), 1), 'OUT_OF_RANGE');
    assertCode(() => segmentOf(BASE, [...tiny(2), ...tiny(1)], 1), 'OUT_OF_RANGE');
  });

  it('take 16 MiB and not a byte more', () => {
    const row = { sequence: 42, type: 3, id: null, received_ms: 1 };
    const most = MAX_SEGMENT_BYTES - encodeBody([{ ...row, payload: Buffer.alloc(0) }]).length;
    assert.equal(encodeBody(segmentOf(BASE, [{ ...row, payload: Buffer.alloc(most) }], 1).rows).length, 16 * 2 ** 20);
    assertCode(() => segmentOf(BASE, [{ ...row, payload: Buffer.alloc(most + 1) }], 1), 'OUT_OF_RANGE');
    damaged(/has 16777217 bytes/, { body: Buffer.alloc(MAX_SEGMENT_BYTES + 1, 1) });
  });

  it('are refused with any one bit flipped, and when cut at any place', () => {
    for (let position = 0; position < stored.body.length; position++) {
      const body = Buffer.from(stored.body);
      body[position]! ^= 1 << (position % 8);
      damaged(/segment of entries 42 to 50/, { body });
      damaged(/segment of entries 42 to 50/, { body: stored.body.subarray(0, position) });
    }
  });

  const withByte = (position: number, value: number): Buffer => {
    const body = Buffer.from(stored.body);
    body[position] = value;
    return body;
  };
  for (const [what, changes, part] of [
    ['follow another entry', { first: 43 }, /does not follow entry 41/],
    ['follow another chain', { previous: EMPTY_CHAIN }, /does not follow entry 41/],
    ['end at another entry', { last: 51 }, /holds 9 entries/],
    ['have another chain', { chain: EMPTY_CHAIN }, /not what its chain says/],
    ['have a later format', { body: withByte(0, 2) }, /version is 2, this program knows 1/],
    ['have no entry', { body: Buffer.of(1, 0, 0, 0, 0) }, /has 0 entries/],
    ['have too many entries', { body: Buffer.of(1, 0, 0, 0x10, 1) }, /has 4097 entries/],
    ['have an id of another length', { body: withByte(14, 31) }, /id of 31 bytes/],
    ['have an impossible time', { body: withByte(6, 255) }, /of the time \d{20}/],
    ['go on behind their end', { body: Buffer.concat([stored.body, Buffer.of(0)]) }, /1 bytes follow/],
    ['are empty', { body: Buffer.alloc(0) }, /has 0 bytes/],
  ] as const) {
    it(`are refused when they ${what}`, () => damaged(part, changes));
  }
});

describe('Journal: errors', () => {
  it('say what is wrong, with the values, and what to do', () => {
    for (const [code, error, part] of [
      ['NOT_LEADER', notLeader(3, 'epoch 3 has ended', 'paris'), /epoch 3 has ended; paris leads now/],
      ['JOURNAL_UNAVAILABLE', journalUnavailable('the server is down'), /the server is down/],
      ['JOURNAL_BEHIND', journalBehind('it ends at entry 4', 5, 4), /ends at entry 4/],
      ['JOURNAL_FOREIGN', journalForeign('chain', '1', '5'), /its chain is 5, not 1; name another database/],
      ['JOURNAL_UNSUITABLE', journalUnsuitable('fsync', 'off', 'on', 'turn it on'), /fsync is off, not on; turn it on/],
    ] as const) {
      assert.equal(error.code, code);
      assert.match(error.message, part);
    }
  });
});
