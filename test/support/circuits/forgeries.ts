/**
 * One forged slot for each rule of the record table and for each range check: a record that breaks exactly this rule,
 * with everything else computed as the circuit computes it. Source: circuits/lib/slot.circom; docs/protocol.md, Rules.
 */

import { FEE_TOKEN_FILLER, type RecordErrorCode, SUBGROUP_ORDER } from '@quittance/protocol';
import { BASE8 } from '../../../scripts/generate/fixed-base-table.ts';
import { invert, reduce } from '../crypto/field.ts';
import { lowOrderPoint } from '../crypto/full-order-point.ts';
import { accountOf, BATCH_TIME, DESTINATION, EMPTY_INDEX, INDEX, KEYS, type Name, NEWCOMER } from '../rollup/scene.ts';
import { ABSORBING_HINTS, type Hints } from './circuits.ts';
import { authorize, leafNode, ownerToken, type RawAuthorization, type RawLeaf, type RawSlot } from './raw-slot.ts';

export interface Forgery {
  /** What is wrong, as a condition. */
  readonly title: string;
  readonly slot: RawSlot;
  /**
   * The rows that the forged witness breaks: for each a signal, or signals, that stand in it ("name[" is any element of an
   * array). No other row may break.
   */
  readonly breaks: readonly (string | readonly string[])[];
  readonly hints?: Hints;
  /** The record is valid: only what the witness makes of it is not. */
  readonly isValid?: true;
  /** Other rows break too: what the rule forbids leaves the circuit nothing sensible to compute. */
  readonly andOthers?: true;
}

const leaf = (name: Name, changes: Partial<RawLeaf> = {}): RawLeaf => {
  const { keyY, owner, tokenId, nonce, balance } = accountOf(name);
  return { empty: 0n, keyY, owner, tokenId: BigInt(tokenId), nonce: BigInt(nonce), balance, ...changes };
};
const index = (name: Name): bigint => BigInt(INDEX[name]);
const leaves = (changes: Partial<Record<Name, Partial<RawLeaf>>> = {}): Map<number, RawLeaf> =>
  new Map((Object.keys(KEYS) as Name[]).map((name) => [INDEX[name], leaf(name, changes[name])]));
const alice = leaf('alice');
const bob = leaf('bob');
const NO_WORDS = [0n, 0n, 0n] as const;

/** Valid records of each kind, which the forgeries change in one thing. */
export const VALID = {
  noop: { kind: 0n, leaves: leaves() },
  transfer: {
    kind: 1n,
    from: index('alice'),
    to: index('bob'),
    amountMantissa: 100n,
    feeMantissa: 3n,
    leaves: leaves(),
  },
  transferToNew: {
    kind: 2n,
    from: index('alice'),
    to: BigInt(EMPTY_INDEX),
    amountMantissa: 100n,
    feeMantissa: 3n,
    words: [NEWCOMER.keyY, NEWCOMER.owner, 0n],
    leaves: leaves(),
  },
  withdraw: {
    kind: 3n,
    from: index('alice'),
    amountMantissa: 100n,
    feeMantissa: 3n,
    words: [0n, ownerToken(alice), 100n],
    leaves: leaves(),
  },
  deposit: { kind: 4n, to: index('bob'), words: [bob.keyY, ownerToken(bob), 100n], leaves: leaves() },
  depositToNew: {
    kind: 4n,
    to: BigInt(EMPTY_INDEX),
    words: [NEWCOMER.keyY, NEWCOMER.owner + (7n << 160n), 100n],
    leaves: leaves(),
  },
  forcedExit: { kind: 5n, from: index('alice'), words: [0n, ownerToken(alice), 1_000n], leaves: leaves() },
  secondForcedExit: {
    kind: 5n,
    from: index('alice'),
    words: [0n, ownerToken(alice), 0n],
    leaves: leaves({ alice: { balance: 0n } }),
  },
  forcedExitOfNothing: { kind: 5n, from: index('alice'), words: [0n, 1n, 0n], leaves: leaves() },
  collectFee: { kind: 6n, to: index('bob'), feesIn: [50n, 60n, 0n, 0n], leaves: leaves() },
  move: {
    kind: 7n,
    from: index('alice'),
    to: BigInt(DESTINATION.number),
    amountMantissa: 100n,
    feeMantissa: 3n,
    words: [DESTINATION.keyY, ownerToken(alice), 100n],
    leaves: leaves(),
  },
} as const satisfies Record<string, RawSlot>;

