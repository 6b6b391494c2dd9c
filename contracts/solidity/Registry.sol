// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Context} from "./Context.sol";
import {
    Denomination,
    Document,
    Facts,
    IProofVerifier,
    IRegistry,
    Presentation,
    Proved,
    Role,
    Statement,
    Tally,
    Verdict,
    VerdictPlan
} from "./Interfaces.sol";
import {TwistedEdwards} from "./TwistedEdwards.sol";

/// Attesters anchor commitments, verifiers register statements and ask, and anyone has a presentation checked. Nobody
/// owns it and nothing in it can be changed but by the rules below.
///
/// Storage holds digests only: facts, statements and requests are in events and in the calls that use them. The order of
/// checks is that of consign's own verifier; what of it cannot be done here stands in contracts/README.md.
contract Registry is IRegistry {
    bytes32 private constant REVOKED = bytes32(uint256(1));
    /// The lowest bit of a request says that it has been answered; the others are of its digest.
    uint256 private constant ANSWERED = 1;
    uint256 private constant MAX_ROLES = 256;
    uint256 private constant START = 0;
    uint256 private constant END = 1;
    uint256 private constant FILTERS = 2;
    uint8 private constant VERDICT = 2;
    uint8 private constant DIRECT = 3;
    uint256 private constant VERDICT_INPUTS = 4;
    uint256 private constant DIRECT_INPUTS = 5;

    mapping(address attester => mapping(uint256 commitment => bytes32 digest)) private _anchors;
    mapping(bytes32 statement => address verifier) private _statements;
    mapping(address verifier => mapping(bytes32 nonce => uint256 digest)) private _requests;

    function anchor(uint256 commitment, Facts calldata facts) external {
        if (commitment >= TwistedEdwards.R) revert CommitmentTooLarge(commitment);
        if (_anchors[msg.sender][commitment] != 0) revert AlreadyAnchored(msg.sender, commitment);
        if (facts.expires <= block.timestamp) revert AttestationExpired(msg.sender, commitment, facts.expires);
        _anchors[msg.sender][commitment] = keccak256(abi.encode(facts));
        emit Anchored(msg.sender, commitment, facts);
    }

    function revoke(uint256 commitment) external {
        bytes32 digest = _anchors[msg.sender][commitment];
        if (digest == 0) revert NotAnchored(msg.sender, commitment);
        if (digest == REVOKED) revert AttestationRevoked(msg.sender, commitment);
        _anchors[msg.sender][commitment] = REVOKED;
        emit Revoked(msg.sender, commitment);
    }

    function anchorOf(address attester, uint256 commitment) external view returns (bytes32) {
        return _anchors[attester][commitment];
    }

    function register(Statement calldata statement) external returns (bytes32 id) {
        _checkStatement(statement);
        id = _id(msg.sender, statement);
        if (_statements[id] != address(0)) revert StatementKnown(id);
        _statements[id] = msg.sender;
        emit StatementRegistered(id, msg.sender, statement);
    }

    function withdraw(bytes32 id) external {
        if (_statements[id] != msg.sender) revert StatementUnknown(id);
        delete _statements[id];
        emit StatementWithdrawn(id, msg.sender);
    }

    function ask(bytes32 id, bytes32 nonce, uint64 expires, bool bound) external {
        if (_statements[id] != msg.sender) revert StatementUnknown(id);
        if (expires <= block.timestamp) revert RequestExpired(expires);
        if (_requests[msg.sender][nonce] != 0) revert NonceUsed(nonce);
        _requests[msg.sender][nonce] = _request(id, expires, bound);
        emit Asked(id, msg.sender, nonce, expires, bound);
    }

    function check(address verifier, Statement calldata statement, Presentation calldata presentation)
        external
        view
        returns (bytes32 id)
    {
        return _check(verifier, statement, presentation);
    }

    function accept(address verifier, Statement calldata statement, Presentation calldata presentation)
        external
        returns (bytes32 id)
    {
        bytes32 nonce = presentation.nonce;
        uint256 request = _requests[verifier][nonce];
        if (request & ANSWERED != 0) revert Replayed(nonce);
        id = _check(verifier, statement, presentation);
        _requests[verifier][nonce] = request | ANSWERED;
        emit Accepted(id, verifier, nonce, msg.sender);
    }

    function _id(address verifier, Statement calldata statement) private pure returns (bytes32) {
        return keccak256(abi.encode(verifier, statement));
    }

    /// The digest of a request, not yet answered.
    function _request(bytes32 id, uint64 expires, bool bound) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(id, expires, bound))) & ~ANSWERED;
    }

    /// Nothing may hold vacuously: there are verdicts with chains, and every role has documents and attesters.
    function _checkStatement(Statement calldata statement) private pure {
        uint256 roles = statement.roles.length;
        if (roles == 0 || roles > MAX_ROLES || statement.verdicts.length == 0) revert StatementMalformed();
        if (statement.proofs == address(0)) revert StatementMalformed();
        for (uint256 i = 0; i < roles; i++) {
            Role calldata role = statement.roles[i];
            if (role.least == 0 || role.least > role.most || role.attesters.length == 0) revert StatementMalformed();
        }
        for (uint256 i = 0; i < statement.verdicts.length; i++) {
            VerdictPlan calldata plan = statement.verdicts[i];
            if (plan.chains.length == 0) revert StatementMalformed();
            for (uint256 j = 0; j < plan.chains.length; j++) {
                if (plan.chains[j].role >= roles) revert StatementMalformed();
            }
        }
    }

    function _check(address verifier, Statement calldata statement, Presentation calldata presentation)
        private
        view
        returns (bytes32 id)
    {
        id = _id(verifier, statement);
        if (verifier == address(0) || _statements[id] != verifier) revert StatementUnknown(id);
        uint64 expires = presentation.expires;
        uint256 request = _requests[verifier][presentation.nonce] & ~ANSWERED;
        if (request != _request(id, expires, presentation.bound)) revert NotAsked(presentation.nonce);
        if (expires <= block.timestamp) revert RequestExpired(expires);
        if (block.timestamp < statement.from || block.timestamp >= statement.until) {
            revert NotInForce(statement.from, statement.until);
        }
        _checkDocuments(statement, presentation.documents);
        _checkVerdicts(statement, presentation);
    }

    function _checkDocuments(Statement calldata statement, Document[][] calldata documents) private view {
        uint256 roles = statement.roles.length;
        if (documents.length != roles) revert RoleCount(roles, documents.length);
        for (uint256 r = 0; r < roles; r++) {
            Role calldata role = statement.roles[r];
            uint256 found = documents[r].length;
            if (found < role.least || found > role.most) revert DocumentCount(r, role.least, role.most, found);
            for (uint256 d = 0; d < found; d++) {
                _checkDocument(r, role, d, documents[r][d], documents[r][0].facts);
            }
        }
        _checkDistinct(documents);
        _checkAgreements(statement, documents);
    }

    function _checkDocument(
        uint256 r,
        Role calldata role,
        uint256 d,
        Document calldata document,
        Facts calldata first
    ) private view {
        (address attester, uint256 commitment) = (document.attester, document.commitment);
        Facts calldata facts = document.facts;
        if (!_accepted(role, attester)) revert AttesterNotAccepted(r, attester);
        bytes32 digest = _anchors[attester][commitment];
        if (digest == 0) revert NotAnchored(attester, commitment);
        if (digest == REVOKED) revert AttestationRevoked(attester, commitment);
        if (digest != keccak256(abi.encode(facts))) revert OtherFacts(attester, commitment);
        if (facts.expires <= block.timestamp) revert AttestationExpired(attester, commitment, facts.expires);
        if (facts.start != role.start) revert OtherKind(r, d);
        uint256 missing = role.complete & ~facts.complete;
        if (missing != 0) revert Incomplete(r, d, missing);
        if (role.currency.needed) {
            if (facts.currency == 0) revert CurrencyUnknown(r, d);
            if (!_fits(role.currency, facts.currency, first.currency)) revert OtherCurrency(r, d);
        }
        if (role.unit.needed) {
            if (facts.unit == 0) revert UnitUnknown(r, d);
            if (!_fits(role.unit, facts.unit, first.unit)) revert OtherUnit(r, d);
        }
    }

    function _accepted(Role calldata role, address attester) private pure returns (bool) {
        for (uint256 i = 0; i < role.attesters.length; i++) {
            if (role.attesters[i] == attester) return true;
        }
        return false;
    }

    function _fits(Denomination calldata needed, bytes32 code, bytes32 first) private pure returns (bool) {
        return code == first && (needed.code == 0 || needed.code == code);
    }

    /// An attester's id names one document, and honest attesters draw fresh blindings, so that neither an id of one
    /// attester nor a commitment may be there twice. Documents are numbered over all roles.
    function _checkDistinct(Document[][] calldata documents) private pure {
        uint256 count = 0;
        for (uint256 r = 0; r < documents.length; r++) {
            count += documents[r].length;
        }
        if (count == 1) return;
        bytes32[] memory ids = new bytes32[](count);
        uint256[] memory commitments = new uint256[](count);
        uint256 second = 0;
        for (uint256 r = 0; r < documents.length; r++) {
            for (uint256 d = 0; d < documents[r].length; d++) {
                Document calldata document = documents[r][d];
                ids[second] = keccak256(abi.encode(document.attester, document.facts.document));
                commitments[second] = document.commitment;
                for (uint256 first = 0; first < second; first++) {
                    if (ids[first] == ids[second] || commitments[first] == commitments[second]) {
                        revert DocumentTwice(first, second);
                    }
                }
                second++;
            }
        }
    }

    function _checkAgreements(Statement calldata statement, Document[][] calldata documents) private pure {
        for (uint256 i = 0; i < statement.sameCurrency.length; i++) {
            _checkAgreement(statement.sameCurrency[i], documents, true);
        }
        for (uint256 i = 0; i < statement.sameUnit.length; i++) {
            _checkAgreement(statement.sameUnit[i], documents, false);
        }
    }

    function _checkAgreement(uint256 roles, Document[][] calldata documents, bool currency) private pure {
        bytes32 first;
        bool found = false;
        for (uint256 r = 0; r < documents.length; r++) {
            if ((roles >> r) & 1 == 0) continue;
            for (uint256 d = 0; d < documents[r].length; d++) {
                Facts calldata facts = documents[r][d].facts;
                bytes32 code = currency ? facts.currency : facts.unit;
                if (!found) {
                    (first, found) = (code, true);
                } else if (code != first) {
                    if (currency) revert OtherCurrency(r, d);
                    revert OtherUnit(r, d);
                }
            }
        }
    }

    /// Exactly the verdicts and chains of the statement; each says what it must; and every proof verifies.
    function _checkVerdicts(Statement calldata statement, Presentation calldata presentation) private view {
        Verdict[] calldata verdicts = presentation.verdicts;
        uint256 expected = statement.verdicts.length;
        if (verdicts.length != expected) revert VerdictCount(expected, verdicts.length);
        Context.Parts memory context = Context.parts(statement, presentation);
        Proved[] memory proofs = new Proved[](_countProofs(verdicts));
        uint256 offset = 0;
        for (uint256 v = 0; v < expected; v++) {
            Verdict calldata verdict = verdicts[v];
            uint256 own = Context.element(context, v);
            if (verdict.inputs.length == DIRECT_INPUTS) {
                _checkDirect(statement, presentation.documents, v, verdict, own);
                proofs[offset++] = _provedVerdict(verdict, DIRECT);
            } else {
                offset = _checkTallied(statement, presentation.documents, v, verdict, own, proofs, offset);
                proofs[offset++] = _provedVerdict(verdict, VERDICT);
            }
        }
        // A view through an interface is a static call: nothing can call back in between.
        IProofVerifier(statement.proofs).verify(proofs);
    }

    /// The chains of a verdict, and what it says of their sum.
    function _checkTallied(
        Statement calldata statement,
        Document[][] calldata documents,
        uint256 v,
        Verdict calldata verdict,
        uint256 context,
        Proved[] memory proofs,
        uint256 offset
    ) private pure returns (uint256) {
        uint256[] calldata inputs = verdict.inputs;
        if (inputs.length != VERDICT_INPUTS) revert VerdictForm(v, inputs.length);
        TwistedEdwards.Point memory sum = TwistedEdwards.identity();
        offset = _checkChains(statement, documents, v, verdict.chains, sum, proofs, offset);
        if (inputs[2] != statement.verdicts[v].bounds) revert OtherBounds(v);
        if (!TwistedEdwards.equals(sum, inputs[0], inputs[1])) revert OtherSum(v);
        if (inputs[3] != context) revert OtherContext(v);
        return offset;
    }

    /// The one filter set over the whole of the one document.
    function _checkDirect(
        Statement calldata statement,
        Document[][] calldata documents,
        uint256 v,
        Verdict calldata verdict,
        uint256 context
    ) private pure {
        VerdictPlan calldata plan = statement.verdicts[v];
        uint256 expected = _countChains(plan, documents);
        if (expected != 1) revert NotForDirect(v, expected);
        if (verdict.chains.length != 0) revert ChainCount(v, 0, verdict.chains.length);
        // Every role has a document, so that there is one filter set and one document of its role.
        Document calldata document = documents[plan.chains[0].role][0];
        uint256[] calldata inputs = verdict.inputs;
        if (inputs[FILTERS] != plan.chains[0].filters) revert OtherFilters(v, 0, 0);
        if (inputs[START] != document.facts.start) revert FirstRowsMissing(v, 0);
        if (inputs[END] != document.commitment) revert LastRowsMissing(v, 0);
        if (inputs[3] != plan.bounds) revert OtherBounds(v);
        if (inputs[4] != context) revert OtherContext(v);
    }

    /// A chain for each filter set and document of its role.
    function _countChains(VerdictPlan calldata plan, Document[][] calldata documents)
        private
        pure
        returns (uint256 count)
    {
        for (uint256 f = 0; f < plan.chains.length; f++) {
            count += documents[plan.chains[f].role].length;
        }
    }

    function _countProofs(Verdict[] calldata verdicts) private pure returns (uint256 count) {
        for (uint256 v = 0; v < verdicts.length; v++) {
            Tally[][] calldata chains = verdicts[v].chains;
            for (uint256 c = 0; c < chains.length; c++) {
                count += chains[c].length;
            }
            count++;
        }
    }

    /// One chain for each filter set and document of its role, in that order.
    function _checkChains(
        Statement calldata statement,
        Document[][] calldata documents,
        uint256 v,
        Tally[][] calldata chains,
        TwistedEdwards.Point memory sum,
        Proved[] memory proofs,
        uint256 offset
    ) private pure returns (uint256) {
        VerdictPlan calldata plan = statement.verdicts[v];
        uint256 c = 0;
        uint256 expected = _countChains(plan, documents);
        if (chains.length != expected) revert ChainCount(v, expected, chains.length);
        for (uint256 f = 0; f < plan.chains.length; f++) {
            uint256 filters = plan.chains[f].filters;
            Document[] calldata ofRole = documents[plan.chains[f].role];
            for (uint256 d = 0; d < ofRole.length; d++) {
                Tally[] calldata chain = chains[c];
                uint256 value = ofRole[d].facts.start;
                for (uint256 t = 0; t < chain.length; t++) {
                    value = _checkTally(chain[t], value, filters, v, c, t);
                    TwistedEdwards.add(sum, chain[t].inputs[3], chain[t].inputs[4]);
                    proofs[offset++] = _provedTally(chain[t]);
                }
                if (value != ofRole[d].commitment) revert LastRowsMissing(v, c);
                c++;
            }
        }
        return offset;
    }

    /// The chain value at which the tally ends. Its point is a commitment made in the circuit, so that it lies in the
    /// subgroup if the proof verifies; that it is on the curve is what the additions need.
    function _checkTally(Tally calldata tally, uint256 start, uint256 filters, uint256 v, uint256 c, uint256 t)
        private
        pure
        returns (uint256)
    {
        uint256[5] calldata inputs = tally.inputs;
        if (tally.circuit > 1) revert NotATally(v, c, t);
        if (inputs[FILTERS] != filters) revert OtherFilters(v, c, t);
        if (inputs[START] != start) {
            if (t == 0) revert FirstRowsMissing(v, c);
            revert Gap(v, c, t);
        }
        if (!TwistedEdwards.onCurve(inputs[3], inputs[4])) revert TotalsNotOnCurve(v, c, t);
        return inputs[END];
    }

    function _provedTally(Tally calldata tally) private pure returns (Proved memory proved) {
        proved.circuit = tally.circuit;
        proved.inputs = new uint256[](5);
        for (uint256 i = 0; i < 5; i++) {
            proved.inputs[i] = tally.inputs[i];
        }
        proved.points = tally.points;
    }

    function _provedVerdict(Verdict calldata verdict, uint8 circuit) private pure returns (Proved memory proved) {
        proved.circuit = circuit;
        proved.inputs = verdict.inputs;
        proved.points = verdict.points;
    }
}
