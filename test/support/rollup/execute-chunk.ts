/** Executes a chunk slot by slot on one state, as docs/protocol.md says it: what the engines are compared with. */

import {
  type AccountChange,
  applyOperation,
  type ChunkContext,
  type ChunkTrace,
  type Crypto,
  type Effects,
  type ExecutionState,
  nextCommitment,
  type Operation,
  RollupError,
  type SlotTrace,
} from '@quittance/protocol';

/** An executed chunk with the effects of each slot. */
export interface ExecutedChunk {
  readonly trace: ChunkTrace;
  readonly effects: readonly Effects[];
}

/**
 * Executes the operations of one chunk in order and changes `state`.
 *
 * @throws RollupError with the code of the broken rule and the slot; FEES_NOT_COLLECTED. The state is as before then.
 */
export function executeChunk(
  crypto: Crypto,
  state: ExecutionState,
  operations: readonly Operation[],
  context: ChunkContext,
): ExecutedChunk {
  const oldRoot = state.root;
  const slots: SlotTrace[] = [];
  const effects: Effects[] = [];
  const done: AccountChange[] = [];
  let fees: readonly bigint[] = [0n, 0n, 0n, 0n];
  let commitment = 0n;
  try {
    for (const [slot, operation] of operations.entries()) {
      const shards = state.shards();
      const outcome = applyOperation(crypto, state, operation, context, fees);
      if (!outcome.valid) {
        const { code, message, expected, actual } = outcome.invalid;
        throw new RollupError(code, `slot ${slot}: ${message}`, { slot, expected, actual });
      }
      const perform = (role: AccountChange['role']) => {
        for (const change of outcome.effects.changes.filter((candidate) => candidate.role === role)) {
          state.write(change);
          done.push(change);
        }
      };
      // The order of the circuit: the receiver's leaf is read after the sender's has been written.
      const from = state.access(operation.fields.from);
      perform('sender');
      const to = state.access(operation.fields.to);
      perform('receiver');
      slots.push({ operation, from, to, shards, commitment, fees });
      effects.push(outcome.effects);
      commitment = nextCommitment(crypto, commitment, operation);
      fees = outcome.effects.fees;
    }
    if (fees.some((sum) => sum !== 0n)) {
      throw new RollupError('FEES_NOT_COLLECTED', `fee sums at the end of the chunk are ${fees}, expected 0`, {
        actual: fees.join(','),
      });
    }
  } catch (error) {
    state.undo(done);
    throw error;
  }
  const trace = { context, slots, oldRoot, newRoot: state.root, finalShards: state.shards(), commitment };
  return { trace, effects };
}
