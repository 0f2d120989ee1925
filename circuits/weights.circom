pragma circom 2.1.0;

include "lib/weights.circom";

// Weights tile (lib/weights.circom). The challenge is public, the powers and quotients are the witness's.
component main {public [challenge]} = Weights();
