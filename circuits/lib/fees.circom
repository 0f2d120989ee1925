pragma circom 2.1.0;

// Fee sums of the chunk: a signed record's fee goes in, a collectFee takes out.
//   assumes:    collect is a bit; fee = 0 if collect is 1; token < 2^32; fee tokens below 2^32 are distinct (L1
//               checks that they ascend; the filler 2^32 may repeat and matches no token).
//   guarantees: NOT_FEE_TOKEN: if fee ≠ 0 or collect, some feeTokens[j] = token; then feesOut[j] = feesIn[j] + fee,
//               or 0 with collected = feesIn[j] if collect. All else stays, and collected is 0 otherwise.
//   collect: 1 bit; token: 32 bits; fee: 114 bits; feesIn[], feesOut[], collected: 124 bits, by the bound of 1,004
//   slots a chunk; feeTokens[]: 33 bits. Constraints: 14 (13 and the linear `collected`, which goes where it is used).
//
// match[j] is 0 unless feeTokens[j] = token, so that one match[j] alone can differ from 0; where that matters (fee ≠ 0
// or collect), the sum being 1 makes it 1. Where it does not, the change is match[j]·0.
template FeeSums() {
    signal input collect;
    signal input token;
    signal input fee;
    signal input feeTokens[4];
    signal input feesIn[4];
    signal output feesOut[4];
    signal output collected;

    signal match[4];
    signal taken[4];
    var matches = 0;
    var change = 0;
    for (var j = 0; j < 4; j++) {
        match[j] <-- feeTokens[j] == token ? 1 : 0;
        match[j] * (feeTokens[j] - token) === 0;
        taken[j] <== collect * feesIn[j];
        feesOut[j] <== feesIn[j] + match[j] * (fee - taken[j]);
        matches += match[j];
        change += feesOut[j] - feesIn[j];
    }
    (fee + collect) * (1 - matches) === 0;
    // change = Σ match[j]·(fee − taken[j]) = fee − collected: Σ match[j]·fee = fee, since fee = 0 or matches = 1.
    collected <== fee - change;
}
