pragma circom 2.1.0;

include "circomlib/circuits/bitify.circom";

// EXPIRED: validUntil = 0 or batchTime ≤ validUntil.
// Twin: packages/protocol/records/signed.ts isExpired
//   assumes:    batchTime < 2^40 (context tile).
//   guarantees: the rule, and validUntil < 2^40.
//   validUntil, batchTime: 40 bits. Constraints: 82.
// Unsigned records have no validUntil: the witness sets 0, which always passes.
template Expiry() {
    signal input validUntil;
    signal input batchTime;

    component validUntilBits = Num2Bits(40);
    validUntilBits.in <== validUntil;

    // never is 0 unless validUntil is 0. If validUntil is 0 and never is chosen other than 1, the witness only makes its
    // own life harder.
    signal never;
    never <-- validUntil == 0 ? 1 : 0;
    never * validUntil === 0;
    signal remaining <== (1 - never) * (validUntil - batchTime);
    component remainingBits = Num2Bits(40); // both terms are below 2^40, so a negative difference has no 40 bits
    remainingBits.in <== remaining;
}
