pragma circom 2.1.0;

include "edwards.circom";
include "fixedBaseTable.circom";
include "montgomery.circom";

// S·B8 for S = Σ bits[i]·2^i + topBit·(l − 2^250), i < 250.
//   assumes:    bits[] and topBit are bits.
//   guarantees: (x, y) = S·B8.
//   bits[], topBit: 1 bit; x, y: field elements. Constraints: 505 = 125·4 − 3 + 2 + 6.
//
// Let G = B8/2 (B8 has odd order l) and d_j = 2·bits[j] − 1. Window i stands for the odd digit D = 2·d_{2i+1} + d_{2i}
// ∈ {±1, ±3} and adds D·4^i·G. Since Σ D·4^i = 2·Σ bits[j]·2^j − (2^250 − 1), the sum is
// Σ bits[j]·2^j·B8 − (2^250 − 1)·G; the last addition, which is complete, adds (2^250 − 1)·G and, if topBit is set,
// (l − 2^250)·B8.
//
// No addition of the windows is exceptional: before window i the sum is k·G with k odd and |k| < 4^i (k is a sum of
// odd digits), and the window adds m·G with 4^i ≤ |m| ≤ 3·4^i. So 0 < |k ± m| < 4^(i+1) ≤ 2^250 < l: the two
// points differ and are not opposite. The last sum k·G has 0 < |k| < l: it is not the identity, and being in
// the subgroup of odd order it has v ≠ 0.
//
// Coordinates of a digit: |D| = 3 if d_{2i} = d_{2i+1}, else 1, and D's sign is d_{2i+1}. So with p = d_{2i}·d_{2i+1}
// u = (u1 + u3)/2 + p·(u3 − u1)/2 and v = d_{2i+1}·(v1 + v3)/2 + d_{2i}·(v3 − v1)/2: one product a window.
template FixedBase() {
    signal input bits[250];
    signal input topBit;
    signal output x;
    signal output y;

    var windows[125][4] = FIXED_BASE_WINDOWS();
    signal product[125];
    component add[124];
    for (var i = 0; i < 125; i++) {
        var low = 2 * bits[2 * i] - 1;
        var high = 2 * bits[2 * i + 1] - 1;
        product[i] <== low * high;
        if (i > 0) {
            add[i - 1] = MontgomeryAdd();
            if (i == 1) {
                add[0].u1 <== windows[0][0] + product[0] * windows[0][1];
                add[0].v1 <== (2 * bits[1] - 1) * windows[0][2] + (2 * bits[0] - 1) * windows[0][3];
            } else {
                add[i - 1].u1 <== add[i - 2].u;
                add[i - 1].v1 <== add[i - 2].v;
            }
            add[i - 1].u2 <== windows[i][0] + product[i] * windows[i][1];
            add[i - 1].v2 <== high * windows[i][2] + low * windows[i][3];
        }
    }
    component edwards = MontgomeryToEdwards();
    edwards.u <== add[123].u;
    edwards.v <== add[123].v;

    var offsets[2][2] = FIXED_BASE_OFFSETS();
    component last = EdwardsAdd();
    last.x1 <== edwards.x;
    last.y1 <== edwards.y;
    last.x2 <== offsets[0][0] + topBit * (offsets[1][0] - offsets[0][0]);
    last.y2 <== offsets[0][1] + topBit * (offsets[1][1] - offsets[0][1]);
    x <== last.x;
    y <== last.y;
}
