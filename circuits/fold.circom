pragma circom 2.1.0;

include "lib/fold.circom";

// Fold tile (lib/fold.circom). Public inputs and outputs are its interface: wires that the tiling connects.
component main {public [yIn, step, even, odd]} = Fold();
