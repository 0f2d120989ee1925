/** For each rule, operations that break it and, as far as the world allows, no rule before it. */

import {
  FIELD_MODULUS,
  float40,
  type Operation,
  packOwnerAndToken,
  type RecordErrorCode,
  type RecordFields,
  SUBGROUP_ORDER,
  TREE_CAPACITY,
} from '../../protocol/index.ts';
import { collectFeeOperation } from '../support/world.ts';
import { type Draft, draftAny, draftDeposit, draftExit, draftPayment, pickSender, sign } from './drafts.ts';
import { keyPairOf, type ReachableWorld } from './world.ts';

const MAX_BALANCE = 2n ** 128n - 1n;
const LAST_NONCE = 2 ** 32 - 1;
const NOBODY = { keyY: 0n, owner: 0n };

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

const withFields = (operation: Operation, fields: Partial<RecordFields>): Operation => ({
  ...operation,
  fields: { ...operation.fields, ...fields },
});
const withWord = (operation: Operation, position: number, word: bigint): Operation => ({
  ...operation,
  words: operation.words.with(position, word),
});
const withDraft = (draft: Draft, fields: Partial<RecordFields>, changes: Partial<Draft> = {}): Draft => ({
  ...draft,
  ...changes,
  fields: { ...draft.fields, ...fields },
});

/** A number near `value`, or any other of this width. */
function otherThan({ random }: ReachableWorld, value: bigint, bits: number): bigint {
  const other = random.pick([
    value + 1n,
    value - 1n,
    value ^ (1n << BigInt(random.below(bits))),
    random.bits(bits),
    0n,
  ]);
  return other === value || other < 0n || other >> BigInt(bits) !== 0n ? value ^ 1n : other;
}

/** A record whose amount is changed, and for a withdrawal the word that repeats it. */
function withAmount(draft: Draft, amountFloat: bigint): Draft {
  const words = draft.fields.kind === 3 ? draft.words.with(2, float40.decode(amountFloat)) : draft.words;
  return withDraft(draft, { amountFloat }, { words });
}

/** One thing wrong with who signed what. */
function badSignature(world: ReachableWorld): Operation {
  const { random, state } = world;
  const draft = draftPayment(world);
  const good = sign(world, draft);
  const unusable = world.indices.filter((index) => keyPairOf(state.get(index)!.keyY) === undefined);
  const someone = state.get(pickSender(world, ({ keyY }) => keyY !== draft.signer))!;
  const altered = (change: (authorization: NonNullable<Operation['authorization']>) => object): Operation =>
    good.authorization === undefined
      ? good
      : { ...good, authorization: { ...good.authorization, ...change(good.authorization) } };
  const bit = 1n << BigInt(random.below(254));
  return random.pick<() => Operation>([
    () => ({ fields: good.fields, words: good.words }),
    () => sign(world, { ...draft, nonce: (draft.nonce + random.pick([1, 2 ** 32 - 1])) % 2 ** 32 }),
    () => sign(world, { ...draft, domain: draft.domain ?? random.fieldElement() }),
    () => sign(world, { ...draft, signer: someone.keyY }),
    () => sign(world, { ...draft, receiver: { keyY: random.fieldElement(), owner: draft.receiver.owner } }),
    () => ({ ...sign(world, withAmount(draft, otherThan(world, draft.fields.amountFloat, 35))), fields: good.fields }),
    () => ({ ...sign(world, withDraft(draft, {}, { validUntil: 2 ** 40 - 2 })), authorization: good.authorization! }),
    () => altered(({ validUntil }) => ({ validUntil: validUntil === 0 ? 2 ** 40 - 1 : 0 })),
    () => altered(({ keyX }) => ({ keyX: FIELD_MODULUS - keyX })),
    () => altered(({ r8 }) => ({ r8: { x: FIELD_MODULUS - r8.x, y: r8.y } })),
    () => altered(({ keyX }) => ({ keyX: keyX ^ bit })),
    () => altered(({ r8 }) => ({ r8: { x: r8.x ^ bit, y: r8.y } })),
    () => altered(({ r8 }) => ({ r8: { x: r8.x, y: r8.y ^ bit } })),
    () => altered(({ s }) => ({ s: s ^ (bit & (2n ** 251n - 1n)) })),
    () => altered(({ s }) => ({ s: s + SUBGROUP_ORDER })),
    () => altered(() => ({ r8: { x: 0n, y: 1n }, s: 0n })),
    () => {
      if (unusable.length === 0) return { fields: good.fields, words: good.words };
      const from = random.pick(unusable);
      return sign(world, { ...draftPayment(world, undefined, from), signer: someone.keyY });
    },
  ])();
}

