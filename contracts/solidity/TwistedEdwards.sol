// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// Sums of commitments to totals: the twisted Edwards curve x² + y² = 1 + d x² y² over BN254's scalar field
/// (docs/format.md, "Commitment to totals"). d is no square, so the additions are complete on the curve.
library TwistedEdwards {
    /// Modulus of the field, the order of BN254.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// 168696 / 168700.
    uint256 internal constant D = 9706598848417545097372247223557719406784115219466060233080913168975159366771;

    /// x = X / Z, y = Y / Z.
    struct Point {
        uint256 X;
        uint256 Y;
        uint256 Z;
    }

    function identity() internal pure returns (Point memory) {
        return Point(0, 1, 1);
    }

    function onCurve(uint256 x, uint256 y) internal pure returns (bool) {
        uint256 xx = mulmod(x, x, R);
        uint256 yy = mulmod(y, y, R);
        return addmod(xx, yy, R) == addmod(1, mulmod(D, mulmod(xx, yy, R), R), R);
    }

    /// Adds a point that is on the curve (add-2008-bbjlp with Z2 = 1, Bernstein and others, 2008).
    function add(Point memory sum, uint256 x, uint256 y) internal pure {
        uint256 a = sum.Z;
        uint256 b = mulmod(a, a, R);
        uint256 c = mulmod(sum.X, x, R);
        uint256 d = mulmod(sum.Y, y, R);
        uint256 e = mulmod(D, mulmod(c, d, R), R);
        uint256 f = addmod(b, R - e, R);
        uint256 g = addmod(b, e, R);
        uint256 cross = mulmod(addmod(sum.X, sum.Y, R), addmod(x, y, R), R);
        cross = addmod(cross, R - addmod(c, d, R), R);
        sum.X = mulmod(mulmod(a, f, R), cross, R);
        sum.Y = mulmod(mulmod(a, g, R), addmod(d, R - c, R), R);
        sum.Z = mulmod(f, g, R);
    }

    /// Whether the sum is the point (x, y), without a division.
    function equals(Point memory sum, uint256 x, uint256 y) internal pure returns (bool) {
        return sum.Z != 0 && sum.X == mulmod(x, sum.Z, R) && sum.Y == mulmod(y, sum.Z, R);
    }
}
