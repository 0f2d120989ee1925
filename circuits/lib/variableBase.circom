pragma circom 2.1.0;

include "edwards.circom";
include "montgomery.circom";

// One window of VariableBase: 4·(uIn, vIn) + D·P with D = 2·high + low ∈ {±1, ±3}.
//   assumes:    low, high ∈ {1, −1}; (uIn, vIn) is on the curve, vIn ≠ 0; with R = 2·(uIn, vIn) and Q = D·P:
//               R ≠ ±Q; 2·R + Q has a Montgomery form or the constraints refuse. (u1, v1) = P, (u3, v3) = 3·P.
//   guarantees: (u, v) = 2·R + Q.
//   low, high: ±1; the others: field elements. Constraints: 13 = 4 (double) + 4 (select) + 5 (add twice).
template VariableBaseWindow() {
    signal input low;
    signal input high;
    signal input u1;
    signal input v1;
    signal input u3;
    signal input v3;
    signal input uIn;
    signal input vIn;
    signal output u;
    signal output v;

    component double = MontgomeryDouble();
    double.uIn <== uIn;
    double.vIn <== vIn;

    // Select Q as in FixedBase.
    signal product <== low * high;
    signal selectedU <== product * (u3 - u1);
    signal highV <== high * (v1 + v3);
    signal lowV <== low * (v3 - v1);
    var uQ = (u1 + u3 + selectedU) / 2;
    var vQ = (highV + lowV) / 2;

    // R + (R + Q) without the second coordinate of R + Q: if slope1 is the slope of the line through R and Q, that of
    // the line through R and R + Q is slope2 = 2·v_R/(u_R − u_{R+Q}) − slope1. When R ≠ ±Q slope1 is unique; when
    // u_{R+Q} = u_R, v_R ≠ 0 leaves no solution.
    var A = 168698;
    signal slope1;
    slope1 <-- (double.v - vQ) / (double.u - uQ);
    slope1 * (double.u - uQ) === double.v - vQ;
    signal middleU <== slope1 * slope1 - A - double.u - uQ;
    signal slope2;
    slope2 <-- 2 * double.v / (double.u - middleU) - slope1;
    (slope1 + slope2) * (double.u - middleU) === 2 * double.v;
    u <== slope2 * slope2 - A - double.u - middleU;
    v <== slope2 * (double.u - u) - double.v;
}

// h·2·P for h = Σ bits[i]·2^i + topBit·(l − 2^250), i < 250, and P of order l or 2·l.
//   assumes:    bits[] and topBit are bits; P = (xP, yP) is on the curve and of order l or 2·l.
//   guarantees: (x, y) = 2·h·P. No witness satisfies the constraints when 2·h + 1 ≡ 0 (mod l): a hash with that
//               property cannot be found, so no signature is refused for it.
//   bits[], topBit: 1 bit; the others: field elements.
//   Constraints: 1,644 = 9 (P, 2·P, 3·P) + 1 (sign of the first digit) + 125·13 (windows) + 1 (inverse) + 2 + 6.
//
// With d_i = 2·bits[i] − 1 for i < 250 and d_250 = 1 − 2·topBit:
// 2·h·P = Σ bits[i]·2^(i+1)·P − topBit·2^251·P = (Σ d_i·2^i + (2^250 − 1) + (d_250 − 1)·2^250)·P, since 2·l·P is
// the identity, so Σ_{i ≤ 250} d_i·2^i·P = 2·h·P + P. The sum is computed from the top: k starts as d_250, then 125
// windows k ← 4·k + D with D = 2·d_{2i+1} + d_{2i}. The last addition, which is complete, takes P away.
//
// k is always odd, and |k| < 2^249 before each window (|k| ≤ 2^(2j+1) − 1 after j windows). Since P's order is l or
// 2·l, n·P is the identity only if l divides n, and has order 2 at most only if l divides n.
//   k·P:        0 < |k| < l, so v ≠ 0.
//   R ≠ ±Q:     R = 2k·P and Q = D·P; 2k ± D is odd, so not 0, and |2k ± D| < 2^250 + 2 < l.
//   2R + Q:     (4k + D)·P is the identity only if l divides 4k + D, and then the constraints refuse. |4k + D| < l
//               but in the last window, where it can be ±l. If P has order 2·l the sum is then the point (0, 0),
//               which `inverse` refuses.
template VariableBase() {
    signal input bits[250];
    signal input topBit;
    signal input xP;
    signal input yP;
    signal output x;
    signal output y;

    component single = EdwardsToMontgomery();
    single.x <== xP;
    single.y <== yP;
    component double = MontgomeryDouble();
    double.uIn <== single.u;
    double.vIn <== single.v;
    component triple = MontgomeryAdd(); // 2P ≠ ±P: neither P nor 3P is the identity
    triple.u1 <== single.u;
    triple.v1 <== single.v;
    triple.u2 <== double.u;
    triple.v2 <== double.v;

    component window[125];
    for (var i = 124; i >= 0; i--) {
        window[i] = VariableBaseWindow();
        window[i].low <== 2 * bits[2 * i] - 1;
        window[i].high <== 2 * bits[2 * i + 1] - 1;
        window[i].u1 <== single.u;
        window[i].v1 <== single.v;
        window[i].u3 <== triple.u;
        window[i].v3 <== triple.v;
        if (i == 124) {
            window[i].uIn <== single.u;
            window[i].vIn <== (1 - 2 * topBit) * single.v;
        } else {
            window[i].uIn <== window[i + 1].u;
            window[i].vIn <== window[i + 1].v;
        }
    }

    // (u, v) ≠ (0, 0).
    signal inverse;
    inverse <-- 1 / window[0].v;
    inverse * window[0].v === 1;

    component edwards = MontgomeryToEdwards();
    edwards.u <== window[0].u;
    edwards.v <== window[0].v;
    component last = EdwardsAdd();
    last.x1 <== edwards.x;
    last.y1 <== edwards.y;
    last.x2 <== -xP;
    last.y2 <== yP;
    x <== last.x;
    y <== last.y;
}