/** The signed kinds. */
const SIGNED = ['transfer', 'transferToNew', 'withdraw', 'move'] as const;

/** A reserved kind k as flags that add up to it: k/6 of kind 6 and 1 − k/6 of kind 0. */
export const RESERVED_KIND_HINTS: Hints = [
  ...ABSORBING_HINTS,
  [
    'lib/record.circom',
    'is[i] <-- kind == i ? 1 : 0;',
    'is[i] <-- kind > 7 ? (i == 6 ? kind / 6 : (i == 0 ? 1 - kind / 6 : 0)) : (kind == i ? 1 : 0);',
  ],
];
/** Whatever the token, it is said to be the first fee token. */
export const FALSE_MATCH_HINTS: Hints = [
  ...ABSORBING_HINTS,
  ['lib/fees.circom', 'match[j] <-- feeTokens[j] == token ? 1 : 0;', 'match[j] <-- j == 0 ? 1 : 0;'],
];
/** Whatever validUntil, it is said to be 0. */
export const FALSE_NEVER_HINTS: Hints = [
  ...ABSORBING_HINTS,
  ['lib/expiry.circom', 'never <-- validUntil == 0 ? 1 : 0;', 'never <-- 1;'],
];
/** Whatever the leaf, it is said to be the one that the exit asks for. */
export const FALSE_EXIT_HINTS: Hints = [
  ...ABSORBING_HINTS,
  ['circomlib/circuits/comparators.circom', 'inv <-- in!=0 ? 1/in : 0;', 'inv <-- 0;'],
];
/** The whole second word is said to be the owner. */
export const FALSE_SPLIT_HINTS: Hints = [
  ...ABSORBING_HINTS,
  ['lib/record.circom', 'wordOwner <-- splitWord & (2 ** 160 - 1);', 'wordOwner <-- splitWord;'],
  ['lib/record.circom', 'wordToken <-- splitWord >> 160;', 'wordToken <-- 0;'],
];
/** Whatever the kind, it is said to be 0: the record does nothing. */
export const SKIPPING_HINTS: Hints = [
  ...ABSORBING_HINTS,
  ['lib/record.circom', 'is[i] <-- kind == i ? 1 : 0;', 'is[i] <-- i == 0 ? 1 : 0;'],
];
const SIGNATURE_ROWS = ['signature.left.x', 'signature.left.y'];
/** The row that says that the top bit of a decomposition is a bit; the optimizer may have replaced that bit by the others. */
const topBit = (bits: string): string => `${bits}[`;

const CAPACITY = 2n ** 24n;

