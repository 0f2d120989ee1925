pragma circom 2.1.0;

include "poseidon.circom";
include "circomlib/circuits/bitify.circom";

// Hash of a leaf: 0 for an empty one.
// Twin: packages/protocol/tree/leaf.ts hashLeaf
//   assumes:    empty is a bit.
//   guarantees: out = empty ? 0 : Poseidon(keyY, owner, packed, balance).
//   empty: 1 bit; packed = tokenId + 2^32·nonce: 64 bits; owner: 160 bits, balance: 128 bits (widths hold in the
//   state, they are not checked here); keyY, out: field elements. Constraints: 298.
template LeafNode() {
    signal input empty;
    signal input keyY;
    signal input owner;
    signal input packed;
    signal input balance;
    signal output out;

    component hash = PoseidonHash(4);
    hash.in[0] <== keyY;
    hash.in[1] <== owner;
    hash.in[2] <== packed;
    hash.in[3] <== balance;
    out <== (1 - empty) * hash.out;
}

// Token and nonce of a leaf that is read, in the form in which the leaf is hashed.
//   guarantees: tokenId and nonce < 2^32, so that packed = tokenId + 2^32·nonce has no second reading.
//   tokenId, nonce: 32 bits; packed: 64 bits. Constraints: 65 (64 and the linear
//   `packed`, which goes where it is used).
template LeafPacking() {
    signal input tokenId;
    signal input nonce;
    signal output packed;

    component tokenIdBits = Num2Bits(32);
    tokenIdBits.in <== tokenId;
    component nonceBits = Num2Bits(32);
    nonceBits.in <== nonce;
    packed <== tokenId + nonce * 2 ** 32;
}
