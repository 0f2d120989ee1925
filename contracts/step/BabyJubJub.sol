// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {FIELD_MODULUS} from "../libraries/Constants.sol";

/// @title BabyJubJub: a·x² + y² = 1 + d·x²·y² over BN254's scalar field, a = 168700, d = 168696 (EIP-2494)
/// @notice Extended coordinates (x = X/Z, y = Y/Z, T = X·Y/Z). The formulas of Hisil, Wong, Carter and Dawson (2008) hold for
/// all points here: a is a square and d is none, so Z is never 0. Points are on the curve: callers check.
library BabyJubJub {
    /// @dev Memory layout: X, Y, Z, T, all below r.
    struct Point {
        uint256 x;
        uint256 y;
        uint256 z;
        uint256 t;
    }

    uint256 internal constant A = 168700;
    uint256 internal constant D = 168696;

    /// @dev Order l of the prime subgroup.
    /// Twin: packages/protocol/params.ts SUBGROUP_ORDER.
    uint256 internal constant SUBGROUP_ORDER =
        2736030358979909402780800718157159386076813972158567259200215660948447373041;

    /// @dev Coordinates of B8, the generator of the prime subgroup.
    uint256 internal constant BASE_X = 5299619240641551281634865583518297030282874472190772894086521144482721001553;
    uint256 internal constant BASE_Y = 16950150798460657717958625567821834550301663161624707787222815936182638968203;

    /// @dev (r − 1) / 2: an x beyond it counts as negative. Also the exponent of Euler's criterion.
    uint256 internal constant HALF = (FIELD_MODULUS - 1) / 2;

    /// @dev Scalars below l have 251 bits; the multiplication takes two bits a round.
    uint256 private constant SCALAR_BITS = 252;

    /// @notice The point with these affine coordinates.
    function fromAffine(uint256 x, uint256 y) internal pure returns (Point memory) {
        return Point(x, y, 1, mulmod(x, y, FIELD_MODULUS));
    }

    /// @notice −P.
    function negate(Point memory point) internal pure returns (Point memory) {
        uint256 r = FIELD_MODULUS;
        return Point((r - point.x) % r, point.y, point.z, (r - point.t) % r);
    }

    /// @notice Whether P is (0, 1).
    function isIdentity(Point memory point) internal pure returns (bool) {
        return point.x == 0 && point.y == point.z;
    }

    /// @notice Whether P has these affine coordinates, both below r.
    function equals(Point memory point, uint256 x, uint256 y) internal pure returns (bool) {
        uint256 r = FIELD_MODULUS;
        return point.x == mulmod(x, point.z, r) && point.y == mulmod(y, point.z, r);
    }

    /// @notice numerator / denominator = x² of a point with this y. The denominator is never 0: a/d is no square.
    /// Twin: packages/protocol/keys/curve.ts xCandidates.
    function squareOfX(uint256 y) internal pure returns (uint256 numerator, uint256 denominator) {
        uint256 r = FIELD_MODULUS;
        uint256 yy = mulmod(y, y, r);
        // mulmod is below r: no subtraction goes below 0.
        numerator = addmod(1, r - yy, r);
        denominator = addmod(A, r - mulmod(D, yy, r), r);
    }

    /// @notice left·B8 + right·P for scalars below 2^252. Both scalars at once, two bits a round (Straus).
    function multiplyAdd(uint256 left, Point memory point, uint256 right) internal pure returns (Point memory result) {
        Point[16] memory table = _table(point);
        result = Point(0, 1, 1, 0);
        for (uint256 shift = SCALAR_BITS; shift != 0;) {
            unchecked {
                shift -= 2; // from an even number above 0
            }
            double(result);
            double(result);
            uint256 position = (((left >> shift) & 3) << 2) | ((right >> shift) & 3);
            if (position != 0) add(result, table[position]);
        }
    }

    /// @notice P ← 2·P.
    function double(Point memory point) internal pure {
        uint256 r = FIELD_MODULUS;
        uint256 curveA = A;
        assembly ("memory-safe") {
            // Writes the point's own four words. Values below r are added up to four at a time: 4·r < 2^256, and what is
            // subtracted from a multiple of r is not above it.
            let x := mload(point)
            let y := mload(add(point, 0x20))
            let z := mload(add(point, 0x40))
            let xx := mulmod(x, x, r)
            let yy := mulmod(y, y, r)
            let e := add(mulmod(add(x, y), add(x, y), r), sub(add(r, r), add(xx, yy)))
            xx := mulmod(xx, curveA, r)
            let g := add(xx, yy)
            let h := add(xx, sub(r, yy))
            let zz := mulmod(z, z, r)
            let f := add(g, sub(add(r, r), add(zz, zz)))
            mstore(point, mulmod(e, f, r))
            mstore(add(point, 0x20), mulmod(g, h, r))
            mstore(add(point, 0x40), mulmod(f, g, r))
            mstore(add(point, 0x60), mulmod(e, h, r))
        }
    }

    /// @notice P ← P + Q.
    function add(Point memory point, Point memory other) internal pure {
        uint256 r = FIELD_MODULUS;
        uint256 curveA = A;
        uint256 curveD = D;
        assembly ("memory-safe") {
            // As above: sums of at most three values below r, differences from multiples of r that are not smaller.
            let x1 := mload(point)
            let y1 := mload(add(point, 0x20))
            let x2 := mload(other)
            let y2 := mload(add(other, 0x20))
            let xx := mulmod(x1, x2, r)
            let yy := mulmod(y1, y2, r)
            let e := add(mulmod(add(x1, y1), add(x2, y2), r), sub(add(r, r), add(xx, yy)))
            let h := add(yy, sub(r, mulmod(xx, curveA, r)))
            let tt := mulmod(mulmod(mload(add(point, 0x60)), mload(add(other, 0x60)), r), curveD, r)
            let zz := mulmod(mload(add(point, 0x40)), mload(add(other, 0x40)), r)
            let f := add(zz, sub(r, tt))
            let g := add(zz, tt)
            mstore(point, mulmod(e, f, r))
            mstore(add(point, 0x20), mulmod(g, h, r))
            mstore(add(point, 0x40), mulmod(f, g, r))
            mstore(add(point, 0x60), mulmod(e, h, r))
        }
    }

    /// @dev i·B8 + j·P at position 4·i + j; position 0 is not used.
    function _table(Point memory point) private pure returns (Point[16] memory table) {
        table[1] = _copy(point);
        table[4] = fromAffine(BASE_X, BASE_Y);
        for (uint256 position = 2; position < 16; ++position) {
            if (position == 4) continue;
            // The last step to a multiple of 4 adds B8, any other adds P.
            bool addsBase = position & 3 == 0;
            table[position] = _copy(table[addsBase ? position - 4 : position - 1]);
            add(table[position], table[addsBase ? 4 : 1]);
        }
    }

    function _copy(Point memory point) private pure returns (Point memory) {
        return Point(point.x, point.y, point.z, point.t);
    }
}
