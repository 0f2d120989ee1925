pragma circom 2.1.0;

// A loop whose number of rounds depends on an input.
template Endless() {
    signal input in;
    signal output out;
    var rest = in;
    var rounds = 0;
    while (rest > 0) {
        rest = rest >> 1;
        rounds++;
    }
    out <-- rounds;
}

component main = Endless();
