pragma circom 2.1.0;

// BabyJubJub as a Montgomery curve, v² = u³ + A·u² + u with A = 168698 (B = 1), for points other than the identity
// and the point of order 2. There are no further points with v = 0: A² − 4 is no square.

// (x, y) in Montgomery form.
//   assumes:    (x, y) is on the curve and x ≠ 0, hence y ≠ 1 and y ≠ −1.
//   guarantees: (u, v) is its Montgomery form; v ≠ 0.
//   All signals: field elements. Constraints: 2.
template EdwardsToMontgomery() {
    signal input x;
    signal input y;
    signal output u;
    signal output v;

    u <-- (1 + y) / (1 - y);
    u * (1 - y) === 1 + y;
    v <-- u / x;
    v * x === u;
}

// (u, v) in twisted Edwards form.
//   assumes:    (u, v) is on the curve and v ≠ 0. u ≠ −1 for every point: v² = A − 2 is no square.
//   guarantees: (x, y) is its Edwards form.
//   All signals: field elements. Constraints: 2.
template MontgomeryToEdwards() {
    signal input u;
    signal input v;
    signal output x;
    signal output y;

    x <-- u / v;
    x * v === u;
    y <-- (u - 1) / (u + 1);
    y * (u + 1) === u - 1;
}

// Sum of two points.
//   assumes:    both are on the curve and u1 ≠ u2, which the caller has to show: else slope would be free.
//   guarantees: (u, v) = (u1, v1) + (u2, v2).
//   All signals: field elements. Constraints: 3.
template MontgomeryAdd() {
    signal input u1;
    signal input v1;
    signal input u2;
    signal input v2;
    signal output u;
    signal output v;

    var A = 168698;
    signal slope;
    slope <-- (v2 - v1) / (u2 - u1);
    slope * (u2 - u1) === v2 - v1;
    u <== slope * slope - A - u1 - u2;
    v <== slope * (u1 - u) - v1;
}

// Twice a point.
//   assumes:    (uIn, vIn) is on the curve and vIn ≠ 0.
//   guarantees: (u, v) = 2·(uIn, vIn).
//   All signals: field elements. Constraints: 4.
template MontgomeryDouble() {
    signal input uIn;
    signal input vIn;
    signal output u;
    signal output v;

    var A = 168698;
    signal square <== uIn * uIn;
    signal slope;
    slope <-- (3 * square + 2 * A * uIn + 1) / (2 * vIn);
    slope * (2 * vIn) === 3 * square + 2 * A * uIn + 1;
    u <== slope * slope - A - 2 * uIn;
    v <== slope * (uIn - u) - vIn;
}
