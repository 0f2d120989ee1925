pragma circom 2.1.0;

include "lib/merkle.circom";

// Root tile: the state root over the 64 shards (docs/protocol.md, Slot interface and tiling).
// Twin: packages/protocol/tree/merkle-tree.ts MerkleTree
//   guarantees: root = the node three levels above shards[].
//   shards[], root: field elements. Constraints: 6,237 = 21·297.
template Root() {
    signal input shards[64];
    signal output root;

    component tree = MerkleRoot(3);
    tree.nodes <== shards;
    root <== tree.root;
}

component main {public [shards]} = Root();
