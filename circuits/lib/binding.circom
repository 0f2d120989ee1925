pragma circom 2.1.0;

include "poseidon.circom";

// Binds a record and its words to the commitment and to the Horner sums (docs/protocol.md, Chunk).
// Twin: packages/protocol/batch/chunk.ts nextSums
//   assumes:    hasWords is a bit; words[] are 0 if it is 0.
//   guarantees: commitmentOut = Poseidon(commitmentIn, record, words); sumAOut = sumAIn·challenge + record;
//               sumBOut = ((sumBIn·challenge + w0)·challenge + w1)·challenge + w2 if hasWords, else sumBIn.
//   hasWords: 1 bit; record: 124 bits; the others: field elements. Constraints: 326.
template Binding() {
    signal input hasWords;
    signal input record;
    signal input words[3];
    signal input challenge;
    signal input commitmentIn;
    signal input sumAIn;
    signal input sumBIn;
    signal output commitmentOut;
    signal output sumAOut;
    signal output sumBOut;

    component hash = PoseidonHash(5);
    hash.in[0] <== commitmentIn;
    hash.in[1] <== record;
    for (var i = 0; i < 3; i++) {
        hash.in[2 + i] <== words[i];
    }
    commitmentOut <== hash.out;

    sumAOut <== sumAIn * challenge + record;

    signal horner[3];
    horner[0] <== sumBIn * challenge;
    horner[1] <== (horner[0] + words[0]) * challenge;
    horner[2] <== (horner[1] + words[1]) * challenge;
    sumBOut <== sumBIn + hasWords * (horner[2] + words[2] - sumBIn);
}