export const BREAKERS: Readonly<Record<RecordErrorCode, (world: ReachableWorld) => Operation>> = {
  RESERVED_KIND: (world) => withFields(draftAny(world), { kind: 7 + world.random.below(9) }),
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
    const kind = 1 + world.random.below(6);
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
    const kind = 2 + random.below(4);
    const operation = draftAny(world, kind);
    if (operation.words.length === 0) return operation;
    const position = random.below(3);
    if (random.chance(0.25)) {
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
  SENDER_EMPTY: (world) => {
    const draft = draftPayment(world);
    return sign(world, withDraft(draft, { from: world.emptyIndex() }, { nonce: 0 }));
  },
  SELF_TRANSFER: (world) => {
    const draft = draftPayment(world, 1 + world.random.below(2));
    const receiver = world.state.get(draft.fields.from)!;
    return sign(world, withDraft(draft, { to: draft.fields.from }, { receiver }));
  },
  RECEIVER_EMPTY: (world) => {
    if (world.random.chance(0.3)) return collectFeeOperation(world.emptyIndex());
    return sign(
      world,
      withDraft(draftPayment(world, 1), { kind: 1, to: world.emptyIndex() }, { words: [], receiver: NOBODY }),
    );
  },
  RECEIVER_EXISTS: (world) => {
    const draft = draftPayment(world, 2);
    return sign(world, withDraft(draft, { to: world.random.pick(world.indices) }));
  },
  TOKEN_MISMATCH: (world) => {
    const { state, random, indices } = world;
    const draft = draftPayment(world, 1);
    const { tokenId } = state.get(draft.fields.from)!;
    const to = random.pick(indices.filter((index) => state.get(index)!.tokenId !== tokenId));
    return sign(world, withDraft(draft, { kind: 1, to }, { words: [], receiver: state.get(to)! }));
  },
  NOT_FEE_TOKEN: (world) => {
    const { state, random, context, indices } = world;
    const isFeeless = ({ tokenId }: { tokenId: number }) => !context.feeTokens.includes(BigInt(tokenId));
    const feeless = indices.filter((index) => isFeeless(state.get(index)!));
    if (feeless.length > 0 && random.chance(0.3)) return collectFeeOperation(random.pick(feeless));
    const draft = draftPayment(world, undefined, pickSender(world, isFeeless));
    return sign(world, withDraft(withAmount(draft, 0n), { feeFloat: 1 + random.below(random.pick([1, 2_047])) }));
  },
  EXPIRED: (world) => {
    const { batchTime } = world.context;
    const validUntil = world.random.pick([batchTime - 1, 1 + world.random.below(batchTime - 1)]);
    return sign(world, { ...draftPayment(world), validUntil });
  },
  NONCE_EXHAUSTED: (world) => {
    const used = world.indices.filter((index) => world.state.get(index)!.nonce === LAST_NONCE);
    return sign(world, draftPayment(world, undefined, world.random.pick(used)));
  },
  BAD_SIGNATURE: badSignature,
  INSUFFICIENT_BALANCE: (world) => {
    const draft = draftPayment(
      world,
      undefined,
      pickSender(world, ({ balance }) => balance < MAX_BALANCE / 2n),
    );
    const { balance } = world.state.get(draft.fields.from)!;
    const missing = balance + world.random.pick([1n, world.random.bits(30), world.random.bits(127)]);
    const above = float40.encodeFloor(missing) + (float40.isRepresentable(missing) ? 0n : 1n);
    return sign(world, withAmount(draft, world.random.chance(0.1) ? 2n ** 40n - 1n : above));
  },
  WITHDRAWAL_MISMATCH: (world) => {
    const draft = draftPayment(world, 3);
    const position = world.random.pick([1, 2]);
    const other = otherThan(world, draft.words[position]!, position === 1 ? 192 : 128);
    return sign(world, { ...draft, words: draft.words.with(position, other) });
  },
  DEPOSIT_MISMATCH: (world) => {
    const operation = draftDeposit(world, world.random.pick(world.indices));
    const position = world.random.below(2);
    return withWord(operation, position, otherThan(world, operation.words[position]!, position === 0 ? 250 : 192));
  },
  EXIT_MISMATCH: (world) => {
    const operation = draftExit(world);
    const account = world.state.get(operation.fields.from);
    // Nothing for its owner, everything for another, any other amount.
    if (account !== undefined && world.random.chance(0.3)) {
      const asked = packOwnerAndToken(account.owner ^ 1n, account.tokenId);
      return { ...operation, words: [0n, asked, account.balance] };
    }
    return withWord(operation, 2, otherThan(world, operation.words[2]!, 128));
  },
  BALANCE_OVERFLOW: (world) => {
    const to = world.random.pick(world.indices);
    const { balance } = world.state.get(to)!;
    const operation = draftDeposit(world, to);
    const least = MAX_BALANCE - balance + 1n;
    const amount = least + world.random.pick([0n, world.random.bits(128) % (balance + 1n)]);
    return withWord(operation, 2, amount > MAX_BALANCE ? MAX_BALANCE : amount);
  },
};
