/** Lies about operations of the queue: L1 checks that they stand in the batch, only disputes check what they do. */

import type { FaultResult } from '@quittance/derivation';
import { type RecordData, TREE_CAPACITY } from '@quittance/protocol';
import type { ChunkScript } from '../optimistic/claimed-chunk.ts';
import { HOLDERS, holderAccount } from '../optimistic/lie-scene.ts';
import { accountAt, type Holder, pretending, priorityOf, type SlotScript } from '../optimistic/slot-scripts.ts';
import { executeRightly, honestChunk } from './honest-batch.ts';

const { alice, bob } = HOLDERS;
/** A leaf that nobody has. */
const FREE_LEAF = 1_500;

/** The queue when such a lie is told. */
interface Queue {
  readonly operations: readonly RecordData[];
  readonly leaver: Holder;
}

interface PriorityLie {
  readonly name: string;
  readonly rule: FaultResult;
  readonly chunks: (queue: Queue) => readonly ChunkScript[];
}

/** Executes the queue with one operation replaced. */
const replacing =
  (position: number, lie: (operation: RecordData, leaver: Holder) => SlotScript) =>
  ({ operations, leaver }: Queue): readonly ChunkScript[] => {
    const slots = operations.map((operation, index) => (index === position ? lie : executeRightly)(operation, leaver));
    const { slots: others, ...rest } = honestChunk();
    return [{ ...rest, slots: [...slots, ...others] }, honestChunk()];
  };

/** The exit of an account with another amount than its balance. */
const paying =
  (operation: RecordData, amountOf: (balance: bigint) => bigint): SlotScript =>
  ({ view }) => ({
    fields: operation.fields,
    words: operation.words.with(2, amountOf(accountAt(view, operation.fields.from).balance)),
    authorizationBytes: new Uint8Array(),
  });

const [DEPOSIT, OWN_EXIT, STRANGE_EXIT] = [0, 1, 2];

/** All of them. */
export const PRIORITY_LIES: readonly PriorityLie[] = [
  {
    name: 'a deposit that goes to another account',
    rule: 'DEPOSIT_MISMATCH',
    chunks: replacing(DEPOSIT, (deposit) =>
      pretending(priorityOf(deposit, alice.index), ({ view }) => {
        const before = accountAt(view, alice.index);
        return { changes: [{ index: alice.index, after: { ...before, balance: before.balance + 70n } }] };
      }),
    ),
  },
  {
    name: 'a deposit whose account gets another key',
    rule: 'WRONG_STATE',
    chunks: replacing(DEPOSIT, (deposit) =>
      pretending(priorityOf(deposit, FREE_LEAF), () => ({
        changes: [{ index: FREE_LEAF, after: { ...holderAccount(bob), nonce: 0, balance: 70n } }],
      })),
    ),
  },
  {
    name: 'a deposit that credits less',
    rule: 'EXIT_MISMATCH', // the leaver's exit pays what the lie has left it
    chunks: replacing(DEPOSIT, (deposit, leaver) =>
      pretending(priorityOf(deposit, leaver.index), ({ view }) => {
        const before = accountAt(view, leaver.index);
        return { changes: [{ index: leaver.index, after: { ...before, balance: before.balance + 69n } }] };
      }),
    ),
  },
  {
    name: 'a deposit beyond the tree',
    rule: 'INDEX_RANGE',
    chunks: replacing(DEPOSIT, (deposit) => priorityOf(deposit, TREE_CAPACITY)),
  },
  {
    name: 'a forced exit that pays less',
    rule: 'EXIT_MISMATCH',
    chunks: replacing(OWN_EXIT, (exit) => paying(exit, (balance) => balance - 1n)),
  },
  {
    name: 'a forced exit that pays nothing',
    rule: 'EXIT_MISMATCH',
    chunks: replacing(OWN_EXIT, (exit) => paying(exit, () => 0n)),
  },
  {
    name: 'a forced exit that leaves the money in the account',
    rule: 'WRONG_STATE',
    chunks: replacing(OWN_EXIT, (exit) => pretending(priorityOf(exit), () => ({ changes: [] }))),
  },
  {
    name: 'a forced exit that pays a stranger',
    rule: 'EXIT_MISMATCH',
    chunks: replacing(STRANGE_EXIT, (exit) => paying(exit, (balance) => balance)),
  },
];
