/**
 * A naive model of the rules, written from docs/protocol.md apart from packages/protocol/: own decoding, own order of rules,
 * plain arrays, everything recomputed, circomlibjs for hash and signature. Slow and simple: what it is for.
 */

import type { Oracle } from '../crypto/oracle.ts';

const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const L = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;

export interface ModelAccount {
  readonly index: number;
  readonly keyY: bigint;
  readonly owner: bigint;
  readonly token: bigint;
  readonly nonce: bigint;
  readonly balance: bigint;
}

export interface ModelAuthorization {
  readonly validUntil: bigint;
  readonly keyX: bigint;
  readonly r8x: bigint;
  readonly r8y: bigint;
  readonly s: bigint;
}

/** A record as it stands on L1, with the signature that is not on L1. */
export interface ModelInput {
  readonly record: bigint;
  readonly words: readonly bigint[];
  readonly authorization?: ModelAuthorization | undefined;
}

/** Everything that the rules look at. */
interface View {
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  readonly amountBits: bigint;
  readonly feeBits: bigint;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly w: readonly bigint[];
  readonly F: ModelAccount | undefined;
  readonly T: ModelAccount | undefined;
  readonly authorization: ModelAuthorization | undefined;
}

const decimal = (bits: string, exponentBits: number) =>
  BigInt(`0b${bits.slice(exponentBits)}`) * 10n ** BigInt(`0b${bits.slice(0, exponentBits)}`);

const ownerAndToken = ({ owner, token }: ModelAccount) => owner + 2n ** 160n * token;

/** [code, kinds it applies to, whether it holds]: in the order of the document's table. */
type Rule = readonly [string, readonly number[], (view: View, model: ReferenceModel) => boolean];

const ALL = [0, 1, 2, 3, 4, 5, 6, 7];
const PAYING = [1, 2, 3, 7];
const WITH_WORDS = [2, 3, 4, 5, 7];

const RULES: readonly Rule[] = [
  [
    'NONZERO_FIELD',
    ALL,
    ({ kind, from, to, amountBits, feeBits }) => {
      const noFrom = from === 0;
      const noTo = to === 0;
      const noMoney = amountBits === 0n && feeBits === 0n;
      if (kind === 0) return noFrom && noTo && noMoney;
      if (kind === 3) return noTo;
      if (kind === 4 || kind === 6) return noFrom && noMoney;
      if (kind === 5) return noTo && noMoney;
      return true;
    },
  ],
  ['WORD_COUNT', ALL, ({ kind, w }) => w.length === (WITH_WORDS.includes(kind) ? 3 : 0)],
  ['INDEX_RANGE', ALL, ({ from, to }) => from < 16_777_216 && to < 16_777_216],
  [
    'WORD_RANGE',
    WITH_WORDS,
    ({ kind, w }) => {
      if (w.some((word) => word < 0n || word >= R)) return false;
      if (kind === 2) return w[1]! < 2n ** 160n && w[2] === 0n;
      if (kind === 4) return w[1]! < 2n ** 192n && w[2]! < 2n ** 128n;
      return kind === 7 || w[0] === 0n;
    },
  ],
  ['SENDER_EMPTY', PAYING, ({ F }) => F !== undefined],
  ['SELF_TRANSFER', [1, 2], ({ from, to }) => from !== to],
  ['RECEIVER_EMPTY', [1, 6], ({ T }) => T !== undefined],
  ['RECEIVER_EXISTS', [2], ({ T }) => T === undefined],
  ['TOKEN_MISMATCH', [1], ({ F, T }) => F!.token === T!.token],
  ['NOT_FEE_TOKEN', PAYING, ({ F, fee }, model) => fee === 0n || model.feeTokens.includes(F!.token)],
  ['NOT_FEE_TOKEN', [6], ({ T }, model) => model.feeTokens.includes(T!.token)],
  [
    'EXPIRED',
    PAYING,
    ({ authorization }, model) =>
      authorization === undefined || authorization.validUntil === 0n || model.time <= authorization.validUntil,
  ],
  ['NONCE_EXHAUSTED', PAYING, ({ F }) => F!.nonce < 2n ** 32n - 1n],
  ['BAD_SIGNATURE', PAYING, (view, model) => model.isSigned(view)],
  ['INSUFFICIENT_BALANCE', PAYING, ({ F, amount, fee }) => F!.balance >= amount + fee],
  ['WITHDRAWAL_MISMATCH', [3, 7], ({ F, w, amount }) => w[1] === ownerAndToken(F!) && w[2] === amount],
  ['DEPOSIT_MISMATCH', [4], ({ T, w }) => T === undefined || (T.keyY === w[0] && ownerAndToken(T) === w[1])],
  ['EXIT_MISMATCH', [5], (view) => view.w[2] === exitAmount(view)],
  ['BALANCE_OVERFLOW', [1], ({ T, amount }) => T!.balance + amount < 2n ** 128n],
  ['BALANCE_OVERFLOW', [4], ({ T, w }) => (T?.balance ?? 0n) + w[2]! < 2n ** 128n],
  ['BALANCE_OVERFLOW', [6], ({ T }, model) => T!.balance + model.feeSumOf(T!.token) < 2n ** 128n],
];

