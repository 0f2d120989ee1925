pragma circom 2.1.0;

// BabyJubJub as a twisted Edwards curve, a·x² + y² = 1 + d·x²·y² with a = 168700 (a square) and d = 168696 (no
// square), so that the addition law has no exception for points on the curve.

// Sum of two points; EdwardsAdd(x1, y1, x2, y2).
//   assumes:    both points are on the curve. Then 1 ± d·x1·x2·y1·y2 ≠ 0 and the constraints have one solution.
//   guarantees: (x, y) = (x1, y1) + (x2, y2).
//   All signals: field elements. Constraints: 6.
template EdwardsAdd() {
    signal input x1;
    signal input y1;
    signal input x2;
    signal input y2;
    signal output x;
    signal output y;

    var a = 168700;
    var d = 168696;
    signal xy <== x1 * y2;
    signal yx <== y1 * x2;
    signal cross <== (y1 - a * x1) * (x2 + y2); // = y1·y2 − a·x1·x2 + yx − a·xy
    signal product <== xy * yx;

    x <-- (xy + yx) / (1 + d * product);
    (1 + d * product) * x === xy + yx;
    y <-- (cross + a * xy - yx) / (1 - d * product);
    (1 - d * product) * y === cross + a * xy - yx;
}

// Twice a point.
//   assumes:    (xIn, yIn) is on the curve; squareX and squareY are the squares of xIn and yIn. Then
//               a·x² + y² = 1 + d·x²·y² ≠ 0 (neither d nor −d is a square: −1 is one) and
//               2 − a·x² − y² = 1 − d·x²·y² ≠ 0, so the constraints have one solution.
//   guarantees: (x, y) = 2·(xIn, yIn).
//   All signals: field elements. Constraints: 3.
template EdwardsDouble() {
    signal input xIn;
    signal input yIn;
    signal input squareX;
    signal input squareY;
    signal output x;
    signal output y;

    var a = 168700;
    signal product <== xIn * yIn;
    x <-- 2 * product / (a * squareX + squareY);
    (a * squareX + squareY) * x === 2 * product;
    y <-- (squareY - a * squareX) / (2 - a * squareX - squareY);
    (2 - a * squareX - squareY) * y === squareY - a * squareX;
}

// Refuses a point off the curve.
//   guarantees: a·x² + y² = 1 + d·x²·y²; squareX = x², squareY = y².
//   All signals: field elements. Constraints: 3.
template EdwardsOnCurve() {
    signal input x;
    signal input y;
    signal output squareX;
    signal output squareY;

    var a = 168700;
    var d = 168696;
    squareX <== x * x;
    squareY <== y * y;
    a * squareX + squareY - 1 === d * squareX * squareY;
}