/** Signatures that are not what the rules ask for, one thing wrong in each. */
function badSignatures(): Forgery[] {
  const { transfer, transferToNew, withdraw, move } = VALID;
  const good = authorize(transfer);
  const signedElsewhere = (title: string, slot: RawSlot, signed: RawSlot): Forgery => ({
    title,
    slot: { ...slot, authorization: { ...authorize(signed), validUntil: slot.validUntil ?? 0n } },
    breaks: SIGNATURE_ROWS,
  });
  const altered = (title: string, authorization: Partial<RawAuthorization>, breaks: readonly string[]): Forgery => ({
    title,
    slot: { ...transfer, authorization },
    breaks,
    andOthers: true,
  });
  const otherNonce = leaves({ alice: { nonce: 6n } });
  const otherBob = leaves({ bob: { owner: bob.owner + 1n } });
  const otherKey = leaves({ bob: { keyY: alice.keyY } });
  return [
    signedElsewhere('a transfer signed for another domain', transfer, { ...transfer, domain: 78n }),
    signedElsewhere('a transfer signed for the next nonce', transfer, { ...transfer, leaves: otherNonce }),
    signedElsewhere('a transfer signed with an end, shown without', transfer, {
      ...transfer,
      validUntil: 2_000_000_000n,
    }),
    signedElsewhere('a transfer signed for less', transfer, { ...transfer, amountMantissa: 99n }),
    signedElsewhere('a transfer signed for the same amount in another encoding', transfer, {
      ...transfer,
      amountMantissa: 10n,
      amountExponent: 1n,
    }),
    signedElsewhere('a transfer signed for a lower fee', transfer, { ...transfer, feeMantissa: 2n }),
    signedElsewhere('a transfer signed for another index', transfer, { ...transfer, to: index('carol'), toClaim: bob }),
    signedElsewhere("a transfer signed for the index's former owner", transfer, { ...transfer, leaves: otherBob }),
    signedElsewhere("a transfer signed for the index's former key", transfer, { ...transfer, leaves: otherKey }),
    signedElsewhere('a transferToNew signed for another key', transferToNew, {
      ...transferToNew,
      words: [NEWCOMER.keyY + 1n, NEWCOMER.owner, 0n],
    }),
    signedElsewhere('a transferToNew signed for another owner', transferToNew, {
      ...transferToNew,
      words: [NEWCOMER.keyY, NEWCOMER.owner + 1n, 0n],
    }),
    signedElsewhere('a withdrawal that was signed as a transfer', withdraw, {
      ...transfer,
      to: 0n,
      toClaim: { keyY: 0n, owner: 0n },
    }),
    signedElsewhere('a move signed for another destination', move, { ...move, to: move.to + 1n }),
    signedElsewhere('a move signed for another key there', move, {
      ...move,
      words: [move.words[0] + 1n, move.words[1], move.words[2]],
    }),
    signedElsewhere('a move that was signed as a withdrawal', move, { ...withdraw, to: 0n }),
    signedElsewhere('a withdrawal that was signed as a move to destination 0 for key 0', withdraw, {
      ...move,
      to: 0n,
      words: [0n, move.words[1], move.words[2]],
    }),
    signedElsewhere('a move to the owner of its destination, signed as a transfer', move, {
      ...transfer,
      to: move.to,
      words: [0n, 0n, 0n],
      toClaim: { keyY: move.words[0], owner: 0n },
    }),
    altered('S + l instead of S', { s: good.s + SUBGROUP_ORDER }, ['signature.left.bits[']),
    altered('S − 1', { s: good.s - 1n }, SIGNATURE_ROWS),
    altered('a point R8 off the curve', { r8x: good.r8x + 1n }, ['signature.curveR8.']),
    altered('−R8', { r8x: reduce(-good.r8x) }, SIGNATURE_ROWS),
    altered('the other x of the key', { keyX: reduce(-good.keyX) }, SIGNATURE_ROWS),
    altered('an x that is not on the curve', { keyX: good.keyX + 1n }, ['signature.curveA.']),
    ...([8, 4, 2, 1] as const).map((order): Forgery => {
      const [x, y] = lowOrderPoint(order);
      return {
        title: `a key of order ${order}, with R8 = S·B8`,
        slot: {
          ...transfer,
          leaves: leaves({ alice: { keyY: y } }),
          authorization: { keyX: x, r8x: BASE8[0], r8y: BASE8[1], s: 1n },
        },
        breaks: ['signature.inverse'],
        andOthers: true,
      };
    }),
  ];
}