const exitAmount = ({ F, w }: View) => (F !== undefined && ownerAndToken(F) === w[1] ? F.balance : 0n);

export class ReferenceModel {
  readonly #oracle: Oracle;
  readonly domain: bigint;
  readonly time: bigint;
  readonly feeTokens: readonly bigint[];
  /** In no order. */
  accounts: ModelAccount[] = [];
  fees: bigint[] = [0n, 0n, 0n, 0n];
  commitment = 0n;
  /** Paid out and paid in since the start: token and amount. */
  withdrawals: { token: bigint; amount: bigint }[] = [];

  constructor(oracle: Oracle, domain: bigint, time: bigint, feeTokens: readonly bigint[]) {
    this.#oracle = oracle;
    this.domain = domain;
    this.time = time;
    this.feeTokens = feeTokens;
  }

  feeSumOf(token: bigint): bigint {
    return this.fees[this.feeTokens.indexOf(token)]!;
  }

  #at(index: number): ModelAccount | undefined {
    return this.accounts.find((account) => account.index === index);
  }

  #put(account: ModelAccount): void {
    this.accounts = [...this.accounts.filter(({ index }) => index !== account.index), account];
  }

  #decode({ record, words, authorization }: ModelInput): View {
    const bits = record.toString(2).padStart(124, '0');
    const [from, to] = [Number(`0b${bits.slice(4, 36)}`), Number(`0b${bits.slice(36, 68)}`)];
    return {
      kind: Number(`0b${bits.slice(0, 4)}`),
      from,
      to,
      amountBits: BigInt(`0b${bits.slice(68, 108)}`),
      feeBits: BigInt(`0b${bits.slice(108)}`),
      amount: decimal(bits.slice(68, 108), 5),
      fee: decimal(bits.slice(108), 5),
      w: words,
      F: this.#at(from),
      T: this.#at(to),
      authorization,
    };
  }

  /** Whether the signature rule of the document holds for a view whose earlier rules hold. */
  isSigned({ kind, from, to, amountBits, feeBits, w, F, T, authorization }: View): boolean {
    if (authorization === undefined) return false;
    const { validUntil, keyX, r8x, r8y, s } = authorization;
    const signedTo = kind === 2 ? 0 : to;
    const record =
      BigInt(kind) * 2n ** 120n +
      BigInt(from) * 2n ** 88n +
      BigInt(signedTo) * 2n ** 56n +
      amountBits * 65_536n +
      feeBits;
    const [a, b] = kind === 1 ? [T!.keyY, T!.owner] : kind === 2 ? [w[0]!, w[1]!] : kind === 7 ? [w[0]!, 0n] : [0n, 0n];
    const packed = record + F!.nonce * 2n ** 124n + validUntil * 2n ** 156n;
    const message = this.#oracle.hash([this.domain, packed, a, b]);
    const key = { x: keyX, y: F!.keyY };
    const r8 = { x: r8x, y: r8y };
    if (s < 0n || s >= L) return false;
    if ([keyX, r8x, r8y].some((coordinate) => coordinate < 0n || coordinate >= R)) return false;
    if (!this.#oracle.isOnCurve(key) || !this.#oracle.isOnCurve(r8)) return false;
    const cleared = this.#oracle.multiply(key, 8n);
    if (cleared.x === 0n && cleared.y === 1n) return false;
    return this.#oracle.verify(message, { r8, s }, key);
  }

  /** The code of the first rule that fails, or 'valid', without any change. */
  judge(input: ModelInput): string {
    const view = this.#decode(input);
    if (view.kind > 7) return 'RESERVED_KIND';
    const broken = RULES.find(([, kinds, holds]) => kinds.includes(view.kind) && !holds(view, this));
    return broken?.[0] ?? 'valid';
  }

  /** Judges a record and, if it is valid, executes it. */
  execute(input: ModelInput): string {
    const code = this.judge(input);
    if (code !== 'valid') return code;
    const view = this.#decode(input);
    const { kind, from, to, amount, fee, w, F, T } = view;
    if (PAYING.includes(kind)) {
      this.#put({ ...F!, balance: F!.balance - amount - fee, nonce: F!.nonce + 1n });
      const position = this.feeTokens.indexOf(F!.token);
      if (position >= 0) this.fees[position]! += fee;
    }
    if (kind === 1) this.#put({ ...T!, balance: T!.balance + amount });
    if (kind === 2) this.#put({ index: to, keyY: w[0]!, owner: w[1]!, token: F!.token, nonce: 0n, balance: amount });
    if (kind === 3 || kind === 7) this.withdrawals.push({ token: F!.token, amount });
    if (kind === 4) {
      const fresh = {
        index: to,
        keyY: w[0]!,
        owner: w[1]! % 2n ** 160n,
        token: w[1]! / 2n ** 160n,
        nonce: 0n,
        balance: 0n,
      };
      const account = T ?? fresh;
      this.#put({ ...account, balance: account.balance + w[2]! });
    }
    if (kind === 5 && exitAmount(view) > 0n) {
      this.withdrawals.push({ token: F!.token, amount: F!.balance });
      this.#put({ ...F!, index: from, balance: 0n });
    }
    if (kind === 6) {
      this.#put({ ...T!, balance: T!.balance + this.feeSumOf(T!.token) });
      this.fees[this.feeTokens.indexOf(T!.token)] = 0n;
    }
    this.commitment = this.#oracle.hash([this.commitment, input.record, w[0] ?? 0n, w[1] ?? 0n, w[2] ?? 0n]);
    return 'valid';
  }

  /** The root, from the definition: all leaves hashed anew, level by level. */
  root(): bigint {
    const { hash } = this.#oracle;
    let empty = 0n;
    let nodes = new Map(
      this.accounts.map(({ index, keyY, owner, token, nonce, balance }) => [
        index,
        hash([keyY, owner, token + 2n ** 32n * nonce, balance]),
      ]),
    );
    for (let level = 0; level < 12; level += 1) {
      const parents = new Set([...nodes.keys()].map((position) => Math.floor(position / 4)));
      const children = nodes;
      const missing = empty;
      nodes = new Map(
        [...parents].map((parent) => [
          parent,
          hash([0, 1, 2, 3].map((child) => children.get(4 * parent + child) ?? missing)),
        ]),
      );
      empty = hash([missing, missing, missing, missing]);
    }
    return nodes.get(0) ?? empty;
  }
}
