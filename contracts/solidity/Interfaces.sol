// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

// What the contracts take and answer: structs, errors, events and functions. The Rust crate reads this very file, so a
// call that it encodes cannot differ from what the contracts decode.
//
// Words are those of docs/format.md: an attester vouches for documents, a verifier asks, a holder presents.

/// A verifying key of Groth16 over BN254. Gamma is the generator of G2. Points of G2 are in the order of EIP-197:
/// imaginary part of x, real part of x, imaginary part of y, real part of y.
struct Key {
    uint256[2] alpha;
    uint256[4] beta;
    uint256[4] delta;
    /// x and y of the point of the constant, then of each public input.
    uint256[] inputs;
}

/// A proof and what it proves. The circuit is 0 for tally-40, 1 for tally-90, 2 for verdict, 3 for direct-40; the points
/// are A, B, C with B in the order of EIP-197.
struct Proved {
    uint8 circuit;
    uint256[] inputs;
    uint256[8] points;
}

interface IProofVerifier {
    /// A constructor argument: the circuit has another number of inputs.
    error KeyInputCount(uint8 circuit, uint256 expected, uint256 found);
    /// A point of a key is not in its group, or is the identity.
    error KeyPoint(uint8 circuit);
    /// Delta is plus or minus the generator, which is gamma: anybody could forge.
    error KeyDelta(uint8 circuit);

    /// The contract that holds the keys could not be made.
    error KeysNotStored();

    /// No proof at all proves nothing.
    error NoProof();
    /// A circuit that there is no key for.
    error UnknownCircuit(uint256 proof, uint8 circuit);
    /// More or fewer public inputs than the circuit has.
    error InputCount(uint256 proof, uint256 expected, uint256 found);
    /// A public input at or above the order of the group: the same number modulo the order would pass as another.
    error InputTooLarge(uint256 proof, uint256 input);
    /// A coordinate at or above the modulus of the base field.
    error CoordinateTooLarge(uint256 proof, uint256 coordinate);
    /// The identity has no coordinates, and proves nothing.
    error PointIsIdentity(uint256 proof, uint256 point);
    /// A or C is off the curve.
    error PointNotOnCurve(uint256 proof, uint256 point);
    /// A point B is off the twist or outside the subgroup.
    error PointNotInGroup();
    /// The pairing equation does not hold for all the proofs.
    error ProofsDoNotVerify();

    /// The id of the key set (docs/format.md, "Key files"), in its maker's word.
    function keySet() external view returns (bytes32);

    /// Returns if every proof is one of its inputs, and reverts otherwise.
    function verify(Proved[] calldata proofs) external view;
}

/// What an attester says of a document on chain: what the attestation says openly, and what its holder would otherwise
/// disclose. No figure and no word of the document.
struct Facts {
    /// SHA-256 of the issuer-signed JWT of the attestation.
    bytes32 attestation;
    /// The issuer's id of the document: the same document attested twice has one.
    bytes32 document;
    /// Start of the chain, which stands for kind and version of the profile.
    uint256 start;
    /// Which columns are complete (docs/format.md, "Files for a chain").
    uint256 complete;
    /// ISO 4217 letters of the currency, padded with zeros on the right; zero for none.
    bytes32 currency;
    /// Recommendation 20 code of the unit, padded likewise.
    bytes32 unit;
    /// Until when the attestation holds, seconds since 1970.
    uint64 expires;
}

/// What is needed of a currency or unit.
struct Denomination {
    /// Whether it must be known, and the same in all documents of the role.
    bool needed;
    /// Which it must be; zero for any.
    bytes32 code;
}

/// A role of a policy, and who may attest its documents.
struct Role {
    string name;
    address[] attesters;
    uint256 start;
    uint256 complete;
    Denomination currency;
    Denomination unit;
    /// How many documents at least and at most.
    uint32 least;
    uint32 most;
}

/// A filter set that all documents of a role run through.
struct FilteredRole {
    uint8 role;
    uint256 filters;
}

/// What one verdict must prove.
struct VerdictPlan {
    FilteredRole[] chains;
    uint256 bounds;
}

/// What a policy compiles to, for one audience, with the attesters that its verifier accepts.
struct Statement {
    /// The proof verifier with the keys of the key set that the verifier accepts.
    address proofs;
    string audience;
    bytes32 policy;
    /// The policy is in force from the first second on and before the last; seconds since 1970.
    uint64 from;
    uint64 until;
    /// In ascending order of names.
    Role[] roles;
    VerdictPlan[] verdicts;
    /// Sets of roles, bit i for role i, whose documents are all in one currency; and in one unit.
    uint256[] sameCurrency;
    uint256[] sameUnit;
}

/// A document that is presented.
struct Document {
    address attester;
    uint256 commitment;
    Facts facts;
}

/// A tally: its circuit (0 for tally-40, 1 for tally-90); its inputs start, end, filters, x, y; its proof.
struct Tally {
    uint8 circuit;
    uint256[5] inputs;
    uint256[8] points;
}

