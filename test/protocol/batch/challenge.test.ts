import assert from 'node:assert/strict';
import { batchChallenge, CHALLENGE_TAG, type ChallengeContent, formNumber, formOf } from '@quittance/protocol';
import { AbiCoder, keccak256, toUtf8Bytes } from 'ethers';
import { assertCode } from '../../support/assertions.ts';

const coder = AbiCoder.defaultAbiCoder();

const CONTENT: ChallengeContent = {
  chainId: 31_337n,
  contract: '0x5fbdb2315678afecb367f032d93f642f64180aa3',
  number: 7,
  form: 'coefficients',
  dataHashes: [keccak256('0x12')],
  visibleHashes: [keccak256('0x34'), keccak256('0x56')],
  commitments: [5n, 6n],
  roots: [7n, 8n, 9n],
};

describe('challenge of a batch', () => {
  it('has keccak of "rollup.challenge.v2" as its tag', () => {
    assert.equal(CHALLENGE_TAG, keccak256(toUtf8Bytes('rollup.challenge.v2')));
  });

  it('is keccak of abi.encode of its nine components, modulo 2^128', () => {
    const types = [
      'bytes32',
      'uint256',
      'address',
      'uint64',
      'uint8',
      'bytes32[]',
      'bytes32[]',
      'uint256[]',
      'uint256[]',
    ];
    for (const [number, form] of (['calldata', 'coefficients', 'evaluations'] as const).entries()) {
      const { chainId, contract, dataHashes, visibleHashes, commitments, roots } = CONTENT;
      const values = [CHALLENGE_TAG, chainId, contract, 7, number, dataHashes, visibleHashes, commitments, roots];
      assert.equal(batchChallenge({ ...CONTENT, form }), BigInt(keccak256(coder.encode(types, values))) % 2n ** 128n);
    }
  });

  it('changes with every component, every item of a list, and where a list ends', () => {
    const { dataHashes, visibleHashes, commitments, roots } = CONTENT;
    const challenges = [
      CONTENT,
      { ...CONTENT, chainId: 31_336n },
      { ...CONTENT, contract: '0x5fbdb2315678afecb367f032d93f642f64180aa2' },
      { ...CONTENT, number: 6 },
      { ...CONTENT, form: 'calldata' } as const,
      { ...CONTENT, form: 'evaluations' } as const,
      { ...CONTENT, dataHashes: [keccak256('0x13')] },
      { ...CONTENT, dataHashes: [...dataHashes, ...dataHashes] },
      { ...CONTENT, dataHashes: visibleHashes, visibleHashes: dataHashes },
      { ...CONTENT, visibleHashes: visibleHashes.toReversed() },
      { ...CONTENT, visibleHashes: visibleHashes.slice(1) },
      ...commitments.map((value, index) => ({ ...CONTENT, commitments: commitments.with(index, value + 1n) })),
      ...roots.map((value, index) => ({ ...CONTENT, roots: roots.with(index, value + 3n) })),
      { ...CONTENT, commitments: roots, roots: commitments },
    ].map(batchChallenge);
    assert.equal(new Set(challenges).size, challenges.length);
  });

  it('is for the address of a contract only', () => {
    for (const contract of ['', '0x12', 'rollup.eth']) {
      assertCode(() => batchChallenge({ ...CONTENT, contract }), 'INVALID_ADDRESS', contract);
    }
  });
});

describe('forms of data', () => {
  it('have the numbers 0 to 2, and no other number is one', () => {
    assert.deepEqual([0, 1, 2].map(formOf), ['calldata', 'coefficients', 'evaluations']);
    assert.deepEqual([0, 1, 2].map(formOf).map(formNumber), [0, 1, 2]);
    for (const number of [-1, 3, 0.5, Number.NaN]) assertCode(() => formOf(number), 'OUT_OF_RANGE', String(number));
  });
});
