import assert from 'node:assert/strict';
import {
  digitAt,
  emptyNodes,
  FIELD_MODULUS,
  MerkleTree,
  portableHasher,
  rootFromPath,
  SHARD_COUNT,
  shardOf,
  TREE_CAPACITY,
  TREE_DEPTH,
} from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { loadOracle, type Oracle } from '../../support/crypto/oracle.ts';
import { fieldElement } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';

/** Root by recursion over the definition, on circomlibjs: no shared code with the tree. */
function naiveRoot({ hash }: Oracle, leaves: ReadonlyMap<number, bigint>): bigint {
  const empty = Array<bigint>(13).fill(0n);
  for (let level = 11; level >= 0; level -= 1) empty[level] = hash(Array<bigint>(4).fill(empty[level + 1]!));
  const node = (level: number, first: number): bigint => {
    const size = 4 ** (12 - level);
    if (![...leaves.keys()].some((index) => index >= first && index < first + size)) return empty[level]!;
    if (level === 12) return leaves.get(first)!;
    return hash([0, 1, 2, 3].map((child) => node(level + 1, first + child * (size / 4))));
  };
  return node(0, 0);
}

const EDGES = [0, 1, 3, 4, 2 ** 18 - 1, 2 ** 18, TREE_CAPACITY - 1];

function filledTree(): { tree: MerkleTree; leaves: Map<number, bigint> } {
  const leaves = new Map(EDGES.map((index, position) => [index, BigInt(position + 1)]));
  const tree = new MerkleTree(portableHasher);
  tree.setLeaves(leaves);
  return { tree, leaves };
}

describe('Merkle tree', () => {
  it('starts with the root of the empty tree, which a naive recomputation gives too', async () => {
    const oracle = await loadOracle();
    const tree = new MerkleTree(portableHasher);
    assert.equal(tree.root, naiveRoot(oracle, new Map()));
    assert.equal(tree.root, emptyNodes(portableHasher)[0]);
    assert.equal(emptyNodes(portableHasher)[TREE_DEPTH], 0n);
  });

  property(
    'agrees with a naive recomputation at the edges and at any other index',
    [fc.array(fc.tuple(fc.nat({ max: TREE_CAPACITY - 1 }), fieldElement()), { maxLength: 2 })],
    async (writes) => {
      const oracle = await loadOracle();
      const { tree, leaves } = filledTree();
      assert.equal(tree.root, naiveRoot(oracle, leaves));
      for (const [index, leaf] of writes) {
        leaves.set(index, leaf);
        tree.setLeaf(index, leaf);
        assert.equal(tree.root, naiveRoot(oracle, leaves));
      }
    },
    { runs: 6 },
  );

  it('does not depend on the order of writes, one by one or many at once', () => {
    const { tree, leaves } = filledTree();
    const forwards = new MerkleTree(portableHasher);
    const backwards = new MerkleTree(portableHasher);
    for (const [index, leaf] of leaves) forwards.setLeaf(index, leaf);
    for (const [index, leaf] of [...leaves].reverse()) backwards.setLeaf(index, leaf);
    assert.equal(forwards.root, tree.root);
    assert.equal(backwards.root, tree.root);
  });

  it('returns to the empty root when every leaf is emptied', () => {
    const { tree, leaves } = filledTree();
    for (const index of leaves.keys()) tree.setLeaf(index, 0n);
    assert.equal(tree.root, new MerkleTree(portableHasher).root);
  });

  it('keeps the last value written twice in one call', () => {
    const tree = new MerkleTree(portableHasher);
    tree.setLeaves([
      [5, 1n],
      [5, 2n],
    ]);
    const other = new MerkleTree(portableHasher);
    other.setLeaf(5, 2n);
    assert.equal(tree.root, other.root);
  });

  it('writes many in steps of a few hashes to the same nodes', () => {
    const { tree, leaves } = filledTree();
    const stepwise = new MerkleTree(portableHasher);
    const steps = [...stepwise.setLeavesInSteps(leaves, 2)].length;
    assert.ok(steps > TREE_DEPTH, `${steps} steps`);
    assert.equal(stepwise.root, tree.root);
    assert.deepEqual(stepwise.shards(), tree.shards());
  });

  it('has forks that do not change it until it takes them over', () => {
    const { tree, leaves } = filledTree();
    const { root } = tree;
    const fork = tree.fork();
    assert.equal(fork.root, root);
    fork.setLeaf(7, 70n);
    fork.setLeaves([
      [8, 80n],
      [0, 0n],
    ]);
    const expected = new MerkleTree(portableHasher);
    expected.setLeaves([...leaves, [7, 70n], [8, 80n], [0, 0n]]);
    assert.equal(fork.root, expected.root);
    assert.equal(tree.root, root);
    tree.merge(fork);
    assert.equal(tree.root, expected.root);
    for (const index of [0, 1, 7, 2 ** 18]) assert.deepEqual(tree.path(index), expected.path(index));
  });

  it('distinguishes neighboring indices', () => {
    const roots = [0, 1, 4, 16, 2 ** 18].map((index) => {
      const tree = new MerkleTree(portableHasher);
      tree.setLeaf(index, 1n);
      return tree.root;
    });
    assert.equal(new Set(roots).size, roots.length);
  });

  it('refuses indices and leaves out of range and stays as it was', () => {
    const { tree } = filledTree();
    const { root } = tree;
    for (const index of [-1, TREE_CAPACITY, 0.5, Number.NaN]) {
      assertCode(() => tree.setLeaf(index, 1n), 'OUT_OF_RANGE');
      assertCode(() => tree.path(index), 'OUT_OF_RANGE');
      assertCode(
        () =>
          tree.setLeaves([
            [9, 9n],
            [index, 1n],
          ]),
        'OUT_OF_RANGE',
      );
    }
    assertCode(() => tree.setLeaf(0, FIELD_MODULUS), 'OUT_OF_RANGE');
    assertCode(
      () =>
        tree.setLeaves([
          [9, 9n],
          [0, -1n],
        ]),
      'OUT_OF_RANGE',
    );
    assert.equal(tree.root, root);
    assert.equal(tree.node(TREE_DEPTH, 9), 0n);
  });

  it('lists the 64 shards, from which the root follows', () => {
    const { tree } = filledTree();
    let nodes = tree.shards();
    assert.equal(nodes.length, SHARD_COUNT);
    for (; nodes.length > 1; ) {
      nodes = Array.from({ length: nodes.length / 4 }, (_, position) =>
        portableHasher.hash(nodes.slice(4 * position, 4 * position + 4)),
      );
    }
    assert.equal(nodes[0], tree.root);
  });

  it('puts an index into shard i >> 18, and its most significant digit at the root', () => {
    assert.deepEqual([0, 2 ** 18 - 1, 2 ** 18, TREE_CAPACITY - 1].map(shardOf), [0, 0, 1, 63]);
    const index = 0b11_10_01_00_11_10_01_00_11_10_01_00;
    assert.deepEqual(
      Array.from({ length: TREE_DEPTH }, (_, level) => digitAt(index, level)),
      [3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0],
    );
    const empty = new MerkleTree(portableHasher).shards();
    const tree = new MerkleTree(portableHasher);
    tree.setLeaf(2 ** 18 * 37 + 5, 1n);
    const changed = tree.shards().flatMap((shard, position) => (shard === empty[position] ? [] : [position]));
    assert.deepEqual(changed, [37]);
  });
});

