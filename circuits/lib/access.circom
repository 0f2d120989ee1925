pragma circom 2.1.0;

include "leaf.circom";
include "merkle.circom";
include "shards.circom";

// One access to the state: reads the leaf at an index and replaces it.
//   assumes:    indexBits[], oldEmpty and newEmpty are bits; children[] as in MerklePath.
//   guarantees: the leaf at the index is (oldEmpty, oldKeyY, …) in the tree of shardsIn and (newEmpty, newKeyY, …)
//               in the tree of shardsOut, and nothing else differs between the two.
//   indexBits[]: 24 × 1 bit, least significant first; oldEmpty, newEmpty: 1 bit; packed: 64 bits; owner: 160 bits;
//   balance: 128 bits; the others: field elements. Constraints: 6,060 = 9·593 (path) + 2·298 (leaves)
//   + 127 (shards); the linear one of ShardUpdate goes.
template Access() {
    signal input indexBits[24];
    signal input shardsIn[64];
    signal input children[9][4];
    signal input oldEmpty;
    signal input oldKeyY;
    signal input oldOwner;
    signal input oldPacked;
    signal input oldBalance;
    signal input newEmpty;
    signal input newKeyY;
    signal input newOwner;
    signal input newPacked;
    signal input newBalance;
    signal output shardsOut[64];

    component oldLeaf = LeafNode();
    oldLeaf.empty <== oldEmpty;
    oldLeaf.keyY <== oldKeyY;
    oldLeaf.owner <== oldOwner;
    oldLeaf.packed <== oldPacked;
    oldLeaf.balance <== oldBalance;

    component newLeaf = LeafNode();
    newLeaf.empty <== newEmpty;
    newLeaf.keyY <== newKeyY;
    newLeaf.owner <== newOwner;
    newLeaf.packed <== newPacked;
    newLeaf.balance <== newBalance;

    // Bits 0 to 17 lead from the shard's root to the leaf, bits 18 to 23 name the shard.
    component path = MerklePath(9);
    for (var i = 0; i < 18; i++) {
        path.indexBits[i] <== indexBits[i];
    }
    path.oldLeaf <== oldLeaf.out;
    path.newLeaf <== newLeaf.out;
    path.children <== children;

    component update = ShardUpdate(6);
    for (var i = 0; i < 6; i++) {
        update.indexBits[i] <== indexBits[18 + i];
    }
    update.shardsIn <== shardsIn;
    update.oldRoot <== path.oldRoot;
    update.newRoot <== path.newRoot;
    shardsOut <== update.shardsOut;
}
