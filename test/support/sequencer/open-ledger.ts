/** A ledger without a database, and what it must say: a seal that may drop entries, and the pending state put together anew. */

import {
  type Account,
  type ChunkContext,
  packOperation,
  RecordKind,
  RollupState,
  type StateView,
  transferRecord,
} from '@quittance/protocol';
import { applyTrusted } from '../../../sequencer/apply.ts';
import { NO_LIMITS } from '../../../sequencer/mempool/data-limits.ts';
import { createLedger, type Ledger } from '../../../sequencer/mempool/ledger.ts';
import { type OpenEntry, withExitAmount } from '../../../sequencer/mempool/open-entry.ts';
import type { Segment } from '../../../sequencer/mempool/segment.ts';

const NO_FEES = [0n, 0n, 0n, 0n];
const OPERATOR = { keyY: 1n, owner: 1n };
const CONTEXT: ChunkContext = { domain: 5n, batchTime: 1_000, feeTokens: [0n, 1n, 2n ** 32n, 2n ** 32n] };
const AUTHORIZATION = { validUntil: 0, keyX: 0n, r8: { x: 0n, y: 1n }, s: 0n };
/** The operator's accounts in tokens 0 and 1 are the first two. */
const FEE_LEAVES = [0, 1];

/** The accounts at the beginning: two of the operator, three of others in each token. */
function accounts(): [number, Account][] {
  const of = (keyY: bigint, tokenId: number): Account => ({ keyY, owner: keyY, tokenId, nonce: 0, balance: 1_000n });
  return [of(1n, 0), of(1n, 1), of(2n, 0), of(3n, 0), of(4n, 0), of(5n, 1), of(6n, 1), of(7n, 1)].map(
    (account, index) => [index, account],
  );
}

type Written = Map<number, Account | undefined>;

/** Applies an entry to what was written over `base`. @returns its fees; undefined when it is not valid. */
function applyTo(base: StateView, written: Written, { entry }: OpenEntry): readonly bigint[] | undefined {
  const view = { get: (index: number) => (written.has(index) ? written.get(index) : base.get(index)) };
  const isPriority = entry.type === 'priority';
  const operation = isPriority ? withExitAmount(view, entry) : entry.operation;
  const applied = applyTrusted(view, operation, isPriority ? 0 : entry.nonce, CONTEXT);
  if ('refusal' in applied) return undefined;
  for (const { index, after } of applied.effects.changes) written.set(index, after);
  return applied.effects.fees;
}

function payFees(base: StateView, written: Written, fees: readonly bigint[]): void {
  for (const index of FEE_LEAVES) {
    if (fees[index] === 0n) continue;
    const account = written.get(index) ?? base.get(index)!;
    written.set(index, { ...account, balance: account.balance + fees[index]! });
  }
}

const addFees = (sums: readonly bigint[], fees: readonly bigint[]): bigint[] =>
  sums.map((sum, position) => sum + fees[position]!);

/** A ledger over the sealed state of this world. */
export interface OpenLedger {
  readonly ledger: Ledger;
  /** Appends a transfer if it is valid in the pending state. @returns whether it is. */
  transfer(from: number, to: number | 'new', amount: bigint, fee: bigint): boolean;
  /** Appends operations of the queue as one group: deposits of 100 units and exits. */
  request(operations: readonly { readonly kind: 'deposit' | 'exit'; readonly leaf: number }[]): void;
  /**
   * Seals the first cut segment as a batch does, priority operations first, without the entries that `isDropped` names.
   *
   * @returns the steps in which the ledger completes it, and whether anything was dropped.
   */
  seal(isDropped: (entry: OpenEntry) => boolean): { readonly steps: Generator<void>; readonly hasDrops: boolean };
  /** The account that the pending state must have: all open entries in order, each cut segment's fees at its end. */
  expected(): (index: number) => Account | undefined;
}

/** A ledger of batches with room for `slots` operations in one chunk. */
export function createOpenLedger(slots: number): OpenLedger {
  const state = new RollupState({ hash: () => 1n }, accounts());
  const profile = { name: 'quick' as const, slotsPerChunk: slots, maxChunks: 1 };
  const room = { profile, limits: NO_LIMITS };
  const ledger = createLedger({ room, state, operator: OPERATOR, onCut: () => undefined });
  let sequence = 0;
  let queueIndex = 0;
  const openOf = (entry: OpenEntry['entry']): OpenEntry => ({ sequence: ++sequence, receivedMs: 0, entry });

  const applySegment = (written: Written, { entries }: Segment, isCut: boolean): void => {
    let fees: readonly bigint[] = NO_FEES;
    for (const entry of entries) fees = addFees(fees, applyTo(state, written, entry) ?? NO_FEES);
    if (isCut) payFees(state, written, fees);
  };

  return {
    ledger,
    transfer(from, to, amount, fee) {
      const leaf = to === 'new' ? ledger.leaves.peek() : to;
      const sender = ledger.pending.get(from);
      if (sender === undefined) return false;
      const common = { from, amount, fee };
      const record =
        to === 'new'
          ? transferRecord({ ...common, kind: 'transferToNew', receiver: { keyY: 8n, owner: 8n } })
          : transferRecord({ ...common, kind: 'transfer', to: leaf });
      const operation = { ...record, fields: { ...record.fields, to: leaf }, authorization: AUTHORIZATION };
      const applied = applyTrusted(ledger.pending, operation, sender.nonce, CONTEXT);
      if ('refusal' in applied) return false;
      const open = openOf({
        type: 'transfer',
        id: 0n,
        operation,
        packed: packOperation(operation),
        nonce: sender.nonce,
      });
      // Every other one as if it had not been judged before.
      ledger.append(open, CONTEXT, sequence % 2 === 0 ? applied.effects : undefined);
      return true;
    },
    request(operations) {
      const groupEnd = queueIndex + operations.length - 1;
      for (const { kind, leaf } of operations) {
        const { keyY, owner, tokenId } = ledger.pending.get(leaf) ?? { keyY: 9n, owner: 9n, tokenId: 0 };
        const ownerAndToken = owner + (BigInt(tokenId) << 160n);
        const fields = { from: 0, to: 0, amountFloat: 0n, feeFloat: 0 };
        const operation =
          kind === 'deposit'
            ? { fields: { ...fields, kind: RecordKind.deposit, to: leaf }, words: [keyY, ownerAndToken, 100n] }
            : { fields: { ...fields, kind: RecordKind.forcedExit, from: leaf }, words: [0n, ownerAndToken, 0n] };
        ledger.append(openOf({ type: 'priority', queueIndex: queueIndex++, operation, groupEnd }), CONTEXT);
      }
    },
    seal(isDropped) {
      const { entries } = ledger.cutSegments[0]!;
      const written: Written = new Map();
      let fees: readonly bigint[] = NO_FEES;
      let hasDrops = false;
      for (const type of ['priority', 'transfer']) {
        for (const open of entries.filter(({ entry }) => entry.type === type)) {
          const paid = type === 'transfer' && isDropped(open) ? undefined : applyTo(state, written, open);
          fees = addFees(fees, paid ?? NO_FEES);
          hasDrops ||= paid === undefined;
        }
      }
      payFees(state, written, fees);
      state.writeAll(written);
      return { steps: ledger.completeFirst({ changed: written.keys(), hasDrops }, CONTEXT), hasDrops };
    },
    expected() {
      const written: Written = new Map();
      for (const segment of ledger.cutSegments) applySegment(written, segment, true);
      applySegment(written, ledger.open, false);
      return (index) => (written.has(index) ? written.get(index) : state.get(index));
    },
  };
}