describe('Merkle paths', () => {
  it('lead from each leaf to the root, empty leaves included', () => {
    const { tree, leaves } = filledTree();
    for (const index of [...EDGES, 2, 77, TREE_CAPACITY - 2]) {
      const path = tree.path(index);
      assert.equal(path.length, TREE_DEPTH);
      assert.equal(rootFromPath(portableHasher, index, leaves.get(index) ?? 0n, path), tree.root, String(index));
    }
  });

  it('from the shard are the lower nine levels of the whole path', () => {
    const { tree } = filledTree();
    for (const index of EDGES) assert.deepEqual(tree.path(index, 3), tree.path(index).slice(3));
  });

  it('prove nothing for another leaf, another index or with any node changed', () => {
    const { tree, leaves } = filledTree();
    const index = 2 ** 18;
    const leaf = leaves.get(index)!;
    const path = tree.path(index);
    assert.equal(rootFromPath(portableHasher, index, leaf + 1n, path), undefined);
    assert.equal(rootFromPath(portableHasher, index, 0n, path), undefined);
    for (const other of [index - 1, index + 1, 0, index ^ 4, TREE_CAPACITY - 1]) {
      assert.notEqual(rootFromPath(portableHasher, other, leaf, path), tree.root, String(other));
    }
    for (let level = 0; level < TREE_DEPTH; level += 1) {
      for (let child = 0; child < 4; child += 1) {
        const broken = path.map((children) => [...children]);
        broken[level]![child]! ^= 1n;
        assert.notEqual(rootFromPath(portableHasher, index, leaf, broken), tree.root, `${level}/${child}`);
      }
    }
  });

  it('are refused when malformed: too short, too long, three or five children, index or nodes out of range', () => {
    const { tree, leaves } = filledTree();
    const leaf = leaves.get(0)!;
    const path = tree.path(0);
    const refuse = (index: number, broken: readonly (readonly bigint[])[]) =>
      assert.equal(rootFromPath(portableHasher, index, leaf, broken), undefined);
    refuse(0, path.slice(1));
    refuse(0, [...path, path[11]!]);
    refuse(
      0,
      path.map((children) => children.slice(0, 3)),
    );
    refuse(
      0,
      path.map((children) => [...children, 0n]),
    );
    for (const index of [-1, TREE_CAPACITY, 0.5, Number.NaN]) refuse(index, path);
    // A node that equals the right one modulo r.
    const aliased = path.map((children) => [...children]);
    aliased[11]![1]! += FIELD_MODULUS;
    refuse(0, aliased);
    aliased[11]![1] = -1n;
    refuse(0, aliased);
  });
});
