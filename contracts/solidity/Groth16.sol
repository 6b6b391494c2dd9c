// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// Arithmetic of BN254 by the precompiled contracts of EIP-196 and EIP-197. Groth, EUROCRYPT 2016.
library Groth16 {
    /// Order of the groups: the scalar field, and every public input, is below it.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// Modulus of the base field: every coordinate is below it.
    uint256 internal constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// The generator of G2 in the order of EIP-197. It is gamma, too.
    uint256 internal constant G2_X1 = 11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 internal constant G2_X0 = 10857046999023057135944570762232829481370756359578518086990519993285655852781;
    uint256 internal constant G2_Y1 = 4082367875863433681332203403145435568316851327593401208105741076214120093531;
    uint256 internal constant G2_Y0 = 8495653923123431417604973247489272438418190587263600148770280649306958101930;

    /// Whether the coordinates are those of a point of G1: on y² = x³ + 3, whose cofactor is one. Not the identity.
    function onCurve(uint256 x, uint256 y) internal pure returns (bool) {
        return x < Q && y < Q && mulmod(y, y, Q) == addmod(mulmod(x, mulmod(x, x, Q), Q), 3, Q);
    }

    /// The opposite point.
    function negate(uint256 x, uint256 y) internal pure returns (uint256, uint256) {
        return (x, y == 0 ? 0 : Q - y);
    }

    /// scalar * (x, y), for a point that is on the curve.
    function mul(uint256 x, uint256 y, uint256 scalar) internal view returns (uint256 outX, uint256 outY) {
        if (scalar == 1) return (x, y);
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, x)
            mstore(add(m, 0x20), y)
            mstore(add(m, 0x40), scalar)
            // Only a point off the curve, too little gas, or a chain without the contract makes it fail.
            let done := staticcall(gas(), 7, m, 0x60, m, 0x40)
            if iszero(and(done, eq(returndatasize(), 0x40))) { revert(0, 0) }
            outX := mload(m)
            outY := mload(add(m, 0x20))
        }
    }

    /// The sum of two points that are on the curve, or the identity (0, 0).
    function add(uint256 x1, uint256 y1, uint256 x2, uint256 y2) internal view returns (uint256 outX, uint256 outY) {
        if (x1 == 0 && y1 == 0) return (x2, y2);
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, x1)
            mstore(add(m, 0x20), y1)
            mstore(add(m, 0x40), x2)
            mstore(add(m, 0x60), y2)
            let done := staticcall(gas(), 6, m, 0x80, m, 0x40)
            if iszero(and(done, eq(returndatasize(), 0x40))) { revert(0, 0) }
            outX := mload(m)
            outY := mload(add(m, 0x20))
        }
    }

    /// Whether the product of the pairings is one; `good` is false where a point is none of its group. `length` words of
    /// `pairs` count, six a pair: x and y in G1, four coordinates in G2.
    function pairing(uint256[] memory pairs, uint256 length) internal view returns (bool good, bool one) {
        assembly ("memory-safe") {
            let done := staticcall(gas(), 8, add(pairs, 0x20), mul(length, 0x20), 0, 0x20)
            // On a chain without the contract the call does nothing and succeeds.
            good := and(done, eq(returndatasize(), 0x20))
            one := and(good, eq(mload(0), 1))
        }
    }
}
