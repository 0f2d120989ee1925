pragma circom 2.1.0;

include "circomlib/circuits/bitify.circom";

// A decimal float: value = mantissa·10^exponent (float40 with 35 mantissa bits, float16 with 11; docs/protocol.md,
// Records). All encodings are accepted, canonical or not.
// Twin: packages/protocol/records/float.ts float40
//   guarantees: mantissa < 2^mantissaWidth, exponent < 32; encoding = mantissa + 2^mantissaWidth·exponent;
//               value = mantissa·10^exponent < 2^(mantissaWidth + 103).
//   mantissa: mantissaWidth bits; exponent: 5 bits; encoding: mantissaWidth + 5 bits; value: mantissaWidth + 103 bits.
//   Constraints: mantissaWidth + 10 and the linear `encoding`, which goes where it is used: 46 (mantissa of 35 bits).
template DecimalFloat(mantissaWidth) {
    signal input mantissa;
    signal input exponent;
    signal output encoding;
    signal output value;

    component mantissaBits = Num2Bits(mantissaWidth);
    mantissaBits.in <== mantissa;
    component exponentBits = Num2Bits(5);
    exponentBits.in <== exponent;
    encoding <== mantissa + exponent * 2 ** mantissaWidth;

    // 10^exponent by squaring: the factor of bit i is 10^(2^i).
    signal power[5];
    for (var i = 0; i < 5; i++) {
        var factor = 1 + exponentBits.out[i] * (10 ** (2 ** i) - 1);
        if (i == 0) {
            power[0] <== factor;
        } else {
            power[i] <== power[i - 1] * factor;
        }
    }
    value <== mantissa * power[4];
}
