// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Document, Presentation, Statement} from "./Interfaces.sol";

/// The context of a verdict, recomputed (docs/format.md, "Context"): who asked what, when and under which policy, about
/// which attestations, and for which contract.
library Context {
    /// All parts before the number of the verdict, and all after it.
    struct Parts {
        bytes before;
        bytes rest;
    }

    function parts(Statement calldata statement, Presentation calldata presentation)
        internal
        view
        returns (Parts memory made)
    {
        made.before = bytes.concat(
            _part("consign/context/1"),
            _part(bytes(statement.audience)),
            _part(abi.encodePacked(presentation.nonce)),
            _part(abi.encodePacked(presentation.expires)),
            _part(abi.encodePacked(statement.policy))
        );
        Document[][] calldata documents = presentation.documents;
        bytes memory attestations;
        uint64 count = 0;
        for (uint256 r = 0; r < documents.length; r++) {
            bytes memory role = _part(bytes(statement.roles[r].name));
            for (uint256 d = 0; d < documents[r].length; d++) {
                attestations =
                    bytes.concat(attestations, role, _part(abi.encodePacked(documents[r][d].facts.attestation)));
                count++;
            }
        }
        made.rest = bytes.concat(_part(abi.encodePacked(count)), attestations);
        if (presentation.bound) {
            made.rest = bytes.concat(made.rest, _part(abi.encodePacked(uint64(block.chainid), address(this))));
        }
    }

    /// The first 31 bytes of the hash as a number.
    function element(Parts memory made, uint256 verdict) internal pure returns (uint256) {
        bytes memory number = _part(abi.encodePacked(uint32(verdict)));
        return uint256(sha256(bytes.concat(made.before, number, made.rest))) >> 8;
    }

    /// A part after its length in 64 bits, most significant byte first.
    function _part(bytes memory part) private pure returns (bytes memory) {
        return abi.encodePacked(uint64(part.length), part);
    }
}
