/** For each rule, random operations that break it and no rule before it. */

import {
  type Account,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  type Operation,
  packOwnerAndToken,
  type RecordErrorCode,
  type RecordFields,
  signMessage,
  TREE_CAPACITY,
  transactionMessage,
} from '@quittance/protocol';
import type { Random } from '../support/property/random.ts';
import {
  type Actor,
  collectFeeOperation,
  depositOperation,
  forcedExitOperation,
  World,
} from '../support/rollup/world.ts';

/** What a signer says; signed as it is, sense or nonsense. */
interface Draft {
  readonly fields: RecordFields;
  readonly words: readonly bigint[];
  readonly signer: Actor;
  readonly nonce: number;
  readonly validUntil: number;
  readonly receiver: { readonly keyY: bigint; readonly owner: bigint };
}

/** An operation and the fee sums that stand before it. */
export interface Candidate {
  readonly operation: Operation;
  readonly fees?: readonly bigint[];
}

const MAX_BALANCE = 2n ** 128n - 1n;

/** Accounts of which each allows to break some rule, next to ordinary ones. */
export class BreakableRollup {
  readonly world: World;
  readonly random: Random;
  /** Token 0, with money. */
  readonly payers: readonly Actor[];
  readonly otherToken: Actor;
  /** Token 9, in which no fees can be paid. */
  readonly feeless: readonly Actor[];
  readonly exhausted: Actor;
  readonly full: Actor;

  constructor(seed: string | number) {
    this.world = new World(seed, { feeTokens: [0n, 1n, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER] });
    const { world } = this;
    this.random = world.random;
    this.payers = [world.fund(0, 10n ** 20n, 3), world.fund(0, 10n ** 18n, TREE_CAPACITY - 1), world.fund(0, 7n, 9)];
    this.otherToken = world.fund(1, 10n ** 18n, 2 ** 20);
    this.feeless = [world.fund(9, 10n ** 18n, 20), world.fund(9, 10n ** 18n, 21)];
    this.exhausted = world.fund(0, 10n ** 18n, 30);
    this.full = world.fund(0, MAX_BALANCE, 31);
    world.state.write({ index: 30, after: { ...this.account(this.exhausted), nonce: 2 ** 32 - 1 } });
  }

  account(actor: Actor): Account {
    return this.world.state.get(actor.index)!;
  }

  emptyIndex(): number {
    for (;;) {
      const index = this.random.below(TREE_CAPACITY);
      if (this.world.state.get(index) === undefined) return index;
    }
  }

  /** A valid payment of kind 1, 2 or 3 in the sender's token. */
  draft(kind = 1 + this.random.below(3), sender = this.random.pick(this.payers.slice(0, 2)), peer?: Actor): Draft {
    const { random } = this;
    const amountFloat = random.bits(35);
    const feeFloat = this.feeless.includes(sender) ? 0 : random.below(2_048);
    const { nonce, owner, tokenId } = this.account(sender);
    const peers = this.payers.filter(({ index }) => index !== sender.index);
    const to = kind === 1 ? (peer ?? random.pick(peers)) : undefined;
    const words =
      kind === 2
        ? [random.fieldElement(), random.bits(160), 0n]
        : kind === 3
          ? [0n, packOwnerAndToken(owner, tokenId), amountFloat]
          : [];
    return {
      fields: {
        kind,
        from: sender.index,
        to: to?.index ?? (kind === 2 ? this.emptyIndex() : 0),
        amountFloat,
        feeFloat,
      },
      words,
      signer: sender,
      nonce,
      validUntil: random.chance(0.5) ? 0 : this.world.context.batchTime + random.below(1_000),
      receiver: to === undefined ? { keyY: 0n, owner: 0n } : { keyY: to.keyPair.publicKey.y, owner: to.owner },
    };
  }

  sign(draft: Draft): Operation {
    const { fields, words, signer, nonce, validUntil } = draft;
    const receiver = fields.kind === 2 ? { keyY: words[0]!, owner: words[1]! } : draft.receiver;
    const { crypto, domain } = this.world;
    const message = transactionMessage(crypto.hasher, {
      domain,
      fields,
      nonce,
      validUntil,
      receiverKeyY: receiver.keyY,
      receiverOwner: receiver.owner,
    });
    const { r8, s } = signMessage(crypto.hasher, signer.keyPair, message);
    return { fields, words, authorization: { validUntil, keyX: signer.keyPair.publicKey.x, r8, s } };
  }

