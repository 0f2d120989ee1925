pragma circom 2.1.0;

include "edwards.circom";
include "fixedBase.circom";
include "poseidon.circom";
include "scalars.circom";
include "variableBase.circom";

// EdDSA-Poseidon (docs/protocol.md, Signature), refusing and accepting what circomlib's EdDSAPoseidonVerifier with a
// curve check for A and R8 does.
// Twin: packages/protocol/keys/eddsa.ts createPortableVerifier
//   assumes:    enabled is a bit.
//   guarantees: if enabled: A = (xA, yA) is on the curve, 8·A is not the identity, 0 ≤ S < l and
//               S·B8 = R8 + h·8·A with h = Poseidon(R8, A, message). In any case: R8 is on the curve and S < l.
//               A disabled signature can always be satisfied: A is replaced by B8 then; set R8 = (0, 1), S = 0.
//   enabled: 1 bit; the others: field elements.
//   Constraints: 3,001 = 321 (hash) + 255 (h) + 252 (S) + 1,644 (h·8·A) + 505 (S·B8) + 24 (curve checks, 4·A, sum).
//
// Exceptions, sound but not complete: HashModuloSubgroup and VariableBase refuse some hashes that nobody can find
// (less than one in 2^129).
template Signature() {
    signal input enabled;
    signal input xA;
    signal input yA;
    signal input xR8;
    signal input yR8;
    signal input s;
    signal input message;

    // A disabled signature verifies under B8 instead, whatever stands in the leaf.
    var BASE8[2] = [
        5299619240641551281634865583518297030282874472190772894086521144482721001553,
        16950150798460657717958625567821834550301663161624707787222815936182638968203
    ];
    signal x <== BASE8[0] + enabled * (xA - BASE8[0]);
    signal y <== BASE8[1] + enabled * (yA - BASE8[1]);

    // 4·A. It is on the curve; x = 0 only for the identity and the point of order 2. So x(4·A) ≠ 0 says that 8·A is
    // not the identity, and that 4·A has order l or 2·l (the group is cyclic of order 8·l).
    component curveA = EdwardsOnCurve();
    curveA.x <== x;
    curveA.y <== y;
    component twice = EdwardsDouble();
    twice.xIn <== x;
    twice.yIn <== y;
    twice.squareX <== curveA.squareX;
    twice.squareY <== curveA.squareY;
    component fourTimes = EdwardsDouble();
    fourTimes.xIn <== twice.x;
    fourTimes.yIn <== twice.y;
    fourTimes.squareX <== twice.x * twice.x;
    fourTimes.squareY <== twice.y * twice.y;
    signal inverse;
    inverse <-- 1 / fourTimes.x;
    inverse * fourTimes.x === 1;

    component hash = PoseidonHash(5);
    hash.in[0] <== xR8;
    hash.in[1] <== yR8;
    hash.in[2] <== x;
    hash.in[3] <== y;
    hash.in[4] <== message;
    component hashScalar = HashModuloSubgroup();
    hashScalar.in <== hash.out;
    component multiple = VariableBase(); // h·8·A = h·2·(4·A)
    multiple.bits <== hashScalar.bits;
    multiple.topBit <== hashScalar.topBit;
    multiple.xP <== fourTimes.x;
    multiple.yP <== fourTimes.y;

    component curveR8 = EdwardsOnCurve();
    curveR8.x <== xR8;
    curveR8.y <== yR8;
    component right = EdwardsAdd();
    right.x1 <== xR8;
    right.y1 <== yR8;
    right.x2 <== multiple.x;
    right.y2 <== multiple.y;

    component scalar = SubgroupScalar();
    scalar.in <== s;
    component left = FixedBase();
    left.bits <== scalar.bits;
    left.topBit <== scalar.topBit;

    enabled * (left.x - right.x) === 0;
    enabled * (left.y - right.y) === 0;
}
