import assert from 'node:assert/strict';
import { type Account, packOperation, RollupState, transferRecord } from '@quittance/protocol';
import { applyTrusted } from '../../sequencer/apply.ts';
import { NO_LIMITS } from '../../sequencer/mempool/data-limits.ts';
import type { OpenEntry } from '../../sequencer/mempool/open-entry.ts';
import { createFollowedLedger } from '../../sequencer/replica/followed-ledger.ts';

const CONTEXT = { domain: 5n, batchTime: 1_000, feeTokens: [0n, 2n ** 32n, 2n ** 32n, 2n ** 32n] };
const AUTHORIZATION = { validUntil: 0, keyX: 0n, r8: { x: 0n, y: 1n }, s: 0n };
const account = (keyY: bigint): Account => ({ keyY, owner: keyY, tokenId: 0, nonce: 0, balance: 1_000n });
/** Roots differ where states do. */
const hasher = { hash: (values: readonly bigint[]) => values.reduce((sum, value) => (sum * 31n + value) % 8191n, 7n) };

/** A transfer of account 1 to account 2. */
function transfer(sequence: number, nonce: number, amount: bigint): OpenEntry {
  const record = transferRecord({ kind: 'transfer', from: 1, to: 2, amount, fee: 0n });
  const operation = { ...record, authorization: AUTHORIZATION };
  const packed = packOperation(operation);
  return { sequence, receivedMs: 0, entry: { type: 'transfer', id: BigInt(sequence), operation, packed, nonce } };
}

describe('Replica: state in memory', () => {
  it('shows a batch once while it is executed and not yet written down, whoever had asked before', () => {
    for (const hasAsked of [true, false]) {
      const state = new RollupState(hasher, [
        [0, account(1n)],
        [1, account(2n)],
        [2, account(3n)],
      ]);
      const ledger = createFollowedLedger({
        room: { profile: { name: 'quick', slotsPerChunk: 4, maxChunks: 1 }, limits: NO_LIMITS },
        ...{ state, open: [], operator: { keyY: 1n, owner: 1n }, context: () => CONTEXT },
      });
      const shown = () => [1, 2].map((index) => [ledger.pending.get(index)!.nonce, ledger.pending.get(index)!.balance]);
      const entries = [transfer(1, 0, 10n), transfer(2, 1, 20n), transfer(3, 2, 40n)];
      ledger.append(entries[0]!);
      if (hasAsked) assert.deepEqual(shown()[0], [1, 990n]);
      ledger.append(entries[1]!);
      ledger.begin(new Set([1, 2]));
      const written = new Map<number, Account | undefined>();
      const view = { get: (index: number) => written.get(index) ?? state.get(index) };
      for (const { entry } of entries.slice(0, 2)) {
        if (entry.type !== 'transfer') throw new Error('only transfers are executed here');
        const applied = applyTrusted(view, entry.operation, entry.nonce, CONTEXT);
        if (!('effects' in applied)) throw new Error('the transfer is refused');
        for (const { index, after } of applied.effects.changes) written.set(index, after);
      }
      state.writeAll(written);
      const sealed = [
        [2, 970n],
        [0, 1_030n],
      ];
      assert.deepEqual(shown(), sealed, 'executed');
      ledger.append(entries[2]!);
      const all = [
        [3, 930n],
        [0, 1_070n],
      ];
      assert.deepEqual(shown(), all, 'executed, and another one behind it');
      ledger.complete(written.keys());
      assert.deepEqual(shown(), all, 'written down');
    }
  });
});
