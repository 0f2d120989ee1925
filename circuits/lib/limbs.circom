pragma circom 2.1.0;

// q, the order of BLS12-381's scalar field, as limbs of 87, 87 and 81 bits, least significant first: q ≥ 2^254 > r, so
// it is no field element.
// Twin: packages/protocol/params.ts BLOB_FIELD_MODULUS
function BLOB_MODULUS() {
    return [
        152759092541123205368119297,
        58104352570775626077177343,
        2189824323607448610983143
    ];
}

// An integer of three limbs modulo r.
// Twin: prover/limbs.ts fromLimbs
function FROM_LIMBS(limbs) {
    return limbs[0] + limbs[1] * 2 ** 87 + limbs[2] * 2 ** 174;
}
