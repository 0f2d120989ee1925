import assert from 'node:assert/strict';
import {
  encodeAbi,
  encodeWord,
  encodeWords,
  FIELD_MODULUS,
  keccak,
  keccakText,
  keccakToField,
} from '@quittance/protocol';
import { AbiCoder, getBytes, hexlify, keccak256, toUtf8Bytes } from 'ethers';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { bits } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';

const coder = AbiCoder.defaultAbiCoder();

describe('abi encoding', () => {
  it('encodes words as ethers does', () => {
    const address = `0x${'aB'.repeat(20)}`.toLowerCase();
    const bytes32 = keccak256('0x01');
    assert.equal(
      hexlify(encodeWords([0, 1n, 2n ** 256n - 1n, address, bytes32, 2 ** 53 - 1])),
      coder.encode(
        ['uint256', 'uint64', 'uint256', 'address', 'bytes32', 'uint256'],
        [0, 1n, 2n ** 256n - 1n, address, bytes32, 2 ** 53 - 1],
      ),
    );
  });

  property(
    'encodes arrays as ethers does, empty ones included',
    [fc.array(fc.array(bits(256), { maxLength: 10 }), { minLength: 1, maxLength: 5 })],
    (arrays) => {
      const types = arrays.map(() => 'uint256[]');
      assert.equal(hexlify(encodeAbi(arrays)), coder.encode(types, arrays));
    },
  );

  property(
    'encodes words between arrays, and arrays of rows, as ethers does',
    [bits(256), fc.array(bits(256), { maxLength: 4 }), fc.array(fc.tuple(bits(256), bits(256)), { maxLength: 4 })],
    (word, array, rows) => {
      const types = ['uint256', 'uint256[]', 'uint256', 'uint256[2][]', 'uint256[]'];
      const values = [word, array, 7, rows, []];
      assert.equal(hexlify(encodeAbi(values)), coder.encode(types, values));
    },
  );

  it('refuses what is no unsigned 256-bit integer', () => {
    for (const value of [-1n, 2n ** 256n, -1, 0.5, Number.NaN, 2 ** 53]) {
      assertCode(() => encodeWord(value), 'OUT_OF_RANGE', String(value));
    }
    for (const value of ['', '0x', '12', '0xg1', `0x${'0'.repeat(65)}`, '0x-1', ' 0x1']) {
      assertCode(() => encodeWord(value), 'INVALID_HEX', value);
    }
  });

  it('hashes as ethers does', () => {
    const data = Uint8Array.from({ length: 200 }, (_, index) => index);
    assert.equal(keccak(data), keccak256(data));
    assert.equal(keccak(new Uint8Array(0)), keccak256('0x'));
    assert.equal(keccakText('rollup ✓'), keccak256(toUtf8Bytes('rollup ✓')));
    assert.equal(keccakToField(data), BigInt(keccak256(data)) % FIELD_MODULUS);
    assert.equal(keccak(getBytes('0x00')), keccak256('0x00'));
  });
});