export const RULE_FORGERIES: Readonly<Record<RecordErrorCode, readonly Forgery[]>> = {
  RESERVED_KIND: [
    {
      title: 'kind 8, as a mixture of kinds 0 and 6',
      slot: { ...VALID.noop, kind: 8n, leaves: new Map([[0, bob]]) },
      hints: RESERVED_KIND_HINTS,
      // The rows that make bits of the flags of kinds 0 and 6; the first is written in terms of the others.
      breaks: [['kind', 'isTransfer'], 'isCollectFee'],
    },
  ],
  NONZERO_FIELD: [
    { title: 'a noop with a sender', slot: { ...VALID.noop, from: index('alice') }, breaks: ['from'] },
    { title: 'a noop with a receiver', slot: { ...VALID.noop, to: index('alice') }, breaks: ['to'] },
    { title: 'a deposit with a sender', slot: { ...VALID.deposit, from: index('alice') }, breaks: ['from'] },
    { title: 'a collectFee with a sender', slot: { ...VALID.collectFee, from: index('alice') }, breaks: ['from'] },
    { title: 'a withdrawal with a receiver', slot: { ...VALID.withdraw, to: index('bob') }, breaks: ['to'] },
    { title: 'an exit with a receiver', slot: { ...VALID.forcedExit, to: index('bob') }, breaks: ['to'] },
    { title: 'a noop with an exponent', slot: { ...VALID.noop, amountExponent: 1n }, breaks: ['amountExponent'] },
    { title: 'a deposit with a fee exponent', slot: { ...VALID.deposit, feeExponent: 1n }, breaks: ['feeExponent'] },
    {
      title: 'an exit with a fee',
      slot: { ...VALID.forcedExit, feeMantissa: 0n, feeExponent: 2n },
      breaks: ['feeExponent'],
    },
    {
      title: 'a collectFee with an exponent',
      slot: { ...VALID.collectFee, amountExponent: 31n },
      breaks: ['amountExponent'],
    },
  ],
  WORD_COUNT: [
    { title: 'a transfer with a first word', slot: { ...VALID.transfer, words: [1n, 0n, 0n] }, breaks: ['words[0]'] },
    { title: 'a transfer with a second word', slot: { ...VALID.transfer, words: [0n, 1n, 0n] }, breaks: ['words[1]'] },
    { title: 'a transfer with a third word', slot: { ...VALID.transfer, words: [0n, 0n, 1n] }, breaks: ['words[2]'] },
    { title: 'a noop with a second word', slot: { ...VALID.noop, words: [0n, 1n, 0n] }, breaks: ['words[1]'] },
    {
      title: 'a collectFee with a third word',
      slot: { ...VALID.collectFee, words: [0n, 0n, 1n] },
      breaks: ['words[2]'],
    },
  ],
  INDEX_RANGE: [
    {
      title: 'an exit from index 4^12',
      slot: { kind: 5n, from: CAPACITY + 5n * 2n ** 18n, words: NO_WORDS, leaves: leaves() },
      breaks: [topBit('fields.fromBits')],
    },
    {
      // As below: the multiplexer reads 2·shard[37] − shard[5], and these two are alike.
      title: 'a move to destination 4^12',
      slot: { ...VALID.move, to: CAPACITY + 5n * 2n ** 18n + 9n },
      breaks: [topBit('fields.toBits')],
    },
    {
      // The multiplexer reads 2·shard[37] − shard[5] then: equal subtrees stand in both.
      title: 'a fee collected at index 4^12',
      slot: {
        kind: 6n,
        to: CAPACITY + 5n * 2n ** 18n + 9n,
        leaves: new Map([
          [5 * 2 ** 18 + 9, bob],
          [37 * 2 ** 18 + 9, bob],
        ]),
      },
      breaks: [topBit('fields.toBits')],
    },
  ],
  WORD_RANGE: [
    {
      title: 'a transferToNew to an owner of 161 bits',
      slot: { ...VALID.transferToNew, words: [NEWCOMER.keyY, 2n ** 160n, 0n] },
      breaks: ['fields.wordToken'],
    },
    {
      title: 'a transferToNew with a third word',
      slot: { ...VALID.transferToNew, words: [NEWCOMER.keyY, NEWCOMER.owner, 1n] },
      breaks: ['words[2]'],
    },
    {
      title: 'a withdrawal with a first word',
      slot: { ...VALID.withdraw, words: [1n, ownerToken(alice), 100n] },
      breaks: ['words[0]'],
    },
    {
      title: 'an exit with a first word',
      slot: { ...VALID.forcedExit, words: [1n, ownerToken(alice), 1_000n] },
      breaks: ['words[0]'],
    },
    {
      title: 'a deposit whose token has 33 bits',
      slot: { ...VALID.depositToNew, words: [NEWCOMER.keyY, 2n ** 192n + 5n, 100n] },
      breaks: [topBit('fields.tokenBits.out')],
    },
    {
      title: 'a deposit in token 7 that counts the token as part of the owner',
      slot: VALID.depositToNew,
      hints: FALSE_SPLIT_HINTS,
      isValid: true,
      breaks: [topBit('fields.ownerBits.out')],
    },
    {
      title: 'a deposit of −5',
      slot: { ...VALID.deposit, words: [bob.keyY, ownerToken(bob), reduce(-5n)] },
      breaks: [topBit('fromBalanceBits.out')],
    },
  ],
  SENDER_EMPTY: SIGNED.map((kind) => ({
    title: `a ${kind} from an empty leaf, whose account the witness invents`,
    slot: { ...VALID[kind], from: 77n, fromClaim: { ...alice, empty: 1n } },
    breaks: ['fromEmpty'],
  })),
  SELF_TRANSFER: [
    {
      title: 'a transfer to the sender',
      slot: { ...VALID.transfer, to: index('alice') },
      breaks: ['from'],
    },
  ],
  RECEIVER_EMPTY: [
    {
      title: 'a transfer to an empty leaf',
      slot: { ...VALID.transfer, to: BigInt(EMPTY_INDEX), toClaim: { ...bob, empty: 1n, balance: 0n } },
      breaks: ['toEmpty'],
    },
    {
      title: 'a fee collected at an empty leaf',
      slot: { ...VALID.collectFee, to: BigInt(EMPTY_INDEX) },
      breaks: ['toEmpty'],
    },
  ],
  RECEIVER_EXISTS: [
    {
      title: 'a transferToNew to an account',
      slot: { ...VALID.transferToNew, to: index('bob') },
      breaks: ['toEmpty'],
    },
  ],
  TOKEN_MISMATCH: [
    {
      title: 'a transfer to an account of another token',
      slot: { ...VALID.transfer, to: index('carol') },
      breaks: [['fromTokenId', 'toTokenId']],
    },
  ],
  NOT_FEE_TOKEN: [
    {
      title: 'a fee in a token that is none',
      slot: {
        ...VALID.withdraw,
        from: index('dave'),
        signer: 'dave',
        words: [0n, ownerToken(leaf('dave')), 100n],
      },
      breaks: ['fees.match[0]'],
    },
    {
      title: 'a fee in a token that is none, counted as the first fee token',
      slot: {
        ...VALID.withdraw,
        from: index('dave'),
        signer: 'dave',
        words: [0n, ownerToken(leaf('dave')), 100n],
      },
      hints: FALSE_MATCH_HINTS,
      breaks: ['feeTokens[0]'],
    },
    {
      title: 'a fee collected by an account of another token',
      slot: { ...VALID.collectFee, to: index('dave') },
      breaks: ['fees.match[0]'],
    },
    {
      title: 'the fees of the first token collected by an account of another',
      slot: { ...VALID.collectFee, to: index('dave') },
      hints: FALSE_MATCH_HINTS,
      breaks: ['feeTokens[0]'],
    },
  ],
  EXPIRED: [
    ...SIGNED.map((kind) => ({
      title: `a ${kind} that was valid until one second ago`,
      slot: { ...VALID[kind], validUntil: BigInt(BATCH_TIME - 1) },
      breaks: [topBit('expiry.remainingBits.out')],
    })),
    {
      title: 'an expired transfer that is said never to expire',
      slot: { ...VALID.transfer, validUntil: BigInt(BATCH_TIME - 1) },
      hints: FALSE_NEVER_HINTS,
      breaks: [['expiry.never', 'validUntil']],
    },
  ],
  NONCE_EXHAUSTED: SIGNED.map((kind) => ({
    title: `a ${kind} at nonce 2^32 − 1`,
    slot: { ...VALID[kind], leaves: leaves({ alice: { nonce: 2n ** 32n - 1n } }) },
    breaks: ['nonceLeft'],
  })),
  BAD_SIGNATURE: [
    ...SIGNED.map((kind) => ({
      title: `a ${kind} that another key signed`,
      slot: { ...VALID[kind], signer: 'bob' as const, authorization: { keyX: KEYS.alice.publicKey.x } },
      breaks: SIGNATURE_ROWS,
    })),
    ...badSignatures(),
  ],
  INSUFFICIENT_BALANCE: SIGNED.map((kind) => ({
    title: `a ${kind} of one unit more than there is after the fee`,
    slot: {
      ...VALID[kind],
      amountMantissa: 998n,
      ...(kind === 'withdraw' || kind === 'move'
        ? { words: [VALID[kind].words[0], ownerToken(alice), 998n] as const }
        : {}),
    },
    breaks: [topBit('fromBalanceBits.out')],
  })),
  WITHDRAWAL_MISMATCH: [
    {
      title: 'a withdrawal to another owner',
      slot: { ...VALID.withdraw, words: [0n, ownerToken(bob), 100n] },
      breaks: [['words[1]', 'fromOwner']],
    },
    {
      title: 'a withdrawal in another token',
      slot: { ...VALID.withdraw, words: [0n, ownerToken(alice) + 2n ** 160n, 100n] },
      breaks: [['words[1]', 'fromOwner']],
    },
    {
      title: 'a withdrawal that pays more than it takes',
      slot: { ...VALID.withdraw, words: [0n, ownerToken(alice), 101n] },
      breaks: ['words[2]'],
    },
    {
      title: 'a move for another owner',
      slot: { ...VALID.move, words: [DESTINATION.keyY, ownerToken(bob), 100n] },
      breaks: [['words[1]', 'fromOwner']],
    },
    {
      title: 'a move in another token',
      slot: { ...VALID.move, words: [DESTINATION.keyY, ownerToken(alice) + 2n ** 160n, 100n] },
      breaks: [['words[1]', 'fromOwner']],
    },
    {
      title: 'a move of more than it takes',
      slot: { ...VALID.move, words: [DESTINATION.keyY, ownerToken(alice), 101n] },
      breaks: ['words[2]'],
    },
    {
      title: 'a move of less than it takes',
      slot: { ...VALID.move, words: [DESTINATION.keyY, ownerToken(alice), 99n] },
      breaks: ['words[2]'],
    },
  ],
  DEPOSIT_MISMATCH: [
    {
      title: 'a deposit under another key',
      slot: { ...VALID.deposit, words: [alice.keyY, ownerToken(bob), 100n] },
      breaks: ['toKeyY'],
    },
    {
      title: 'a deposit for another owner',
      slot: { ...VALID.deposit, words: [bob.keyY, ownerToken(bob) + 1n, 100n] },
      breaks: ['toOwner'],
    },
    {
      title: 'a deposit in another token',
      slot: { ...VALID.deposit, words: [bob.keyY, ownerToken(bob) + 2n ** 160n, 100n] },
      breaks: ['toOwner'],
    },
  ],
  EXIT_MISMATCH: [
    {
      title: 'an exit that says it pays more than the balance',
      slot: { ...VALID.forcedExit, words: [0n, ownerToken(alice), 1_001n] },
      breaks: ['words[2]'],
    },
    {
      title: 'an exit that says it pays nothing although the leaf matches',
      slot: { ...VALID.forcedExit, words: [0n, ownerToken(alice), 0n] },
      breaks: ['words[2]'],
    },
    {
      title: 'an exit that says it pays although the leaf does not match',
      slot: { ...VALID.forcedExitOfNothing, words: [0n, 1n, 1_000n] },
      breaks: ['words[2]'],
    },
    {
      title: 'a second exit of an account that pays its former balance again',
      slot: { ...VALID.forcedExit, leaves: leaves({ alice: { balance: 0n } }) },
      breaks: ['words[2]'],
    },
    {
      title: "an exit that pays another owner's balance",
      slot: { ...VALID.forcedExitOfNothing, words: [0n, 1n, 1_000n], exitPays: true },
      hints: FALSE_EXIT_HINTS,
      breaks: [['exitMatches.out', 'words[1]']],
    },
    {
      title: 'an exit from an empty leaf whose account the witness invents',
      slot: { ...VALID.forcedExit, from: 77n, fromClaim: { ...alice, empty: 1n } },
      breaks: ['words[2]'],
    },
  ],
  BALANCE_OVERFLOW: [
    {
      title: 'a transfer that takes the receiver to 2^128',
      slot: { ...VALID.transfer, leaves: leaves({ bob: { balance: 2n ** 128n - 100n } }) },
      breaks: [topBit('toBalanceBits.out')],
    },
    {
      title: 'a deposit that takes the receiver to 2^128',
      slot: { ...VALID.deposit, leaves: leaves({ bob: { balance: 2n ** 128n - 100n } }) },
      breaks: [topBit('toBalanceBits.out')],
    },
    {
      title: 'a fee that takes the receiver to 2^128',
      slot: { ...VALID.collectFee, leaves: leaves({ bob: { balance: 2n ** 128n - 50n } }) },
      breaks: [topBit('toBalanceBits.out')],
    },
  ],
};