  /** A draft with fields changed, signed. */
  signWith(draft: Draft, fields: Partial<RecordFields>, changes: Partial<Draft> = {}): Operation {
    return this.sign({ ...draft, ...changes, fields: { ...draft.fields, ...fields } });
  }

  deposit(actor = this.random.pick(this.payers), amount = this.random.bits(60)): Operation {
    const { keyY, owner, tokenId } = this.account(actor);
    return depositOperation(actor.index, { keyY, owner, tokenId }, amount);
  }

  exit(actor = this.random.pick(this.payers)): Operation {
    const account = this.account(actor);
    return forcedExitOperation(actor.index, account, account.owner, account.tokenId);
  }

  /** A valid operation of any kind but 0. */
  any(kind = 1 + this.random.below(6)): Operation {
    if (kind <= 3) return this.sign(this.draft(kind));
    if (kind === 4) return this.deposit();
    if (kind === 5) return this.exit();
    return collectFeeOperation(this.random.pick(this.payers).index);
  }
}

const withFields = (operation: Operation, fields: Partial<RecordFields>): Operation => ({
  ...operation,
  fields: { ...operation.fields, ...fields },
});
const withWord = (operation: Operation, position: number, word: bigint): Operation => ({
  ...operation,
  words: operation.words.with(position, word),
});

/** Other than `value`, in the given width. */
function otherThan(random: Random, value: bigint, bits: number): bigint {
  const other = random.bits(bits);
  return other === value ? other ^ 1n : other;
}

/** An index beyond the tree. */
const beyond = (random: Random) => TREE_CAPACITY + random.below(2 ** 32 - TREE_CAPACITY);

const UNUSED: Readonly<Record<number, readonly (keyof RecordFields)[]>> = {
  3: ['to'],
  4: ['from', 'amountFloat', 'feeFloat'],
  5: ['to', 'amountFloat', 'feeFloat'],
  6: ['from', 'amountFloat', 'feeFloat'],
};

