import assert from 'node:assert/strict';
import {
  decodeVisible,
  encodeEntry,
  encodeRecord,
  encodeVisible,
  entriesOf,
  entryHashes,
  FIELD_MODULUS,
  NOOP,
  type RecordData,
  visibleCountOf,
  visibleHash,
  withWords,
} from '@quittance/protocol';
import { AbiCoder, concat, dataSlice, keccak256, solidityPacked } from 'ethers';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { recordData } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import {
  collectFee,
  deposit,
  forcedExit,
  move,
  transfer,
  transferToNew,
  withdraw,
} from '../../support/rollup/scene.ts';

const VISIBLE_KINDS = [2, 3, 4, 5, 7];

const record = (kind: number, words: readonly bigint[]): RecordData => ({
  fields: { kind, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 },
  words,
});

const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const flipped = bytes.slice();
  flipped[bit >> 3]! ^= 0x80 >> (bit & 7);
  return flipped;
};

describe('entry of a visible list', () => {
  it('is the record in 16 bytes and its three words', () => {
    const { fields, words } = move();
    const expected = solidityPacked(['uint128', 'uint256', 'uint256', 'uint256'], [encodeRecord(fields), ...words]);
    const entry = encodeEntry({ fields, words });
    assert.equal(entry.length, 112);
    assert.equal(`0x${Buffer.from(entry).toString('hex')}`, expected);
    assert.equal(dataSlice(expected, 0, 1), '0x07');
  });

  it('exists for kinds with words only, with three words below r', () => {
    for (const kind of VISIBLE_KINDS) encodeEntry(record(kind, [0n, 1n, FIELD_MODULUS - 1n]));
    for (const kind of [0, 1, 6, 8, 15]) assertCode(() => encodeEntry(record(kind, [0n, 1n, 2n])), 'WORD_COUNT');
    for (const words of [[], [1n, 2n], [1n, 2n, 3n, 4n]]) {
      assertCode(() => encodeEntry(record(3, words)), 'WORD_COUNT', String(words.length));
    }
    for (const position of [0, 1, 2]) {
      for (const word of [-1n, FIELD_MODULUS]) {
        assertCode(() => encodeEntry(record(3, [1n, 2n, 3n].with(position, word))), 'OUT_OF_RANGE');
      }
    }
  });
});

