//! The rules that need no state: RESERVED_KIND to WORD_RANGE.

use super::node::{Node, is_field_element};
use super::operation::{Operation, is_visible_kind};
use super::rule::Rule;
use super::tree::CAPACITY;
use ark_ff::{BigInt, BigInteger};

/// The first of these rules that a record breaks. In OPERATION_BYTES it has as many words as its kind.
/// Twin: packages/protocol/records/shape.ts shapeViolation.
pub fn check_shape(operation: &Operation) -> Result<(), Rule> {
    let Operation { kind, from, to, amount_float, fee_float, words, .. } = operation;
    let unused_from = matches!(kind, 0 | 4 | 6);
    let unused_to = matches!(kind, 0 | 3 | 5);
    let unused_amounts = matches!(kind, 0 | 4 | 5 | 6);
    if *kind > 7 {
        return Err(Rule::ReservedKind);
    }
    if unused_from && *from != 0 || unused_to && *to != 0 || unused_amounts && (*amount_float != 0 || *fee_float != 0) {
        return Err(Rule::NonzeroField);
    }
    if *from >= CAPACITY || *to >= CAPACITY {
        return Err(Rule::IndexRange);
    }
    let widths = match kind {
        2 => [256, 160, 0],
        3 | 5 => [0, 256, 256],
        4 => [256, 192, 128],
        _ => [256; 3],
    };
    let fits = |(word, bits): (&Node, u32)| is_field_element(word) && BigInt(*word).num_bits() <= bits;
    if is_visible_kind(*kind) && !words.iter().zip(widths).all(fits) { Err(Rule::WordRange) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::samples::{Fields, operation};
    use ark_bn254::Fr;
    use ark_ff::PrimeField;

    fn of(kind: u8) -> Fields {
        Fields { kind, ..Fields::default() }
    }

    fn outcome(fields: Fields, words: [Node; 3]) -> Option<Rule> {
        check_shape(&operation(fields, words)).err()
    }

    #[test]
    fn reserved_kinds_and_used_places_are_refused() {
        for kind in 0..16 {
            let expected = (kind > 7).then_some(Rule::ReservedKind);
            assert_eq!(outcome(of(kind), [[0; 4]; 3]), expected, "kind {kind}");
        }
        // Which of from, to, amount and fee each kind uses.
        let used = [[false; 4], [true; 4], [true; 4], [true, false, true, true], [false, true, false, false]];
        let used = [&used[..], &[[true, false, false, false], [false, true, false, false], [true; 4]]].concat();
        for (kind, used) in (0..).zip(used) {
            let fields = [
                Fields { from: 1, ..of(kind) },
                Fields { to: 1, ..of(kind) },
                Fields { amount: 1, ..of(kind) },
                Fields { fee: 1, ..of(kind) },
            ];
            for (fields, used) in fields.into_iter().zip(used) {
                assert_eq!(outcome(fields, [[0; 4]; 3]), (!used).then_some(Rule::NonzeroField), "kind {kind}");
            }
        }
    }

    #[test]
    fn indices_end_with_the_tree() {
        for kind in [1, 2, 7] {
            for (index, expected) in
                [(CAPACITY - 1, None), (CAPACITY, Some(Rule::IndexRange)), (u32::MAX, Some(Rule::IndexRange))]
            {
                assert_eq!(outcome(Fields { from: index, ..of(kind) }, [[0; 4]; 3]), expected);
                assert_eq!(outcome(Fields { to: index, ..of(kind) }, [[0; 4]; 3]), expected);
            }
        }
    }

    #[test]
    fn words_keep_their_widths() {
        let modulus = Fr::MODULUS.0;
        let largest = [modulus[0] - 1, modulus[1], modulus[2], modulus[3]];
        // The largest word of so many bits.
        let ones = |bits: usize| -> Node {
            std::array::from_fn(|limb| {
                (u64::MAX as u128 & ((1u128 << bits.saturating_sub(64 * limb).min(64)) - 1)) as u64
            })
        };
        let next =
            |bits: usize| -> Node { std::array::from_fn(|limb| if bits / 64 == limb { 1 << (bits % 64) } else { 0 }) };
        for (kind, widths) in
            [(2, [254, 160, 0]), (3, [0, 254, 254]), (4, [254, 192, 128]), (5, [0, 254, 254]), (7, [254; 3])]
        {
            for (position, bits) in widths.into_iter().enumerate() {
                let with = |word: Node| {
                    let mut words = [[0; 4]; 3];
                    words[position] = word;
                    outcome(of(kind), words)
                };
                let (fits, does_not) = if bits == 254 { (largest, modulus) } else { (ones(bits), next(bits)) };
                assert_eq!(with(fits), None, "kind {kind}, word {position}");
                assert_eq!(with(does_not), Some(Rule::WordRange), "kind {kind}, word {position}");
                assert_eq!(with([u64::MAX; 4]), Some(Rule::WordRange));
            }
        }
    }
}
