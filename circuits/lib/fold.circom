pragma circom 2.1.0;

include "circomlib/circuits/bitify.circom";
include "limbs.circom";

// Takes a group of blocks into y: yIn·z^16 + Σ a_j·z^(weight of block j) modulo q (docs/protocol.md, Slot interface and
// tiling).
// Twin: packages/protocol/batch/polynomial.ts chunkEvaluation
// Twin: prover/evaluation.ts foldGroups
//   assumes:    yIn[] and step[] have 87, 87 and 81 bits; even[l] = E_l and odd[l] = O_l are sums of at most 16 products
//               of a record (124 bits) and limb l of a weight (87, 87 and 81 bits).
//   guarantees: yOut[] has 87, 87 and 81 bits, and as integers yIn·step + 2^124·E + O = q·quotient + yOut with
//               E = Σ E_l·2^(87·l), O likewise. So yOut is the left side modulo q; it need not be below q.
//               yOut = yLow + 2^128·yHigh with yLow < 2^128, yHigh < 2^127.
//   even[], odd[]: 215, 215 and 209 bits; reduced[], quotient[]: yOut and the quotient, chosen by the witness; quotient:
//   87, 87 and 83 bits. Constraints: 981 = 255 (yOut) + 257 (quotient) + 129 + 166 + 166 (carries) + 1 (modulo r) +
//   6 (products of limbs) + 1 (an output).
//
// Sound. Let T be the left side less the right one, with what limbs stand for. A weight is below 2^255, so E and O are
// below 16·2^124·2^255 = 2^383. T < 2^255·2^255 + 2^124·2^383 + 2^383 < 2^511 and −T < q·2^257 + 2^255 < 2^512 (with
// q < 2^254.9): |T| < 2^512. The first row says that r divides T, the three carries that 2^261 does; r is odd, so
// r·2^261 > 2^514 divides T, and T = 0.
// Since 2^124 = 2^87·2^37, E_l counts 2^37-fold on level l + 1 (E_2 only from 2^261 on). Each row is an equation modulo
// r; it is one of integers because level − 2^87·carry is within ±r, with r > 1.5·2^253:
//   carry 0: level 0 = y0·s0 + O_0 − q0·k0 − w0 is between −2^174 and 2^174 + 2^215, so its carry is in
//            [−2^87, 2^129 − 2^87). Any such carry: |level 0 − 2^87·carry| < 2^217.
//   carry 1: level 1 = y0·s1 + y1·s0 + 2^37·E_0 + O_1 − q0·k1 − q1·k0 − w1 + carry 0 is between −2^176 and
//            2^252 + 2^216, so its carry is in [−2^89, 2^166 − 2^89). Any such carry: level 1 − 2^87·carry is between
//            −2^253 − 2^176 and 2^252 + 2^217.
//   carry 2: level 2 = y0·s2 + y1·s1 + y2·s0 + 2^37·E_1 + O_2 − q0·k2 − q1·k1 − q2·k0 − w2 + carry 1, which has the
//            same bounds.
// test/circuits/limbs.test.ts computes all of these bounds.
template Fold() {
    signal input yIn[3];
    signal input step[3];
    signal input even[3];
    signal input odd[3];
    signal input reduced[3];
    signal input quotient[3];
    signal output yOut[3];
    signal output yLow;
    signal output yHigh;

    var widths[3] = [87, 87, 81];
    component reducedBits[3];
    component quotientBits[3];
    for (var i = 0; i < 3; i++) {
        reducedBits[i] = Num2Bits(widths[i]);
        reducedBits[i].in <== reduced[i];
        quotientBits[i] = Num2Bits(i == 2 ? 83 : 87);
        quotientBits[i].in <== quotient[i];
    }

    var q[3] = BLOB_MODULUS();
    var factor = FROM_LIMBS(q);

    // Modulo r.
    var sum = 0;
    for (var i = 0; i < 3; i++) {
        sum += (factor * quotient[i] + reduced[i] - even[i] * 2 ** 124 - odd[i]) * 2 ** (87 * i);
    }
    (yIn[0] + yIn[1] * 2 ** 87 + yIn[2] * 2 ** 174) * (step[0] + step[1] * 2 ** 87 + step[2] * 2 ** 174) === sum;

    // Modulo 2^261: each level is 2^87 times its carry. Level n has the products of limbs i and n − i.
    signal product[3][3];
    component carryBits[3];
    var inverse = 1 / 2 ** 87;
    var carry = 0;
    for (var n = 0; n < 3; n++) {
        var level = odd[n] - reduced[n] + carry;
        if (n > 0) {
            level += even[n - 1] * 2 ** 37;
        }
        for (var i = 0; i <= n; i++) {
            product[i][n - i] <== yIn[i] * step[n - i];
            level += product[i][n - i] - q[i] * quotient[n - i];
        }
        carry = level * inverse;
        carryBits[n] = Num2Bits(n == 0 ? 129 : 166);
        carryBits[n].in <== carry + 2 ** (n == 0 ? 87 : 89);
    }

    yOut <== reduced;
    var middleLow = 0;
    var middleHigh = 0;
    for (var i = 0; i < 41; i++) {
        middleLow += reducedBits[1].out[i] * 2 ** i;
    }
    for (var i = 41; i < 87; i++) {
        middleHigh += reducedBits[1].out[i] * 2 ** (i - 41);
    }
    yLow <== reduced[0] + middleLow * 2 ** 87;
    yHigh <== middleHigh + reduced[2] * 2 ** 46;
}
