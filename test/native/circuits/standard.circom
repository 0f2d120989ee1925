pragma circom 2.1.0;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/comparators.circom";
include "circomlib/circuits/eddsaposeidon.circom";
include "circomlib/circuits/poseidon.circom";

// circomlib's templates with hints: signatures (switched off, so that any key may stand there), bits, comparisons.
template Standard() {
    signal input enabled;
    signal input key[2];
    signal input r8[2];
    signal input s;
    signal input message;
    signal output less;
    signal output zero;
    signal output bits[254];
    signal output hash;

    component signature = EdDSAPoseidonVerifier();
    signature.enabled <== enabled;
    signature.Ax <== key[0];
    signature.Ay <== key[1];
    signature.R8x <== r8[0];
    signature.R8y <== r8[1];
    signature.S <== s;
    signature.M <== message;

    component comparison = LessThan(64);
    component low = Num2Bits_strict();
    low.in <== message;
    component short = Num2Bits_strict();
    short.in <== s;
    var a = 0;
    var b = 0;
    for (var i = 0; i < 64; i++) {
        a += low.out[i] * 2 ** i;
        b += short.out[i] * 2 ** i;
    }
    comparison.in[0] <== a;
    comparison.in[1] <== b;
    less <== comparison.out;
    zero <== IsZero()(message);
    bits <== low.out;
    hash <== Poseidon(3)([key[0], r8[0], message]);
}

component main {public [key]} = Standard();
