pragma circom 2.1.0;

// Returns early on one side only.
function clamp(x) {
    if (x > 100) {
        return 100;
    }
    var doubled = 2 * x;
    return doubled;
}

// Nested conditions, returns at several depths, a variable that is written on some of the ways.
function classify(x, y) {
    var result = 5;
    if (x == 0) {
        if (y == 0) {
            return 1;
        }
        result += y;
    } else if (x == y) {
        return 2;
    } else {
        if (y == 1) {
            result = x * 3;
        }
    }
    if (result == 6) {
        return 9;
    }
    return result;
}

// Conditions in loops and on array elements; a condition on a constant among them.
function countEqual(values, x) {
    var count = 0;
    var positions[4] = [0, 0, 0, 0];
    for (var i = 0; i < 4; i++) {
        if (values[i] == x) {
            count += 1;
            positions[i] = i * i + 1;
        }
        if (i == 2) {
            count += 10;
        }
    }
    return count * 1000 + positions[0] + positions[1] * 2 + positions[2] * 3 + positions[3] * 4;
}

// Instances with different parameters in one array are called through the function table.
template Power(exponent) {
    signal input in;
    signal output out;
    signal powers[exponent];
    powers[0] <== in;
    for (var i = 1; i < exponent; i++) {
        powers[i] <== powers[i - 1] * in;
    }
    out <== powers[exponent - 1];
}

template Branches() {
    signal input x;
    signal input y;
    signal input values[4];
    signal output clamped;
    signal output class;
    signal output count;
    signal output powers[4];
    signal output checked;

    clamped <-- clamp(x);
    class <-- classify(x, y);
    count <-- countEqual(values, y);

    component power[4];
    for (var i = 0; i < 4; i++) {
        power[i] = Power(2 + i % 2);
        power[i].in <== values[i] + x;
        powers[i] <== power[i].out;
    }

    // Whole arrays, copied and compared.
    signal copied[4] <== values;
    copied === values;

    // A check under a condition must not stop the other side.
    var seen = 0;
    if (x == 3) {
        assert(y < 1000);
        seen = y;
    }
    checked <-- seen;
    log("checked", checked);
}

component main = Branches();
