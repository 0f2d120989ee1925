pragma circom 2.1.0;

include "lib/slot.circom";

// Slot tile (lib/slot.circom). Public inputs and outputs are its interface: wires that the tiling connects.
component main {public [
    shardsIn, commitmentIn, sumVIn, accumulatorIn, feesIn, challenge, weight, domain, batchTime, feeTokens
]} = Slot();