/** hash / hash' − 1: with it as `empty`, (1 − empty)·hash(claim) is the node of the real leaf. */
function falseEmpty(real: RawLeaf, claim: RawLeaf): bigint {
  return reduce(1n - leafNode(real) * invert(leafNode({ ...claim, empty: 0n })));
}

const invented: RawLeaf = { ...alice, keyY: 5n, owner: 6n, balance: 0n };

/** Range checks that no rule of the table names: they keep the witness's reading of leaves and fields unique. */
export const RANGE_FORGERIES: readonly Forgery[] = [
  {
    title: 'a sender whose nonce is read as part of its token',
    slot: {
      ...VALID.withdraw,
      fromClaim: { tokenId: 2n ** 32n, nonce: 4n },
      feeMantissa: 0n,
      words: [0n, alice.owner + 2n ** 192n, 100n],
    },
    breaks: [topBit('fromPacking.tokenIdBits.out')],
  },
  {
    title: 'a sender with a nonce of 33 bits',
    slot: { ...VALID.withdraw, leaves: leaves({ alice: { nonce: 2n ** 32n } }) },
    breaks: [topBit('fromPacking.nonceBits.out')],
  },
  {
    // The token is the filler then, so it counts as a fee token.
    title: 'a receiver whose nonce is read as part of its token',
    slot: {
      ...VALID.collectFee,
      feeTokens: [0n, 1n, 2n, FEE_TOKEN_FILLER],
      toClaim: { tokenId: FEE_TOKEN_FILLER, nonce: 4n },
    },
    breaks: [topBit('toPacking.tokenIdBits.out')],
  },
  {
    title: 'a receiver with a nonce of 33 bits',
    slot: { ...VALID.transfer, leaves: leaves({ bob: { nonce: 2n ** 32n } }) },
    breaks: [topBit('toPacking.nonceBits.out')],
  },
  {
    title: 'an exit from an account that is read as another, made to match by a false emptiness',
    slot: {
      ...VALID.forcedExitOfNothing,
      fromClaim: { ...invented, empty: falseEmpty(alice, invented) },
    },
    breaks: ['fromEmpty'],
  },
  {
    title: 'a receiver that is read as another account by a false emptiness',
    slot: {
      ...VALID.noop,
      leaves: new Map([[0, bob]]),
      fromClaim: bob,
      toClaim: { ...invented, empty: falseEmpty(bob, invented) },
    },
    breaks: ['toEmpty'],
  },
  {
    title: 'an empty receiver with a balance',
    slot: { ...VALID.depositToNew, toClaim: { balance: 1_000_000n } },
    breaks: [['toEmpty', 'toBalance']],
  },
  {
    title: 'an amount with a mantissa of 36 bits',
    slot: { ...VALID.transfer, amountMantissa: 2n ** 35n, leaves: leaves({ alice: { balance: 2n ** 40n } }) },
    breaks: [topBit('fields.amountFloat.mantissaBits.out')],
  },
  {
    title: 'an amount with an exponent of 6 bits',
    slot: {
      ...VALID.transfer,
      amountMantissa: 1n,
      amountExponent: 32n,
      leaves: leaves({ alice: { balance: 2n ** 127n } }),
    },
    breaks: [topBit('fields.amountFloat.exponentBits.out')],
  },
  {
    title: 'a fee with a mantissa of 12 bits',
    slot: { ...VALID.transfer, feeMantissa: 2n ** 11n, leaves: leaves({ alice: { balance: 2n ** 40n } }) },
    breaks: [topBit('fields.feeFloat.mantissaBits.out')],
  },
  {
    title: 'a fee with an exponent of 6 bits',
    slot: { ...VALID.transfer, feeMantissa: 1n, feeExponent: 32n, leaves: leaves({ alice: { balance: 2n ** 127n } }) },
    breaks: [topBit('fields.feeFloat.exponentBits.out')],
  },
  {
    title: 'a validUntil of 41 bits',
    slot: { ...VALID.transfer, validUntil: 2n ** 40n },
    breaks: [topBit('expiry.validUntilBits.out')],
  },
];