/// A verdict with the chains it judges; its inputs x, y, bounds, context; its proof. Or a direct verdict, without chains;
/// its inputs start, end, filters, bounds, context; its proof.
struct Verdict {
    Tally[][] chains;
    uint256[] inputs;
    uint256[8] points;
}

/// The answer to one request: for each role its documents, and the verdicts, in the statement's order.
struct Presentation {
    bytes32 nonce;
    uint64 expires;
    /// Whether the verdicts are bound to this chain and this contract.
    bool bound;
    Document[][] documents;
    Verdict[] verdicts;
}

interface IRegistry {
    event Anchored(address indexed attester, uint256 indexed commitment, Facts facts);
    event Revoked(address indexed attester, uint256 indexed commitment);
    event StatementRegistered(bytes32 indexed statement, address indexed verifier, Statement content);
    event StatementWithdrawn(bytes32 indexed statement, address indexed verifier);
    event Asked(bytes32 indexed statement, address indexed verifier, bytes32 nonce, uint64 expires, bool bound);
    event Accepted(bytes32 indexed statement, address indexed verifier, bytes32 nonce, address presenter);

    error CommitmentTooLarge(uint256 commitment);
    error AlreadyAnchored(address attester, uint256 commitment);
    /// Never anchored by this attester.
    error NotAnchored(address attester, uint256 commitment);
    /// Anchored, and revoked since.
    error AttestationRevoked(address attester, uint256 commitment);
    /// Anchored with other facts than are presented.
    error OtherFacts(address attester, uint256 commitment);
    error AttestationExpired(address attester, uint256 commitment, uint64 expires);

    /// A statement that any presentation would satisfy, or none can.
    error StatementMalformed();
    error StatementKnown(bytes32 statement);
    /// Not registered by this verifier, or withdrawn, or changed.
    error StatementUnknown(bytes32 statement);
    error NotInForce(uint64 from, uint64 until);
    /// The nonce has been asked before.
    error NonceUsed(bytes32 nonce);
    /// The verifier has not asked this with this nonce, expiry and binding.
    error NotAsked(bytes32 nonce);
    error RequestExpired(uint64 expires);
    /// The nonce has been answered.
    error Replayed(bytes32 nonce);

    error RoleCount(uint256 expected, uint256 found);
    error DocumentCount(uint256 role, uint256 least, uint256 most, uint256 found);
    error AttesterNotAccepted(uint256 role, address attester);
    /// Of another kind or profile than the role's.
    error OtherKind(uint256 role, uint256 document);
    /// These columns are not known in every line.
    error Incomplete(uint256 role, uint256 document, uint256 columns);
    error CurrencyUnknown(uint256 role, uint256 document);
    error OtherCurrency(uint256 role, uint256 document);
    error UnitUnknown(uint256 role, uint256 document);
    error OtherUnit(uint256 role, uint256 document);
    error DocumentTwice(uint256 first, uint256 second);

    error VerdictCount(uint256 expected, uint256 found);
    /// Neither the inputs of a verdict nor those of a direct one.
    error VerdictForm(uint256 verdict, uint256 inputs);
    error ChainCount(uint256 verdict, uint256 expected, uint256 found);
    /// A direct verdict where the statement asks of more than one filter set and document together.
    error NotForDirect(uint256 verdict, uint256 expected);
    error NotATally(uint256 verdict, uint256 chain, uint256 tally);
    error OtherFilters(uint256 verdict, uint256 chain, uint256 tally);
    /// The first tally does not start where the kind's chain does.
    error FirstRowsMissing(uint256 verdict, uint256 chain);
    /// A tally does not start where the one before it ends.
    error Gap(uint256 verdict, uint256 chain, uint256 tally);
    /// The last tally does not end at the anchored commitment.
    error LastRowsMissing(uint256 verdict, uint256 chain);
    error TotalsNotOnCurve(uint256 verdict, uint256 chain, uint256 tally);
    error OtherBounds(uint256 verdict);
    /// The verdict is about another commitment than the sum of its tallies'.
    error OtherSum(uint256 verdict);
    error OtherContext(uint256 verdict);

    /// Puts a commitment on record, as the attester that sends this.
    function anchor(uint256 commitment, Facts calldata facts) external;

    /// Takes back one's own. It cannot be anchored again.
    function revoke(uint256 commitment) external;

    /// The digest of the facts that are anchored, 0 for none, 1 for revoked.
    function anchorOf(address attester, uint256 commitment) external view returns (bytes32);

    /// Registers a statement, as the verifier that sends this.
    function register(Statement calldata statement) external returns (bytes32 id);

    /// Takes back one's own statement; what was accepted stays on record.
    function withdraw(bytes32 id) external;

    /// Asks for one answer under one's own statement.
    function ask(bytes32 id, bytes32 nonce, uint64 expires, bool bound) external;

    /// Reverts unless the presentation answers what the verifier asked; may be called again and again.
    function check(address verifier, Statement calldata statement, Presentation calldata presentation)
        external
        view
        returns (bytes32 id);

    /// The same, and puts on record that the nonce is answered.
    function accept(address verifier, Statement calldata statement, Presentation calldata presentation)
        external
        returns (bytes32 id);
}
