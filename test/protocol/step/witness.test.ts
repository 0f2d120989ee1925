import assert from 'node:assert/strict';
import {
  createStepWitness,
  digitAt,
  encodeAuthorization,
  FIELD_MODULUS,
  hashLeaf,
  rootFromPath,
  stepCommitment,
  TREE_DEPTH,
} from '@quittance/protocol';
import { AbiCoder, keccak256 } from 'ethers';
import { createState, EMPTY_INDEX, INDEX, KEYS, transfer } from '../../support/rollup/scene.ts';
import { portableCrypto } from '../../support/rollup/world.ts';

const NOBODY = new Uint8Array();

describe('witness of a step', () => {
  const state = createState();

  it('has leaves and siblings that lead to the root, the leaf’s level first', () => {
    for (const index of [INDEX.alice, INDEX.bob, INDEX.carol, INDEX.dave, EMPTY_INDEX]) {
      const { from, to } = createStepWitness(state, { from: index, to: index }, NOBODY);
      assert.deepEqual(from, to);
      let node = hashLeaf(portableCrypto.hasher, from.account);
      const path = from.siblings.map((siblings, height) => {
        const children = siblings.toSpliced(digitAt(index, TREE_DEPTH - 1 - height), 0, node);
        node = portableCrypto.hasher.hash(children);
        return children;
      });
      assert.equal(node, state.root);
      const leaf = hashLeaf(portableCrypto.hasher, from.account);
      assert.equal(rootFromPath(portableCrypto.hasher, index, leaf, path.toReversed()), state.root);
    }
  });

  it('exists for an index beyond the tree', () => {
    const { from } = createStepWitness(state, { from: 4 ** 12, to: 2 ** 32 - 1 }, NOBODY);
    assert.equal(from.account, undefined);
    assert.equal(from.siblings.length, TREE_DEPTH);
  });

  it('has an x of the key and of R8, and 0 where there is none', () => {
    const { fields, authorization } = transfer();
    const bytes = encodeAuthorization(authorization!);
    const { keyX, r8X } = createStepWitness(state, fields, bytes);
    assert.ok([KEYS.alice.publicKey.x, FIELD_MODULUS - KEYS.alice.publicKey.x].includes(keyX));
    assert.ok([authorization!.r8.x, FIELD_MODULUS - authorization!.r8.x].includes(r8X));
    assert.deepEqual(
      [NOBODY, bytes].map((given) => createStepWitness(state, { from: EMPTY_INDEX, to: 0 }, given).keyX),
      [0n, 0n],
    );
  });
});

describe('step commitment', () => {
  it('is keccak of abi.encode of root, fees, fee tokens and visible records, on which a dispute on L1 hangs', () => {
    assert.equal(
      stepCommitment({ stateRoot: 1n, fees: [2n, 3n, 4n, 5n], visibleCount: 10 }, [6n, 7n, 8n, 9n]),
      keccak256(
        AbiCoder.defaultAbiCoder().encode(
          ['uint256', 'uint256[4]', 'uint256[4]', 'uint256'],
          [1n, [2n, 3n, 4n, 5n], [6n, 7n, 8n, 9n], 10],
        ),
      ),
    );
  });

  it('changes with every part', () => {
    const all = Array.from({ length: 10 }, (_, changed) => {
      const [stateRoot, ...rest] = Array.from({ length: 10 }, (__, position) => (position === changed ? 1n : 0n));
      const state = { stateRoot: stateRoot!, fees: rest.slice(0, 4), visibleCount: Number(rest[8]) };
      return stepCommitment(state, rest.slice(4, 8));
    });
    assert.equal(new Set(all).size, 10);
  });
});
