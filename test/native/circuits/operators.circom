pragma circom 2.1.0;

// Every operator of circom on two inputs. The hints are not constrained: only their values matter here.
template Operators() {
    signal input a;
    signal input b;
    signal output out[40];

    out[0] <-- a + b;
    out[1] <-- a - b;
    out[2] <-- a * b;
    out[3] <-- a / b;
    out[4] <-- -a;
    out[5] <-- a == b;
    out[6] <-- a != b;
    out[7] <-- a < b;
    out[8] <-- a <= b;
    out[9] <-- a > b;
    out[10] <-- a >= b;
    out[11] <-- a && b;
    out[12] <-- a || b;
    out[13] <-- !a;
    out[14] <-- a & b;
    out[15] <-- a | b;
    out[16] <-- a ^ b;
    out[17] <-- ~a;
    out[18] <-- a >> b;
    out[19] <-- a << b;
    out[20] <-- a >> 1;
    out[21] <-- a >> 253;
    out[22] <-- a >> 254;
    out[23] <-- a << 7;
    out[24] <-- a << 253;
    out[25] <-- (a >> 51) & (2 ** 53 - 1);
    out[26] <-- ((a >> 10) & (2 ** 100 - 1)) >> 60;
    out[27] <-- (a >> 52) & 1;
    out[28] <-- a & (2 ** 253 + 5);
    out[29] <-- a ** 3;
    out[30] <-- 3 ** (b & 1023);
    out[31] <-- b == 0 ? 0 : a \ b;
    out[32] <-- b == 0 ? 0 : a % b;
    out[33] <-- a != 0 ? 1 / a : 0;
    out[34] <-- a == 0 ? 7 : 1 / a;
    out[35] <-- a >> -3;
    out[36] <-- a << -3;
    out[37] <-- (a & 1) ? (b >> 1) : (b << 1);
    out[38] <-- (a < 0) ? -a : a;
    out[39] <-- a / a;
}

component main = Operators();
