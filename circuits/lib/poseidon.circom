pragma circom 2.1.0;

include "circomlib/circuits/poseidon_constants.circom";

// x^5, Poseidon's S-box.
//   guarantees: out = in^5.
//   in, out: field elements. Constraints: 3.
template SBox() {
    signal input in;
    signal output out;

    signal square <== in * in;
    signal fourth <== square * square;
    out <== fourth * in;
}

// Partial rounds of Poseidon for widths 5 and 6 (4 and 5 inputs).
function POSEIDON_PARTIAL_ROUNDS() {
    return 60;
}

// Poseidon over BN254 with circomlib's constants, from behind the first layer of S-boxes. Two hashes that
// share inputs (the old and the new node of a Merkle level) share those S-boxes: that is why the layer stands outside.
//   assumes:    width is 5 or 6 (60 partial rounds); sbox[j] = (input[j] + POSEIDON_C(width)[j + 1])^5.
//   guarantees: out = Poseidon(input[0 .. width - 2]) as circomlib's poseidon.circom computes it (initial state 0).
//   sbox[], out: field elements. Constraints: 3·(7·width + 60) = 285 (width 5), 306 (width 6).
//
// circomlib's form of the partial rounds is kept (mixing by sparse matrices). The signals of a partial round are the
// input x of its S-box, x^2 and x^4; x^5 is no signal but a linear expression of the next round's x, so
// that the constraints stay sparse: only one side of one constraint per round is long.
template PoseidonRounds(width) {
    signal input sbox[width - 1];
    signal output out;

    assert(width == 5 || width == 6);
    var PARTIAL_ROUNDS = POSEIDON_PARTIAL_ROUNDS();
    var C[width * 8 + PARTIAL_ROUNDS] = POSEIDON_C(width);
    var S[PARTIAL_ROUNDS * (2 * width - 1)] = POSEIDON_S(width);
    var M[width][width] = POSEIDON_M(width);
    var P[width][width] = POSEIDON_P(width);

    var state[width];
    var mixed[width];
    state[0] = C[0] ** 5; // the capacity is 0, so its first S-box is a constant
    for (var j = 1; j < width; j++) {
        state[j] = sbox[j - 1];
    }

    // Full rounds 0 to 3; the S-boxes of round 0 are done.
    component fullBefore[3][width];
    for (var round = 0; round < 4; round++) {
        for (var j = 0; j < width; j++) {
            if (round > 0) {
                fullBefore[round - 1][j] = SBox();
                fullBefore[round - 1][j].in <== state[j];
            }
        }
        for (var j = 0; j < width; j++) {
            if (round > 0) {
                state[j] = fullBefore[round - 1][j].out;
            }
            state[j] += C[(round + 1) * width + j];
        }
        for (var i = 0; i < width; i++) {
            mixed[i] = 0;
            for (var j = 0; j < width; j++) {
                mixed[i] += (round < 3 ? M[j][i] : P[j][i]) * state[j];
            }
        }
        for (var i = 0; i < width; i++) {
            state[i] = mixed[i];
        }
    }

    // Partial rounds: only state[0] passes the S-box.
    signal x[PARTIAL_ROUNDS];
    signal square[PARTIAL_ROUNDS];
    signal fourth[PARTIAL_ROUNDS];
    var rest;
    var fifth;
    for (var round = 0; round < PARTIAL_ROUNDS; round++) {
        var base = (2 * width - 1) * round;
        var constant = C[5 * width + round];
        if (round == 0) {
            square[0] <== state[0] * state[0];
            fourth[0] <== square[0] * square[0];
        } else {
            square[round] <== x[round - 1] * x[round - 1];
            fourth[round] <== square[round] * square[round];
        }
        rest = S[base] * constant;
        for (var j = 1; j < width; j++) {
            rest += S[base + j] * state[j];
        }
        // x[round] = S[base]·(S-box input)^5 + rest; S[base] ≠ 0.
        if (round == 0) {
            x[0] <== S[base] * fourth[0] * state[0] + rest;
        } else {
            x[round] <== S[base] * fourth[round] * x[round - 1] + rest;
        }
        fifth = (x[round] - rest) * (1 / S[base]) + constant;
        for (var j = 1; j < width; j++) {
            state[j] += S[base + width + j - 1] * fifth;
        }
        state[0] = x[round];
    }

    // Full rounds 4 to 7; the last one mixes only element 0 and adds no constants.
    component fullAfter[4][width];
    for (var round = 0; round < 4; round++) {
        for (var j = 0; j < width; j++) {
            fullAfter[round][j] = SBox();
            fullAfter[round][j].in <== state[j];
        }
        for (var j = 0; j < width; j++) {
            state[j] = fullAfter[round][j].out;
            if (round < 3) {
                state[j] += C[5 * width + PARTIAL_ROUNDS + round * width + j];
            }
        }
        for (var i = 0; i < width; i++) {
            mixed[i] = 0;
            for (var j = 0; j < width; j++) {
                mixed[i] += M[j][i] * state[j];
            }
        }
        for (var i = 0; i < width; i++) {
            state[i] = mixed[i];
        }
    }
    out <== state[0];
}

// Poseidon of 4 or 5 field elements, equal to circomlib's.
// Twin: packages/protocol/hash.ts portableHasher
//   guarantees: out = Poseidon(in[0 .. inputs - 1]).
//   in[], out: field elements. Constraints: 297 (4 inputs), 321 (5 inputs).
template PoseidonHash(inputs) {
    signal input in[inputs];
    signal output out;

    var C[(inputs + 1) * 8 + POSEIDON_PARTIAL_ROUNDS()] = POSEIDON_C(inputs + 1);
    component first[inputs];
    component rounds = PoseidonRounds(inputs + 1);
    for (var j = 0; j < inputs; j++) {
        first[j] = SBox();
        first[j].in <== in[j] + C[j + 1];
        rounds.sbox[j] <== first[j].out;
    }
    out <== rounds.out;
}
