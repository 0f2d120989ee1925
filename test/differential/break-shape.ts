/** Operations that break one of the rules that need no state. */

import {
  FIELD_MODULUS,
  type Operation,
  type RecordErrorCode,
  type RecordFields,
  TREE_CAPACITY,
} from '@quittance/protocol';
import { withFields, withWord } from './changes.ts';
import { draftAny } from './drafts.ts';
import type { ReachableRollup } from './reachable.ts';

type ShapeCode = Extract<
  RecordErrorCode,
  'RESERVED_KIND' | 'NONZERO_FIELD' | 'WORD_COUNT' | 'INDEX_RANGE' | 'WORD_RANGE'
>;

/** The fields that are shown as – in the record table, with their widths. */
const UNUSED: Readonly<Record<number, readonly (readonly [keyof RecordFields, number])[]>> = {
  0: [
    ['from', 32],
    ['to', 32],
    ['amountFloat', 40],
    ['feeFloat', 16],
  ],
  3: [['to', 32]],
  4: [
    ['from', 32],
    ['amountFloat', 40],
    ['feeFloat', 16],
  ],
  5: [
    ['to', 32],
    ['amountFloat', 40],
    ['feeFloat', 16],
  ],
  6: [
    ['from', 32],
    ['amountFloat', 40],
    ['feeFloat', 16],
  ],
};

export const SHAPE_BREAKERS: Readonly<Record<ShapeCode, (world: ReachableRollup) => Operation>> = {
  RESERVED_KIND: (world) => withFields(draftAny(world), { kind: 8 + world.random.below(8) }),
  NONZERO_FIELD: (world) => {
    const kind = world.random.pick([0, 3, 4, 5, 6]);
    const [field, bits] = world.random.pick(UNUSED[kind]!);
    const used = {
      from: 1n + BigInt(world.random.pick(world.indices)),
      to: 1n + BigInt(world.random.pick(world.indices)),
    };
    const value = world.random.chance(0.5) ? 1n + world.random.bits(bits - 1) : (used[field as 'from' | 'to'] ?? 1n);
    return withFields(draftAny(world, kind), { [field]: field === 'amountFloat' ? value : Number(value) });
  },
  WORD_COUNT: (world) => {
    const operation = draftAny(world);
    const { words } = operation;
    const count = world.random.pick([0, 1, 2, 3, 4].filter((candidate) => candidate !== words.length));
    const fill = world.random.chance(0.3) ? () => 0n : () => world.random.fieldElement();
    return { ...operation, words: Array.from({ length: count }, (_, position) => words[position] ?? fill()) };
  },
  INDEX_RANGE: (world) => {
    const kind = 1 + world.random.below(7);
    const operation = draftAny(world, kind);
    const field = [3, 5].includes(kind)
      ? 'from'
      : [4, 6].includes(kind)
        ? 'to'
        : world.random.pick(['from', 'to'] as const);
    // Half of them name an account when the bits that are too many are cut off.
    const index = operation.fields[field] + TREE_CAPACITY * (1 + world.random.below(255));
    const far = TREE_CAPACITY + world.random.below(2 ** 32 - TREE_CAPACITY);
    return withFields(operation, { [field]: world.random.chance(0.5) ? index : far });
  },
  WORD_RANGE: (world) => {
    const { random } = world;
    const kind = random.pick([2, 3, 4, 5, 7]);
    const operation = draftAny(world, kind);
    if (operation.words.length === 0) return operation;
    const position = random.below(3);
    // Each word of a move is any field element, or another rule's.
    if (kind === 7 || random.chance(0.25)) {
      const tooLarge = random.pick([operation.words[position]! + FIELD_MODULUS, FIELD_MODULUS, 2n ** 256n - 1n]);
      return withWord(operation, position, tooLarge);
    }
    if (kind === 2) {
      return random.chance(0.5)
        ? withWord(operation, 2, random.pick([1n, random.fieldElement()]))
        : withWord(operation, 1, operation.words[1]! + 2n ** 160n * (1n + random.bits(90)));
    }
    if (kind === 4) {
      const amount = random.pick([2n ** 128n, 2n ** 128n + random.bits(120), FIELD_MODULUS - 1n - random.bits(60)]);
      return random.chance(0.5)
        ? withWord(operation, 2, amount)
        : withWord(operation, 1, operation.words[1]! + 2n ** 192n * (1n + random.bits(60)));
    }
    return withWord(operation, 0, random.pick([1n, random.fieldElement()]));
  },
};
