pragma circom 2.1.0;

include "circomlib/circuits/bitify.circom";
include "limbs.circom";

// The next power of z modulo q: previous·z = q·quotient + power, as integers.
//   assumes:    previous[] has 87, 87 and 81 bits, challenge[] 87 and 41, least significant limb first.
//   guarantees: power[] has 87, 87 and 81 bits, and as an integer it is previous·z modulo q. It need not be below q.
//   power[], quotient[]: chosen by the witness; quotient: 87 and 41 bits.
//   Constraints: 564 = 255 (power) + 128 (quotient) + 88 + 89 (carries) + 1 (modulo r) + 3 (products of limbs).
//
// Sound. Let D = previous·z − q·quotient − power, with what limbs stand for. D lies between 0 − 2^255·2^128 − 2^255 and
// 2^255·2^128, so |D| < 2^384. The first row says that r divides D, the two carries that 2^174 does; r is odd, so
// r·2^174 > 2^427 divides D, and D = 0.
//   carry 0: level 0 = p0·z0 − q0·k0 − w0 with all factors below 2^87: |level 0| < 2^174. For a carry of 88 bits around
//            0, |level 0 − 2^87·carry| < 2^174 + 2^174 < r: the row modulo r is an equation of integers. The true carry
//            is within ±2^87.
//   carry 1: level 1 = p0·z1 + p1·z0 − q0·k1 − q1·k0 − w1 + carry 0; |level 1| < 2^174 + 2^128 + 2^88, so its carry is
//            within ±2^88, and |level 1 − 2^87·carry| < 2^176 < r.
template NextPower() {
    signal input previous[3];
    signal input challenge[2];
    signal input power[3];
    signal input quotient[2];

    var widths[3] = [87, 87, 81];
    component powerBits[3];
    for (var i = 0; i < 3; i++) {
        powerBits[i] = Num2Bits(widths[i]);
        powerBits[i].in <== power[i];
    }
    component quotientBits[2];
    for (var i = 0; i < 2; i++) {
        quotientBits[i] = Num2Bits(i == 0 ? 87 : 41);
        quotientBits[i].in <== quotient[i];
    }

    var q[3] = BLOB_MODULUS();
    var factor = FROM_LIMBS(q);

    // Modulo r.
    (previous[0] + previous[1] * 2 ** 87 + previous[2] * 2 ** 174) * (challenge[0] + challenge[1] * 2 ** 87) ===
        factor * (quotient[0] + quotient[1] * 2 ** 87) + power[0] + power[1] * 2 ** 87 + power[2] * 2 ** 174;

    // Modulo 2^174: each level is 2^87 times its carry.
    signal low <== previous[0] * challenge[0];
    signal cross[2];
    cross[0] <== previous[0] * challenge[1];
    cross[1] <== previous[1] * challenge[0];
    var inverse = 1 / 2 ** 87;
    var carry = (low - q[0] * quotient[0] - power[0]) * inverse;
    component carryBits[2];
    carryBits[0] = Num2Bits(88);
    carryBits[0].in <== carry + 2 ** 87;
    carry = (cross[0] + cross[1] - q[0] * quotient[1] - q[1] * quotient[0] - power[1] + carry) * inverse;
    carryBits[1] = Num2Bits(89);
    carryBits[1].in <== carry + 2 ** 88;
}

// The weights of the blocks of a group: powers of z modulo q (docs/protocol.md, Slot interface and tiling).
// Twin: packages/protocol/batch/polynomial.ts chunkEvaluation
// Twin: prover/evaluation.ts challengePowers
//   guarantees: z < 2^128; weights[3·i + l] is limb l of z^i modulo q for i = 0 … 15, step[l] that of z^16. Limbs have
//               87, 87 and 81 bits. As integers they are congruent to the powers modulo q; they need not be below q.
//   challenge: 128 bits; powers[i][], quotients[i][]: z^(i+2) and its quotient, chosen by the witness, see NextPower.
//   Constraints: 8,593 = 15·564 (powers) + 128 (z) + 5 (outputs: 4 constants, and a limb of z).
template Weights() {
    signal input challenge;
    signal input powers[15][3];
    signal input quotients[15][2];
    signal output weights[48];
    signal output step[3];

    component challengeBits = Num2Bits(128);
    challengeBits.in <== challenge;
    var low = 0;
    var high = 0;
    for (var i = 0; i < 87; i++) {
        low += challengeBits.out[i] * 2 ** i;
    }
    for (var i = 87; i < 128; i++) {
        high += challengeBits.out[i] * 2 ** (i - 87);
    }

    // z^0 and z^1 < 2^128 < q.
    weights[0] <== 1;
    weights[1] <== 0;
    weights[2] <== 0;
    weights[3] <== low;
    weights[4] <== high;
    weights[5] <== 0;

    component next[15];
    for (var i = 0; i < 15; i++) {
        next[i] = NextPower();
        for (var l = 0; l < 3; l++) {
            next[i].previous[l] <== weights[3 * (i + 1) + l];
            next[i].power[l] <== powers[i][l];
            if (i < 14) {
                weights[3 * (i + 2) + l] <== powers[i][l];
            } else {
                step[l] <== powers[i][l];
            }
        }
        next[i].challenge[0] <== weights[3];
        next[i].challenge[1] <== weights[4];
        next[i].quotient <== quotients[i];
    }
}
