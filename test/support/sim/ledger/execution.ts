/**
 * What a batch really does: each record executed by the reference model, which is written from docs/protocol.md alone. It says
 * of every batch on the simulated L1 whether it is true, and of every state what it has to be.
 */

import { type ModelAccount, type ModelAuthorization, ReferenceModel } from '../../rollup/reference-model.ts';
import { simHasher } from '../crypto.ts';
import { feeTokensIn, fromOf, isSigned, kindOf, recordsIn, type SimRecord } from './records.ts';
import { messageOf, type Signatures, type SignedRecord } from './signatures.ts';

/** A batch as its transaction has it. */
export interface PostedRecords {
  readonly number: number;
  readonly time: number;
  readonly roots: readonly bigint[];
  readonly feeTokens: readonly bigint[];
  readonly chunks: readonly Uint8Array[];
  readonly visible: readonly Uint8Array[];
  /** 69 bytes for each signed record, where the batch was asserted. */
  readonly authorizations?: readonly Uint8Array[];
}

/** Everything on L2 at one moment. */
export type State = readonly ModelAccount[];

/** After one record. */
export interface StepTruth {
  readonly root: bigint;
  readonly fees: readonly bigint[];
  readonly visibleCount: number;
}

/** The first thing that is wrong with a batch. */
export interface Lie {
  readonly chunk: number;
  readonly slot: number;
  readonly what: string;
}

/** A signed record that was executed. */
export interface ExecutedTransfer {
  readonly id: bigint;
  readonly chunk: number;
  readonly slot: number;
}

/** What a batch does, as far as it is true. */
export interface Truth {
  readonly lie: Lie | undefined;
  readonly before: State;
  readonly after: State;
  readonly transfers: readonly ExecutedTransfer[];
  /** Records of kinds 4 and 5 in order. */
  readonly priority: readonly SimRecord[];
  readonly withdrawals: readonly { readonly owner: bigint; readonly token: number; readonly amount: bigint }[];
}

const AUTHORIZATION_BYTES = 69;

/** The hash and the signatures of the world in the place of circomlibjs. A signature stands here for what was signed. */
const ORACLE = {
  hash: simHasher.hash,
  isOnCurve: () => true,
  multiply: () => ({ x: 1n, y: 2n }),
} as unknown as ConstructorParameters<typeof ReferenceModel>[0];

const NOBODY_SIGNED: ModelAuthorization = { validUntil: 0n, keyX: 1n, r8x: 1n, r8y: 1n, s: 1n };

/** A model on this state. */
function modelOn(state: State, domain: bigint, time: number, feeTokens: readonly bigint[], signed: () => boolean) {
  const oracle = { ...ORACLE, verify: signed };
  const model = new ReferenceModel(oracle, domain, BigInt(time), feeTokens);
  model.accounts = [...state];
  return model;
}

export interface ExecutionContext {
  readonly domain: bigint;
  readonly signatures: Signatures;
}

/** The transfer that this record executes: signed by the payer for its present nonce, and for this receiver. */
function signedFor(
  { domain, signatures }: ExecutionContext,
  state: State,
  record: SimRecord,
): SignedRecord | undefined {
  const from = fromOf(record);
  const payer = state.find(({ index }) => index === from);
  if (payer === undefined) return undefined;
  const kind = kindOf(record);
  const masked = kind === 2 ? record.record & ~(0xffff_ffffn << 56n) : record.record;
  const to = state.find(({ index }) => index === Number((record.record >> 56n) & 0xffff_ffffn));
  const receiver =
    kind === 1 ? [to?.keyY, to?.owner] : kind === 2 ? record.words : kind === 7 ? [record.words[0], 0n] : [0n, 0n];
  return signatures.of(from, Number(payer.nonce)).find((signed) => {
    const isSame = signed.record === masked && signed.receiver[0] === receiver[0] && signed.receiver[1] === receiver[1];
    return isSame && signed.id === messageOf(domain, { ...signed, nonce: Number(payer.nonce) });
  });
}

const isAuthorized = (batch: PostedRecords, chunk: number, position: number): boolean => {
  const list = batch.authorizations?.[chunk];
  if (batch.authorizations === undefined) return true;
  const bytes = list?.subarray(AUTHORIZATION_BYTES * position, AUTHORIZATION_BYTES * (position + 1));
  // The liars of the simulator forge with zeros.
  return bytes?.length === AUTHORIZATION_BYTES && bytes.some((byte) => byte !== 0);
};

/** Told of the state after each record that is true. */
export type OnStep = (chunk: number, slot: number, step: () => StepTruth) => void;

/** Executes a batch on `before`. */
export function executeBatch(context: ExecutionContext, before: State, batch: PostedRecords, onStep?: OnStep): Truth {
  let state = before;
  const transfers: ExecutedTransfer[] = [];
  const priority: SimRecord[] = [];
  const withdrawals: { owner: bigint; token: number; amount: bigint }[] = [];
  const end = (lie?: Lie): Truth => ({ lie, before, after: state, transfers, priority, withdrawals });
  for (const [chunk, visible] of batch.visible.entries()) {
    const feeTokens = feeTokensIn(batch.feeTokens[chunk]!);
    let found: SignedRecord | undefined;
    const model = modelOn(state, context.domain, batch.time, feeTokens, () => found !== undefined);
    let signedCount = 0;
    let visibleCount = 0;
    for (const [slot, record] of recordsIn(batch.chunks[chunk]!, visible).entries()) {
      const kind = kindOf(record);
      let authorization: ModelAuthorization | undefined;
      found = undefined;
      if (isSigned(kind)) {
        const given = isAuthorized(batch, chunk, signedCount++);
        found = given ? signedFor(context, model.accounts, record) : undefined;
        authorization = { ...NOBODY_SIGNED, validUntil: BigInt(found?.validUntil ?? 0) };
      }
      const paidBefore = model.withdrawals.length;
      const code = model.execute({ ...record, authorization });
      if (code !== 'valid') return end({ chunk, slot, what: code });
      if (found !== undefined) transfers.push({ id: found.id, chunk, slot });
      if (kind === 4 || kind === 5) priority.push(record);
      if ([2, 3, 4, 5, 7].includes(kind)) visibleCount += 1;
      if (model.withdrawals.length > paidBefore && record.words[2]! > 0n) {
        const ownerAndToken = record.words[1]!;
        const owner = ownerAndToken & (2n ** 160n - 1n);
        withdrawals.push({ owner, token: Number(ownerAndToken >> 160n), amount: record.words[2]! });
      }
      onStep?.(chunk, slot, () => ({ root: model.root(), fees: [...model.fees], visibleCount }));
    }
    const last = recordsIn(batch.chunks[chunk]!, visible).length - 1;
    if (model.fees.some((sum) => sum !== 0n)) return end({ chunk, slot: last, what: 'FEES_NOT_COLLECTED' });
    if (visible.length !== 112 * visibleCount) return end({ chunk, slot: last, what: 'the visible list is too long' });
    if (model.root() !== batch.roots[chunk + 1]) return end({ chunk, slot: last, what: 'WRONG_STATE' });
    state = model.accounts;
  }
  return end();
}

/** The root of a state. */
export function rootOf(state: State): bigint {
  return modelOn(state, 0n, 0, [], () => false).root();
}