/** For each rule a source of operations that break it first. */
export const BREAKERS: Readonly<Record<RecordErrorCode, (scene: BreakableRollup) => Candidate>> = {
  RESERVED_KIND: (s) => ({ operation: withFields(s.any(), { kind: 7 + s.random.below(9) }) }),
  NONZERO_FIELD: (s) => {
    const kind = 3 + s.random.below(4);
    const field = s.random.pick(UNUSED[kind]!);
    const value = 1 + s.random.below(2 ** 16 - 1);
    return { operation: withFields(s.any(kind), { [field]: field === 'amountFloat' ? BigInt(value) : value }) };
  },
  WORD_COUNT: (s) => {
    const operation = s.any();
    const count = s.random.pick([0, 1, 2, 3, 4].filter((candidate) => candidate !== operation.words.length));
    return { operation: { ...operation, words: Array.from({ length: count }, () => s.random.fieldElement()) } };
  },
  INDEX_RANGE: (s) => {
    const kind = 1 + s.random.below(6);
    const field =
      kind === 3 || kind === 5 ? 'from' : kind === 4 || kind === 6 ? 'to' : s.random.pick(['from', 'to'] as const);
    return { operation: withFields(s.any(kind), { [field]: beyond(s.random) }) };
  },
  WORD_RANGE: (s) => {
    const operation = s.any(2 + s.random.below(4));
    const tooLarge = [FIELD_MODULUS + s.random.bits(100), 2n ** 256n - 1n, -1n - s.random.bits(10)];
    const { kind } = operation.fields;
    if (s.random.chance(0.4)) return { operation: withWord(operation, s.random.below(3), s.random.pick(tooLarge)) };
    if (kind === 2) {
      const third = withWord(operation, 2, 1n + s.random.bits(200));
      return { operation: s.random.chance(0.5) ? third : withWord(operation, 1, 2n ** 160n + s.random.bits(200)) };
    }
    if (kind === 4) {
      const amount = withWord(operation, 2, 2n ** 128n + s.random.bits(200));
      return { operation: s.random.chance(0.5) ? amount : withWord(operation, 1, 2n ** 192n + s.random.bits(200)) };
    }
    return { operation: withWord(operation, 0, 1n + s.random.bits(250)) };
  },
  SENDER_EMPTY: (s) => ({ operation: withFields(s.any(1 + s.random.below(3)), { from: s.emptyIndex() }) }),
  SELF_TRANSFER: (s) => {
    const draft = s.draft(1 + s.random.below(2));
    return { operation: s.signWith(draft, { to: draft.fields.from }) };
  },
  RECEIVER_EMPTY: (s) => ({ operation: withFields(s.any(s.random.pick([1, 6])), { to: s.emptyIndex() }) }),
  RECEIVER_EXISTS: (s) => {
    const draft = s.draft(2);
    const others = [...s.payers, s.otherToken, s.full].filter(({ index }) => index !== draft.fields.from);
    return { operation: s.signWith(draft, { to: s.random.pick(others).index }) };
  },
  TOKEN_MISMATCH: (s) => ({
    operation: s.sign(s.draft(1, undefined, s.random.pick([s.otherToken, ...s.feeless]))),
  }),
  NOT_FEE_TOKEN: (s) => {
    const [sender, peer] = s.feeless as [Actor, Actor];
    if (s.random.chance(0.3)) return { operation: collectFeeOperation(sender.index) };
    return { operation: s.signWith(s.draft(undefined, sender, peer), { feeFloat: 1 + s.random.below(2_047) }) };
  },
  EXPIRED: (s) => ({
    operation: s.sign({ ...s.draft(), validUntil: 1 + s.random.below(s.world.context.batchTime - 1) }),
  }),
  NONCE_EXHAUSTED: (s) => ({ operation: s.sign(s.draft(undefined, s.exhausted)) }),
  BAD_SIGNATURE: (s) => {
    const draft = s.draft();
    const operation = s.sign(draft);
    const { keyX, r8, s: scalar } = operation.authorization!;
    const bit = 1n << BigInt(s.random.below(256));
    return {
      operation: s.random.pick<() => Operation>([
        () => s.sign({ ...draft, nonce: draft.nonce + 1 + s.random.below(5) }),
        () => s.sign({ ...draft, signer: s.otherToken }),
        () => ({ fields: operation.fields, words: operation.words }),
        () => withFields(operation, { amountFloat: otherThan(s.random, draft.fields.amountFloat, 35) }),
        () => ({ ...operation, authorization: { ...operation.authorization!, keyX: keyX ^ bit } }),
        () => ({ ...operation, authorization: { ...operation.authorization!, r8: { ...r8, x: r8.x ^ bit } } }),
        () => ({ ...operation, authorization: { ...operation.authorization!, r8: { ...r8, y: r8.y ^ bit } } }),
        () => ({ ...operation, authorization: { ...operation.authorization!, s: scalar ^ bit } }),
        () => ({ ...operation, authorization: { ...operation.authorization!, s: -scalar } }),
      ])(),
    };
  },
  INSUFFICIENT_BALANCE: (s) => {
    const poor = s.payers[2]!;
    return { operation: s.signWith(s.draft(undefined, poor, s.payers[0]), { amountFloat: 8n + s.random.bits(34) }) };
  },
  WITHDRAWAL_MISMATCH: (s) => {
    const draft = s.draft(3);
    const words = s.random.chance(0.5)
      ? draft.words.with(1, otherThan(s.random, draft.words[1]!, 192))
      : draft.words.with(2, otherThan(s.random, draft.words[2]!, 128));
    return { operation: s.sign({ ...draft, words }) };
  },
  DEPOSIT_MISMATCH: (s) => {
    const operation = s.deposit();
    const position = s.random.below(2);
    const other = otherThan(s.random, operation.words[position]!, position === 0 ? 250 : 192);
    return { operation: withWord(operation, position, other) };
  },
  EXIT_MISMATCH: (s) => {
    const operation = s.exit();
    return { operation: withWord(operation, 2, otherThan(s.random, operation.words[2]!, 128)) };
  },
  BALANCE_OVERFLOW: (s) => {
    const amountFloat = 1n + s.random.bits(34);
    return s.random.pick<() => Candidate>([
      () => ({ operation: s.signWith(s.draft(1, s.payers[0], s.full), { amountFloat }) }),
      () => ({ operation: s.deposit(s.full, amountFloat) }),
      () => ({ operation: collectFeeOperation(s.full.index), fees: [amountFloat, 0n, 0n, 0n] }),
    ])();
  },
};
