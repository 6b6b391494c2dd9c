// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Groth16} from "./Groth16.sol";
import {IProofVerifier, Key, Proved} from "./Interfaces.sol";

/// Verifies tallies, verdicts and direct verdicts under the keys of one key set, which it was made with.
///
/// All proofs of a call are verified by one product of pairings. Proof i counts with a weight: one for the first, and 128
/// bits of a hash over the whole call for the others, so that errors cancel with a chance of 2^-128 (the small exponents
/// test of Bellare, Garay and Rabin, EUROCRYPT 1998). A proof more then costs one pairing and two multiplications, and
/// the multiplications for the public inputs are shared by all proofs of a circuit.
contract ProofVerifier is IProofVerifier {
    uint256 private constant CIRCUITS = 4;
    /// Words of a key: alpha, beta, delta; then two for the constant and for each of up to five inputs.
    uint256 private constant KEY_WORDS = 22;
    uint256 private constant BETA = 2;
    uint256 private constant DELTA = 6;
    uint256 private constant INPUTS = 10;

    bytes32 public immutable keySet;
    /// A contract whose code is a zero byte and the keys: one copy of it costs a tenth of reading as many storage slots.
    address private immutable keys;

    constructor(bytes32 keySet_, Key[4] memory given) {
        keySet = keySet_;
        uint256[KEY_WORDS * CIRCUITS] memory words;
        for (uint8 circuit = 0; circuit < CIRCUITS; circuit++) {
            Key memory key = given[circuit];
            uint256 expected = _inputs(circuit);
            if (key.inputs.length != 2 * (expected + 1)) {
                revert KeyInputCount(circuit, expected, key.inputs.length / 2);
            }
            _checkKey(circuit, key);
            uint256 offset = KEY_WORDS * circuit;
            (words[offset], words[offset + 1]) = (key.alpha[0], key.alpha[1]);
            for (uint256 i = 0; i < 4; i++) {
                words[offset + BETA + i] = key.beta[i];
                words[offset + DELTA + i] = key.delta[i];
            }
            for (uint256 i = 0; i < key.inputs.length; i++) {
                words[offset + INPUTS + i] = key.inputs[i];
            }
        }
        // Creation code that returns all that follows it: PUSH2 length, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0, RETURN.
        bytes memory data = abi.encodePacked(bytes1(0), words);
        bytes memory code = abi.encodePacked(hex"61", uint16(data.length), hex"80600c6000396000f3", data);
        address made;
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        if (made == address(0)) revert KeysNotStored();
        keys = made;
    }

    /// Points in their groups, none the identity; delta neither plus nor minus the generator.
    function _checkKey(uint8 circuit, Key memory key) private view {
        if (!Groth16.onCurve(key.alpha[0], key.alpha[1])) revert KeyPoint(circuit);
        for (uint256 i = 0; i < key.inputs.length; i += 2) {
            if (!Groth16.onCurve(key.inputs[i], key.inputs[i + 1])) revert KeyPoint(circuit);
        }
        if (key.delta[0] == Groth16.G2_X1 && key.delta[1] == Groth16.G2_X0) revert KeyDelta(circuit);
        for (uint256 which = 0; which < 2; which++) {
            uint256[4] memory point = which == 0 ? key.beta : key.delta;
            if (point[0] | point[1] | point[2] | point[3] == 0) revert KeyPoint(circuit);
            // The precompiled contract checks curve and subgroup: e(alpha, P) e(-alpha, P) is one for any P of G2.
            uint256[] memory pairs = new uint256[](12);
            for (uint256 sign = 0; sign < 2; sign++) {
                uint256 offset = 6 * sign;
                (pairs[offset], pairs[offset + 1]) = sign == 0
                    ? (key.alpha[0], key.alpha[1])
                    : Groth16.negate(key.alpha[0], key.alpha[1]);
                for (uint256 i = 0; i < 4; i++) {
                    pairs[offset + 2 + i] = point[i];
                }
            }
            (bool good, bool one) = Groth16.pairing(pairs, 12);
            if (!good || !one) revert KeyPoint(circuit);
        }
    }

    /// Number of public inputs of a circuit.
    function _inputs(uint8 circuit) private pure returns (uint256) {
        return circuit == 2 ? 4 : 5;
    }

    function verify(Proved[] calldata proofs) external view {
        uint256 count = proofs.length;
        if (count == 0) revert NoProof();
        bytes32 seed = keccak256(msg.data);
        // Of each circuit: the sum of weights, then of weight times each input; and the sum of weight times C.
        uint256[6][CIRCUITS] memory scalars;
        uint256[2][CIRCUITS] memory sums;
        uint256[] memory pairs = new uint256[](6 * (count + 2 * CIRCUITS + 1));
        uint256 words = 0;
        for (uint256 i = 0; i < count; i++) {
            Proved calldata proof = proofs[i];
            uint8 circuit = proof.circuit;
            _checkForm(i, proof);
            uint256 weight = i == 0 ? 1 : uint256(uint128(uint256(keccak256(abi.encode(seed, i)))));
            _addInputs(scalars[circuit], proof.inputs, weight);
            uint256[8] calldata p = proof.points;
            (pairs[words], pairs[words + 1]) = Groth16.mul(p[0], p[1], weight);
            for (uint256 j = 2; j < 6; j++) {
                pairs[words + j] = p[j];
            }
            words += 6;
            (uint256 x, uint256 y) = Groth16.mul(p[6], p[7], weight);
            uint256[2] memory sum = sums[circuit];
            (sum[0], sum[1]) = Groth16.add(sum[0], sum[1], x, y);
        }
        words = _addKeys(scalars, sums, pairs, words);
        (bool good, bool one) = Groth16.pairing(pairs, words);
        if (!good) revert PointNotInGroup();
        if (!one) revert ProofsDoNotVerify();
    }

    /// Numbers and ranges, and the points of G1; those of G2 are left to the pairing.
    function _checkForm(uint256 i, Proved calldata proof) private pure {
        if (proof.circuit >= CIRCUITS) revert UnknownCircuit(i, proof.circuit);
        uint256 expected = _inputs(proof.circuit);
        if (proof.inputs.length != expected) revert InputCount(i, expected, proof.inputs.length);
        for (uint256 j = 0; j < expected; j++) {
            if (proof.inputs[j] >= Groth16.R) revert InputTooLarge(i, j);
        }
        uint256[8] calldata p = proof.points;
        for (uint256 j = 0; j < 8; j++) {
            if (p[j] >= Groth16.Q) revert CoordinateTooLarge(i, j);
        }
        if (p[0] | p[1] == 0) revert PointIsIdentity(i, 0);
        if (p[2] | p[3] | p[4] | p[5] == 0) revert PointIsIdentity(i, 1);
        if (p[6] | p[7] == 0) revert PointIsIdentity(i, 2);
        if (!Groth16.onCurve(p[0], p[1])) revert PointNotOnCurve(i, 0);
        if (!Groth16.onCurve(p[6], p[7])) revert PointNotOnCurve(i, 2);
    }

    function _addInputs(uint256[6] memory scalars, uint256[] calldata inputs, uint256 weight) private pure {
        scalars[0] = addmod(scalars[0], weight, Groth16.R);
        for (uint256 j = 0; j < inputs.length; j++) {
            scalars[j + 1] = addmod(scalars[j + 1], mulmod(weight, inputs[j], Groth16.R), Groth16.R);
        }
    }

    /// The pairs of the other side of the equation, with opposite signs: alpha with beta and C with delta for each
    /// circuit that was used, and the sum of all inputs with gamma.
    function _addKeys(
        uint256[6][CIRCUITS] memory scalars,
        uint256[2][CIRCUITS] memory sums,
        uint256[] memory pairs,
        uint256 words
    ) private view returns (uint256) {
        uint256[KEY_WORDS * CIRCUITS] memory key;
        address from = keys;
        assembly ("memory-safe") {
            extcodecopy(from, key, 1, mul(mul(KEY_WORDS, CIRCUITS), 0x20))
        }
        uint256 inputX;
        uint256 inputY;
        for (uint8 circuit = 0; circuit < CIRCUITS; circuit++) {
            uint256[6] memory scalar = scalars[circuit];
            // Every use adds to it a weight below 2^128, so that it is zero where there was no use.
            if (scalar[0] == 0) continue;
            uint256 offset = KEY_WORDS * circuit;
            (uint256 x, uint256 y) = Groth16.mul(key[offset], key[offset + 1], scalar[0]);
            words = _addPair(pairs, words, x, y, key, offset + BETA);
            words = _addPair(pairs, words, sums[circuit][0], sums[circuit][1], key, offset + DELTA);
            for (uint256 j = 0; j <= _inputs(circuit); j++) {
                (x, y) = Groth16.mul(key[offset + INPUTS + 2 * j], key[offset + INPUTS + 2 * j + 1], scalar[j]);
                (inputX, inputY) = Groth16.add(inputX, inputY, x, y);
            }
        }
        (pairs[words], pairs[words + 1]) = Groth16.negate(inputX, inputY);
        pairs[words + 2] = Groth16.G2_X1;
        pairs[words + 3] = Groth16.G2_X0;
        pairs[words + 4] = Groth16.G2_Y1;
        pairs[words + 5] = Groth16.G2_Y0;
        return words + 6;
    }

    /// The opposite of (x, y) with the point of G2 at `offset` of the keys.
    function _addPair(
        uint256[] memory pairs,
        uint256 words,
        uint256 x,
        uint256 y,
        uint256[KEY_WORDS * CIRCUITS] memory key,
        uint256 offset
    ) private pure returns (uint256) {
        (pairs[words], pairs[words + 1]) = Groth16.negate(x, y);
        for (uint256 i = 0; i < 4; i++) {
            pairs[words + 2 + i] = key[offset + i];
        }
        return words + 6;
    }
}
