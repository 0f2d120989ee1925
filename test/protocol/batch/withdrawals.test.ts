import assert from 'node:assert/strict';
import { siblingsBehind, type Withdrawal, withdrawalLeaf, withdrawalProof, withdrawalsRoot } from '@quittance/protocol';
import { AbiCoder, concat, keccak256, ZeroHash } from 'ethers';
import { assertCode } from '../../support/assertions.ts';

const withdrawalsOf = (count: number): Withdrawal[] =>
  Array.from({ length: count }, (_, index) => ({
    ownerAndToken: BigInt(index) + 2n ** 160n,
    amount: 10n + BigInt(index),
  }));

const naiveLeaf = ({ ownerAndToken, amount }: Withdrawal) =>
  keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(['uint256', 'uint256'], [ownerAndToken, amount])));

/** Root by the definition: 2^⌈log2(count)⌉ places, missing nodes of any level are 32 zero bytes. */
function naiveRoot(leaves: readonly string[]): string {
  if (leaves.length === 0) return ZeroHash;
  if (leaves.length === 1) return leaves[0]!;
  const above = leaves.flatMap((leaf, index) =>
    index % 2 === 1 ? [] : [keccak256(concat([leaf, leaves[index + 1] ?? ZeroHash]))],
  );
  return naiveRoot(above);
}

/** What a verifier does with a proof. */
const climb = (leaf: string, index: number, siblings: readonly string[]) =>
  siblings.reduce(
    (node, sibling, depth) => keccak256((index >> depth) & 1 ? concat([sibling, node]) : concat([node, sibling])),
    leaf,
  );

describe('withdrawals tree', () => {
  it('hashes leaves twice, so that no node passes for a leaf', () => {
    const [withdrawal] = withdrawalsOf(1) as [Withdrawal];
    assert.equal(withdrawalLeaf(withdrawal), naiveLeaf(withdrawal));
  });

  it('has destination and key in the leaf of a move, so that none passes for a withdrawal', () => {
    const [withdrawal] = withdrawalsOf(1) as [Withdrawal];
    const words = ['uint256', 'uint256', 'uint256', 'uint256'];
    const values = [withdrawal.ownerAndToken, withdrawal.amount, 5, 6n];
    const move = { destination: 5, keyY: 6n };
    const leaf = keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(words, values)));
    assert.equal(withdrawalLeaf({ ...withdrawal, move }), leaf);
    const leaves = [
      withdrawal,
      { ...withdrawal, move },
      { ...withdrawal, move: { ...move, destination: 4 } },
      { ...withdrawal, move: { ...move, keyY: 7n } },
      { ...withdrawal, move: { destination: 6, keyY: 5n } },
      { ...withdrawal, move: { destination: 0, keyY: 0n } },
      { ...withdrawal, ownerAndToken: withdrawal.ownerAndToken ^ 1n, move },
      { ...withdrawal, amount: withdrawal.amount ^ 1n, move },
    ].map(withdrawalLeaf);
    assert.equal(new Set(leaves).size, leaves.length);
    const mixed = [withdrawal, { ...withdrawal, move }];
    assert.equal(climb(leaf, 1, withdrawalProof(mixed, 1)), withdrawalsRoot(mixed));
  });

  for (let count = 0; count <= 9; count += 1) {
    it(`of ${count} withdrawals agrees with the definition, and each proof leads to its root`, () => {
      const withdrawals = withdrawalsOf(count);
      const root = withdrawalsRoot(withdrawals);
      assert.equal(root, naiveRoot(withdrawals.map(naiveLeaf)));
      for (const [index, withdrawal] of withdrawals.entries()) {
        const proof = withdrawalProof(withdrawals, index);
        assert.equal(proof.length, Math.ceil(Math.log2(count)));
        assert.equal(climb(naiveLeaf(withdrawal), index, proof), root);
        for (const other of withdrawals.keys()) {
          if (other !== index) assert.notEqual(climb(naiveLeaf(withdrawal), other, proof), root);
        }
        assert.notEqual(climb(naiveLeaf({ ...withdrawal, amount: withdrawal.amount + 1n }), index, proof), root);
      }
      for (const index of [-1, count, count + 1, 0.5, Number.NaN]) {
        assertCode(() => withdrawalProof(withdrawals, index), 'OUT_OF_RANGE', String(index));
      }
    });
  }

  it('shares of two proofs all but the siblings below where their paths meet', () => {
    const withdrawals = withdrawalsOf(9);
    for (const [previous, index, expected] of [
      [4, 5, 0],
      [5, 6, 1],
      [7, 4, 1],
      [3, 4, 2],
      [7, 8, 3],
      [8, 0, 3],
    ] as const) {
      const [before, proof] = [withdrawalProof(withdrawals, previous), withdrawalProof(withdrawals, index)];
      const own = siblingsBehind(previous, index, proof);
      assert.deepEqual(own, proof.slice(0, expected));
      assert.deepEqual(proof.slice(expected + 1), before.slice(expected + 1));
      assert.equal(climb(naiveLeaf(withdrawals[index]!), index, own), before[expected]);
    }
  });

  it('changes its root with order, owner, token and amount', () => {
    const [first, second] = withdrawalsOf(2) as [Withdrawal, Withdrawal];
    const roots = [
      [first, second],
      [second, first],
      [{ ...first, ownerAndToken: first.ownerAndToken ^ 1n }, second],
      [{ ...first, ownerAndToken: first.ownerAndToken ^ (1n << 160n) }, second],
      [{ ...first, amount: first.amount ^ 1n }, second],
      [first],
    ].map(withdrawalsRoot);
    assert.equal(new Set(roots).size, roots.length);
  });
});
