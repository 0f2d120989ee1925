pragma circom 2.1.0;

include "circomlib/circuits/bitify.circom";

// Context tile: unpacks the public input `context` of a chunk (docs/protocol.md, Chunk).
// Twin: packages/protocol/batch/chunk.ts packContext
//   guarantees: context = Σ feeTokens[j]·2^(33·j) + batchTime·2^132 with the widths below. 172 bits < r, so the
//               reading is unique.
//   context: 172 bits; batchTime: 40 bits; feeTokens[]: 33 bits each. Constraints: 173 = 172 bits and their sum.
//   Not guaranteed: that feeTokens ascend. L1 checks it (contracts/base/BatchRules.sol).
template Context() {
    signal input context;
    signal output batchTime;
    signal output feeTokens[4];

    component bits = Num2Bits(172);
    bits.in <== context;
    for (var j = 0; j < 4; j++) {
        var token = 0;
        for (var i = 0; i < 33; i++) {
            token += bits.out[33 * j + i] * 2 ** i;
        }
        feeTokens[j] <== token;
    }
    var time = 0;
    for (var i = 0; i < 40; i++) {
        time += bits.out[132 + i] * 2 ** i;
    }
    batchTime <== time;
}

component main {public [context]} = Context();
