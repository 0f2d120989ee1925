pragma circom 2.1.0;

include "poseidon.circom";

// Binds a record and its words to the commitment, to the sum over the visible records, and to the sums of the group
// (docs/protocol.md, Chunk).
// Twin: packages/protocol/batch/chunk.ts nextVisibleSum
// Twin: prover/evaluation.ts accumulate
//   assumes:    hasWords is a bit; words[] are 0 if it is 0.
//   guarantees: commitmentOut = Poseidon(commitmentIn, record, words);
//               sumVOut = (((sumVIn·z + record)·z + w0)·z + w1)·z + w2 if hasWords, else sumVIn;
//               accumulatorOut[l] = accumulatorIn[l] + record·weight[l].
//   hasWords: 1 bit; record: 124 bits; weight[]: 87, 87 and 81 bits; accumulators: 215, 215 and 209 bits, by the bound of
//   16 blocks a group; the others: field elements. Constraints: 329.
template Binding() {
    signal input hasWords;
    signal input record;
    signal input words[3];
    signal input challenge;
    signal input weight[3];
    signal input commitmentIn;
    signal input sumVIn;
    signal input accumulatorIn[3];
    signal output commitmentOut;
    signal output sumVOut;
    signal output accumulatorOut[3];

    component hash = PoseidonHash(5);
    hash.in[0] <== commitmentIn;
    hash.in[1] <== record;
    for (var i = 0; i < 3; i++) {
        hash.in[2 + i] <== words[i];
    }
    commitmentOut <== hash.out;

    signal horner[4];
    horner[0] <== sumVIn * challenge;
    horner[1] <== (horner[0] + record) * challenge;
    horner[2] <== (horner[1] + words[0]) * challenge;
    horner[3] <== (horner[2] + words[1]) * challenge;
    sumVOut <== sumVIn + hasWords * (horner[3] + words[2] - sumVIn);

    for (var l = 0; l < 3; l++) {
        accumulatorOut[l] <== accumulatorIn[l] + record * weight[l];
    }
}