describe('visible list of a chunk', () => {
  const chunk = [deposit(), transfer(), forcedExit(), NOOP, withdraw(), collectFee(), transferToNew(), move()];
  const visible = encodeVisible(chunk);

  it('has the entries of its records with words, in slot order', () => {
    const listed = [deposit(), forcedExit(), withdraw(), transferToNew(), move()];
    assert.deepEqual(entriesOf(visible), listed.map(encodeEntry));
    assert.deepEqual(
      decodeVisible(visible),
      listed.map(({ fields, words }) => ({ fields, words })),
    );
    assert.equal(visibleCountOf(chunk), 5);
    assert.deepEqual(encodeVisible([NOOP, transfer()]), new Uint8Array());
  });

  it('hashes as keccak over the keccak of each entry, keccak of nothing when it is empty', () => {
    const hashes = entriesOf(visible).map((entry) => keccak256(entry));
    assert.deepEqual(entryHashes(visible), hashes);
    assert.equal(visibleHash(visible), keccak256(concat(hashes)));
    assert.equal(visibleHash(new Uint8Array()), keccak256('0x'));
    const types = hashes.map(() => 'bytes32');
    assert.equal(visibleHash(visible), keccak256(AbiCoder.defaultAbiCoder().encode(types, hashes)));
  });

  it('is refused for records whose words are not those of their kinds', () => {
    const { data } = assertCode(() => encodeVisible([NOOP, { ...transfer(), words: [1n] }]), 'WORD_COUNT');
    assert.deepEqual([data['slot'], data['expected'], data['actual']], [1, 0, 1]);
    assertCode(() => encodeVisible([{ ...withdraw(), words: [] }]), 'WORD_COUNT');
  });

  it('is refused when an entry is cut or has a byte too many', () => {
    for (const length of [1, 111, 113, visible.length - 1]) {
      assertCode(() => decodeVisible(visible.slice(0, length)), 'WRONG_LENGTH', String(length));
    }
    assertCode(() => decodeVisible(Uint8Array.from([...visible, 0])), 'WRONG_LENGTH');
    assertCode(() => visibleHash(visible.slice(1)), 'WRONG_LENGTH');
    decodeVisible(visible.slice(112));
  });

  it('is refused with one of the 4 bits above a record, another kind, or a word of r', () => {
    const entry = encodeEntry(withdraw());
    for (let bit = 0; bit < 4; bit += 1) assertCode(() => decodeVisible(flip(entry, bit)), 'OUT_OF_RANGE', String(bit));
    for (let kind = 0; kind < 16; kind += 1) {
      const changed = entry.with(0, kind);
      if (VISIBLE_KINDS.includes(kind)) assert.equal(decodeVisible(changed)[0]!.fields.kind, kind);
      else assertCode(() => decodeVisible(changed), 'RESERVED_KIND', String(kind));
    }
    const largest = encodeEntry(record(3, [FIELD_MODULUS - 1n, FIELD_MODULUS - 1n, FIELD_MODULUS - 1n]));
    decodeVisible(largest);
    for (const last of [47, 79, 111]) {
      assertCode(() => decodeVisible(largest.with(last, largest[last]! + 1)), 'OUT_OF_RANGE', String(last));
    }
  });

  const records = fc.array(recordData(), { maxLength: 12 });

  property('gives each record its words again', [records], (all) => {
    const list = decodeVisible(encodeVisible(all));
    assert.deepEqual(
      withWords(
        all.map(({ fields }) => fields),
        list,
      ),
      all,
    );
    assert.equal(list.length, visibleCountOf(all));
  });

  property(
    'reads as another list, or not at all, when any one bit flips',
    [fc.tuple(recordData(fc.constant(5)), recordData(fc.constant(7)))],
    (pair) => {
      const bytes = encodeVisible(pair);
      for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
        const flipped = flip(bytes, bit);
        assert.notEqual(visibleHash(flipped), visibleHash(bytes));
        let decoded: RecordData[];
        try {
          decoded = decodeVisible(flipped);
        } catch {
          continue; // refused
        }
        assert.notDeepEqual(decoded, pair, `bit ${bit}`);
        assert.deepEqual(encodeVisible(decoded), flipped, `bit ${bit}`);
      }
    },
    { runs: 2 },
  );
});

describe('records of a chunk with a list that is not theirs', () => {
  const [first, second, third] = [deposit(), withdraw(), move()].map(({ fields, words }) => ({ fields, words }));
  const chunk = [first!, NOOP, second!, third!];
  const lengths = (list: readonly RecordData[]) =>
    withWords(
      chunk.map(({ fields }) => fields),
      list,
    ).map(({ words }) => words.length);

  it('have no words from the entry on that is missing', () => {
    assert.deepEqual(lengths([first!, second!, third!]), [3, 0, 3, 3]);
    assert.deepEqual(lengths([first!, second!]), [3, 0, 3, 0]);
    assert.deepEqual(lengths([]), [0, 0, 0, 0]);
  });

  it('have no words where the entry’s record is another, and those of later entries all the same', () => {
    assert.deepEqual(lengths([first!, { ...third! }, third!]), [3, 0, 0, 3]);
    const other = { ...second!, fields: { ...second!.fields, feeFloat: second!.fields.feeFloat ^ 1 } };
    assert.deepEqual(lengths([first!, other, third!]), [3, 0, 0, 3]);
    assert.deepEqual(lengths([second!, third!]), [0, 0, 0, 0]);
  });

  it('have the words of the entry whatever they are, and none of an entry too many', () => {
    const words = [1n, 2n, 3n];
    const list = [{ ...first!, words }, second!, third!, first!];
    assert.deepEqual(
      withWords(
        chunk.map(({ fields }) => fields),
        list,
      )[0]!.words,
      words,
    );
    assert.deepEqual(lengths(list), [3, 0, 3, 3]);
  });
});
