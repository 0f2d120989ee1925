pragma circom 2.1.0;

include "circomlib/circuits/bitify.circom";
include "float.circom";

// The kind of a record as flags.
//   guarantees: exactly one flag is 1, the others are 0, and kind is its position: RESERVED_KIND.
//   kind: 0 to 7; is[]: 1 bit each. Constraints: 10, 2 of them linear, which go where `kind` is private.
template Kind() {
    signal input kind;
    signal output is[8];

    var sum = 0;
    var position = 0;
    for (var i = 0; i < 8; i++) {
        is[i] <-- kind == i ? 1 : 0;
        is[i] * (is[i] - 1) === 0;
        sum += is[i];
        position += i * is[i];
    }
    sum === 1;
    position === kind;
}

// The fields of a record, its words, and all rules that need no state: RESERVED_KIND, NONZERO_FIELD, WORD_COUNT,
// INDEX_RANGE and WORD_RANGE (docs/protocol.md, Rules), but for kind 4's w2 < 2^128, which the slot checks.
// Twin: packages/protocol/records/codec.ts encodeRecord
//   guarantees: those rules; record = the 124 bits; signedRecord = record, with `to` = 0 in kind 2; absent words are 0;
//               for kinds 2 and 4, w1 = wordOwner + 2^160·wordToken.
//   is[]: 1 bit each; fromBits[], toBits[]: 24 × 1 bit; amount: 138 bits; fee: 114 bits; record, signedRecord: 124
//   bits; wordOwner: 160 bits, wordToken: 32 bits, both 0 unless the kind is 2 or 4; words[]: field elements.
//   Constraints: 327 = 8 (kind) + 48 (indices) + 45 + 21 (floats) + 193 (w1) + 12 (rules).
template Record() {
    signal input kind;
    signal input from;
    signal input to;
    signal input amountMantissa;
    signal input amountExponent;
    signal input feeMantissa;
    signal input feeExponent;
    signal input words[3];
    signal output is[8];
    signal output fromBits[24];
    signal output toBits[24];
    signal output amount;
    signal output fee;
    signal output record;
    signal output signedRecord;
    signal output wordOwner;
    signal output wordToken;

    component flags = Kind();
    flags.kind <== kind;
    is <== flags.is;

    // INDEX_RANGE: 24 bits, so the upper 8 of the record's 32 are 0.
    component fromIndex = Num2Bits(24);
    fromIndex.in <== from;
    fromBits <== fromIndex.out;
    component toIndex = Num2Bits(24);
    toIndex.in <== to;
    toBits <== toIndex.out;

    component amountFloat = DecimalFloat(35);
    amountFloat.mantissa <== amountMantissa;
    amountFloat.exponent <== amountExponent;
    amount <== amountFloat.value;
    component feeFloat = DecimalFloat(11);
    feeFloat.mantissa <== feeMantissa;
    feeFloat.exponent <== feeExponent;
    fee <== feeFloat.value;

    // NONZERO_FIELD. amount and fee share one product: amountAndFee < 2^56 is 0 only if both encodings are.
    var amountAndFee = amountFloat.encoding * 2 ** 16 + feeFloat.encoding;
    (is[0] + is[4] + is[6]) * from === 0;
    (is[0] + is[3] + is[5]) * to === 0;
    (is[0] + is[4] + is[5] + is[6]) * amountAndFee === 0;

    record <== kind * 2 ** 120 + from * 2 ** 88 + to * 2 ** 56 + amountAndFee;
    signedRecord <== record - is[2] * (to * 2 ** 56);

    // WORD_COUNT: kinds 0, 1 and 6 have no words. WORD_RANGE: w0 = 0 in kinds 3 and 5, w2 = 0 in kind 2.
    (1 - is[2] - is[4] - is[7]) * words[0] === 0;
    (is[0] + is[1] + is[6]) * words[1] === 0;
    (is[0] + is[1] + is[2] + is[6]) * words[2] === 0;

    // WORD_RANGE: w1 has 160 bits in kind 2, 160 + 32 in kind 4.
    signal splitWord <== (is[2] + is[4]) * words[1];
    component ownerBits = Num2Bits(160);
    component tokenBits = Num2Bits(32);
    wordOwner <-- splitWord & (2 ** 160 - 1); // constrained by the next three lines: splitWord < 2^192 has one split
    wordToken <-- splitWord >> 160;
    ownerBits.in <== wordOwner;
    tokenBits.in <== wordToken;
    splitWord === wordOwner + wordToken * 2 ** 160;
    is[2] * wordToken === 0;
}
