pragma circom 2.1.0;

include "poseidon.circom";

// One level of a 4-ary Merkle path, for the tree before and after a change of one child.
//   assumes:    low and high are bits; the child's position is low + 2·high.
//   guarantees: children[position] = oldChild; oldNode = Poseidon(children); newNode = Poseidon(children with
//               newChild at the position).
//   low, high: 1 bit; the others: field elements. Constraints: 593 = 3 (read) + 1 + 12 + 3 + 4 (write) + 2·285.
//
// The children that do not change have the same first S-box in both hashes: only newChild's is computed anew, and
// what is put in its place is the S-box's output, not its input.
template MerkleLevel() {
    signal input low;
    signal input high;
    signal input children[4];
    signal input oldChild;
    signal input newChild;
    signal output oldNode;
    signal output newNode;

    // Read: a tree of three multiplexers.
    signal lowerPair <== children[0] + low * (children[1] - children[0]);
    signal upperPair <== children[2] + low * (children[3] - children[2]);
    oldChild === lowerPair + high * (upperPair - lowerPair);

    // One-hot selector of the position.
    signal both <== low * high;
    var selector[4];
    selector[0] = 1 - low - high + both;
    selector[1] = low - both;
    selector[2] = high - both;
    selector[3] = both;

    // First layer of S-boxes; newChild takes the constant of its position.
    var C[5 * 8 + POSEIDON_PARTIAL_ROUNDS()] = POSEIDON_C(5);
    var constant = 0;
    component childSBox[4];
    for (var j = 0; j < 4; j++) {
        childSBox[j] = SBox();
        childSBox[j].in <== children[j] + C[j + 1];
        constant += selector[j] * C[j + 1];
    }
    component newSBox = SBox();
    newSBox.in <== newChild + constant;

    component oldRounds = PoseidonRounds(5);
    component newRounds = PoseidonRounds(5);
    for (var j = 0; j < 4; j++) {
        oldRounds.sbox[j] <== childSBox[j].out;
        newRounds.sbox[j] <== childSBox[j].out + selector[j] * (newSBox.out - childSBox[j].out);
    }
    oldNode <== oldRounds.out;
    newNode <== newRounds.out;
}

// The path from a leaf to the root of its shard, before and after a change of the leaf.
//   assumes:    indexBits[] are bits, least significant first.
//   guarantees: oldRoot and newRoot are roots of two trees of `levels` levels that differ at most in the leaf whose
//               index is indexBits, which is oldLeaf in the first and newLeaf in the second.
//   children[level][]: children of the node on the path before the change, from the root (level 0) down.
//   indexBits[]: 1 bit; the others: field elements. Constraints: 593·levels, 5,337 for the 9 of a shard.
template MerklePath(levels) {
    signal input indexBits[2 * levels];
    signal input oldLeaf;
    signal input newLeaf;
    signal input children[levels][4];
    signal output oldRoot;
    signal output newRoot;

    component level[levels];
    for (var i = levels - 1; i >= 0; i--) {
        level[i] = MerkleLevel();
        level[i].low <== indexBits[2 * (levels - 1 - i)];
        level[i].high <== indexBits[2 * (levels - 1 - i) + 1];
        level[i].children <== children[i];
        level[i].oldChild <== i == levels - 1 ? oldLeaf : level[i + 1].oldNode;
        level[i].newChild <== i == levels - 1 ? newLeaf : level[i + 1].newNode;
    }
    oldRoot <== level[0].oldNode;
    newRoot <== level[0].newNode;
}

// Root of a full 4-ary tree.
// Twin: packages/protocol/tree/merkle-tree.ts MerkleTree
//   guarantees: root = the node `levels` levels above nodes[].
//   nodes[], root: field elements. Constraints: 297·(4^levels − 1)/3, 6,237 for the 3 above the shards.
template MerkleRoot(levels) {
    signal input nodes[4 ** levels];
    signal output root;

    // Nodes of all levels above the given ones, level by level, the root last.
    var count = (4 ** levels - 1) / 3;
    component node[count];
    for (var i = 0; i < count; i++) {
        node[i] = PoseidonHash(4);
        for (var j = 0; j < 4; j++) {
            var source = 4 * i + j;
            if (source < 4 ** levels) {
                node[i].in[j] <== nodes[source];
            } else {
                node[i].in[j] <== node[source - 4 ** levels].out;
            }
        }
    }
    root <== node[count - 1].out;
}
