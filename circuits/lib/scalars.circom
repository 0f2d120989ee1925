pragma circom 2.1.0;

// l, the order of BabyJubJub's prime subgroup (2^250 < l < 2^251).
function SUBGROUP_ORDER() {
    return 2736030358979909402780800718157159386076813972158567259200215660948447373041;
}

// S as 250 bits and a top bit of weight l − 2^250.
//   guarantees: S = Σ bits[i]·2^i + topBit·(l − 2^250) with bits, hence 0 ≤ S < l: the largest sum is l − 1.
//               Every S < l has such a form (some have two): [0, 2^250) and [l − 2^250, l) overlap.
//   in: field element; bits[], topBit: 1 bit. Constraints: 252 (251 and a linear one, which goes where S is private).
// No comparison with l is needed, and the sum is below r, so it does not wrap. Two forms of one S do no harm: what is
// computed from the bits depends on their sum alone.
template SubgroupScalar() {
    signal input in;
    signal output bits[250];
    signal output topBit;

    var weight = SUBGROUP_ORDER() - 2 ** 250;
    topBit <-- in >= 2 ** 250 ? 1 : 0;
    topBit * (topBit - 1) === 0;
    var rest = in - topBit * weight;
    var sum = topBit * weight;
    for (var i = 0; i < 250; i++) {
        bits[i] <-- (rest >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * 2 ** i;
    }
    sum === in;
}

// A hash h modulo l: h = multiple·l + Σ bits[i]·2^i + topBit·(l − 2^250).
//   guarantees: the equation holds for the integer 0 ≤ h < r, with multiple ∈ [0, 7] and bits. So the bits mean
//               h modulo l.
//   in: field element; bits[], topBit: 1 bit. Constraints: 255.
//
// Sound: let T be the right side as an integer, 0 ≤ T ≤ 8·l − 1 < 2·r. The constraint says T ≡ h (mod r), so T = h
// unless T ≥ r. With 8·l − r = 66147376852503729903521101011770488711 < 2^126 (the curve's order is 8·l, r is the
// field's), T ≥ r means that less than 2^126 is missing to the largest T: multiple = 7, topBit = 1 (its weight is
// above 2^126) and bits 126 to 249 all 1. These are 128 bits, and `missing` refuses that all of them are 1.
// Complete but for h ≥ 8·l − 2^126: a share of 2^−129.6 of all hashes, below what anyone can search for. Every other h
// has such a form: h = multiple·l + e with e < l, and e as in SubgroupScalar.
template HashModuloSubgroup() {
    signal input in;
    signal output bits[250];
    signal output topBit;

    var order = SUBGROUP_ORDER();
    var weight = order - 2 ** 250;
    signal multipleBits[3];
    var quotient = in \ order;
    quotient = quotient > 7 ? 7 : quotient;
    var rest = in - quotient * order;
    topBit <-- rest >= 2 ** 250 ? 1 : 0;
    topBit * (topBit - 1) === 0;
    rest = rest - topBit * weight;

    var sum = topBit * weight;
    var ones = topBit;
    for (var i = 0; i < 3; i++) {
        multipleBits[i] <-- (quotient >> i) & 1;
        multipleBits[i] * (multipleBits[i] - 1) === 0;
        sum += multipleBits[i] * 2 ** i * order;
        ones += multipleBits[i];
    }
    for (var i = 0; i < 250; i++) {
        bits[i] <-- (rest >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * 2 ** i;
        if (i >= 126) {
            ones += bits[i];
        }
    }
    sum === in;

    signal missing;
    missing <-- 1 / (128 - ones);
    (128 - ones) * missing === 1;
}
