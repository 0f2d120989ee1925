/** A chunk as a producer claims it, slot by slot, next to what the rules say of each record. */

import {
  type AccountChange,
  type AssertedRecord,
  applyOperation,
  assertedOperation,
  assertedRecords,
  type Bytes32,
  type ChunkContext,
  createStepWitness,
  decodeVisible,
  encodeAuthorization,
  encodeChunkData,
  encodeVisible,
  isVisibleKind,
  nextCommitment,
  type Operation,
  type Outcome,
  type RecordBits,
  type RollupState,
  StateOverlay,
  type StateView,
  type StepOutcome,
  type StepState,
  type StepWitness,
  stepCommitment,
  withWords,
} from '@quittance/protocol';
import { portableCrypto } from '../rollup/world.ts';
import { noop, type SlotClaim, type SlotScript } from './slot-scripts.ts';

const NO_FEES: readonly bigint[] = [0n, 0n, 0n, 0n];

/** What a producer puts into a chunk; noops fill it. */
export interface ChunkScript {
  readonly slots: readonly SlotScript[];
  readonly feeTokens?: readonly bigint[];
  /** Changes the bytes of the authorizations before they are published. */
  readonly authorizations?: (bytes: Uint8Array) => Uint8Array;
  /** Changes the visible list before it is published. */
  readonly visible?: (list: Uint8Array) => Uint8Array;
}

export interface ClaimedSlot {
  readonly operation: Operation;
  readonly before: StepState;
  /** As claimed. After the last slot the fee sums are 0. */
  readonly after: StepState;
  /** What the step verifier says. */
  readonly truth: StepOutcome;
  readonly isFraud: boolean;
  readonly witness: StepWitness;
}

export interface ClaimedChunk {
  readonly slots: readonly ClaimedSlot[];
  readonly data: Uint8Array;
  readonly authorizations: Uint8Array;
  readonly visible: Uint8Array;
  /** The records with their signatures, as whoever reads the chunk has them. */
  readonly published: readonly AssertedRecord[];
  /** The asserter's answer: after each slot but the last. */
  readonly answer: readonly Bytes32[];
  readonly commitment: bigint;
  readonly context: ChunkContext;
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
}

/** A claim with the effects that its producer wants it to have. */
interface Claimed {
  readonly claim: SlotClaim;
  readonly outcome: Outcome | undefined;
  readonly changes: readonly Pick<AccountChange, 'index' | 'after'>[];
  readonly fees: readonly bigint[];
}

/** Runs the scripts on accounts alone. A record that is invalid and pretends nothing changes nothing. */
function claimSlots(view: StateView, scripts: readonly SlotScript[], context: ChunkContext): Claimed[] {
  const overlay = new StateOverlay(view);
  let fees = NO_FEES;
  return scripts.map((script) => {
    const claim = script({ view: overlay, context, fees });
    const { pretence } = claim;
    const outcome = pretence === undefined ? applyOperation(portableCrypto, overlay, claim, context, fees) : undefined;
    const effects = pretence ?? (outcome?.valid === true ? outcome.effects : { changes: [] });
    for (const change of effects.changes) overlay.write(change);
    fees = effects.fees ?? fees;
    return { claim, outcome, changes: effects.changes, fees };
  });
}

/** The bytes that the operation's own signature has. */
const signatureOf = ({ authorization }: Operation) =>
  authorization === undefined ? new Uint8Array() : encodeAuthorization(authorization);

/** Visible records up to and with this one. */
const countAfter = ({ visibleCount }: StepState, { fields }: RecordBits) =>
  visibleCount + (isVisibleKind(fields.kind) ? 1 : 0);

/** What the rules say of an operation; the state is as before. */
function truthOf(state: RollupState, operation: Operation, context: ChunkContext, before: StepState): StepOutcome {
  const outcome = applyOperation(portableCrypto, state, operation, context, before.fees);
  if (!outcome.valid) return { valid: false, code: outcome.invalid.code };
  const { changes, fees } = outcome.effects;
  for (const change of changes) state.write(change);
  const stateRoot = state.root;
  state.undo(changes);
  return { valid: true, state: { stateRoot, fees, visibleCount: countAfter(before, operation) } };
}

const isSame = (left: StepState, right: StepState) => stepCommitment(left, []) === stepCommitment(right, []);

/** Executes the claims on `state`, which is the claimed one afterwards. */
export function claimChunk(
  state: RollupState,
  { slots, authorizations: change = (bytes) => bytes, visible: relist = (list) => list }: ChunkScript,
  slotsPerChunk: number,
  context: ChunkContext,
): ClaimedChunk {
  const filled = [...slots, ...Array<SlotScript>(slotsPerChunk - slots.length).fill(noop)];
  const claims = claimSlots(state, filled, context);
  const authorizations = change(Uint8Array.from(claims.flatMap(({ claim }) => [...claim.authorizationBytes])));
  const visible = relist(encodeVisible(claims.map(({ claim }) => claim)));
  const entries = decodeVisible(visible);
  const published = assertedRecords(
    withWords(
      claims.map(({ claim }) => claim.fields),
      entries,
    ),
    authorizations,
  );
  const oldRoot = state.root;
  let before: StepState = { stateRoot: oldRoot, fees: NO_FEES, visibleCount: 0 };
  let commitment = 0n;
  const claimed = claims.map(({ claim, outcome, changes, fees }, slot): ClaimedSlot => {
    const { authorization, words } = published[slot]!;
    const operation = assertedOperation(state, published[slot]!);
    const witness = createStepWitness(state, claim.fields, authorization);
    // What the producer meant is the truth, unless it pretends or publishes other signatures or words.
    const isPublished = Buffer.from(authorization).equals(signatureOf(claim)) && words.join() === claim.words.join();
    const differing = outcome?.valid === true && isPublished ? undefined : truthOf(state, operation, context, before);
    for (const { index, after } of changes) state.write({ index, after });
    const visibleCount = countAfter(before, claim);
    const truth = differing ?? { valid: true, state: { stateRoot: state.root, fees, visibleCount } };
    const isLast = slot === filled.length - 1;
    const after = isLast
      ? { stateRoot: state.root, fees: NO_FEES, visibleCount: entries.length }
      : { stateRoot: state.root, fees, visibleCount };
    const isFraud = !truth.valid || !isSame(truth.state, after);
    const done = { operation, before, after, truth, isFraud, witness };
    commitment = nextCommitment(portableCrypto, commitment, claim);
    before = after;
    return done;
  });
  return {
    slots: claimed,
    data: encodeChunkData(claims.map(({ claim }) => claim)),
    authorizations,
    visible,
    published,
    answer: claimed.slice(0, -1).map(({ after }) => stepCommitment(after, context.feeTokens)),
    commitment,
    context,
    oldRoot,
    newRoot: state.root,
  };
}
