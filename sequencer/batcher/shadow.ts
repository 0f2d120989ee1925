/**
 * The shadow of the engine: a share of the batches is executed by the reference too, after they are sealed, on a copy of the
 * leaves that they touch. A difference stops the sequencer before anything builds on it for long: one of the two is wrong.
 */

import { createHmac, randomBytes } from 'node:crypto';
import {
  asRollupError,
  type Crypto,
  copyPart,
  createReferenceEngine,
  type EngineBatch,
  type Execution,
  type ExecutionState,
  RollupError,
  type RollupState,
  type SignatureJudge,
} from '@quittance/protocol';
import { createSlices } from '../../runtime/index.ts';
import { type Difference, findDifference } from './difference.ts';
import type { PlannedChunks } from './plan.ts';
import { inSlices, SLICE_MS } from './slices.ts';

/** The state before a batch, as far as its records name it. */
export interface TouchedPart {
  readonly state: RollupState;
  readonly leaves: readonly number[];
}

/** A batch that was executed, and what to execute it again from. */
export interface ShadowInput {
  /** Number of the batch. */
  readonly number: number;
  readonly before: TouchedPart;
  readonly batch: EngineBatch;
  readonly signatures: SignatureJudge;
  /** With traces. */
  readonly execution: Execution;
  /** Name of the engine that executed it. */
  readonly engine: string;
}

/** Executes some batches again. */
export interface Shadow {
  /** Whether this batch is executed twice. Nobody outside knows beforehand. */
  isChosen(number: number): boolean;
  /**
   * Copies what a batch touches, before it is executed. Waits until the last batch that was checked is done with: there is
   * one copy at a time.
   */
  copy(state: ExecutionState, chunks: PlannedChunks): Promise<TouchedPart>;
  /** Begins to execute a batch again and to compare. Halts when the results differ. */
  check(input: ShadowInput): void;
  /** Whether the batch that was begun last agrees; true when there is none. */
  verdict(): Promise<boolean>;
  /** Waits for what was begun. */
  stop(): Promise<void>;
}

export interface ShadowOptions {
  /** Of the batches, 0 to 1. */
  readonly share: number;
  readonly crypto: Crypto;
  /** Lets other work run, between slices of a few milliseconds. */
  readonly pause: () => Promise<void>;
  readonly halt: (error: RollupError) => void;
}

/** Hashes between two pauses. */
const NODES_PER_STEP = 64;

/**
 * Whether a batch is among a share of all: by its number under a secret, since who knew of a fault in an engine, and which
 * batches are looked at twice, would wait for another one.
 */
export function isAmong(share: number, number: number, secret: Uint8Array): boolean {
  return createHmac('sha256', secret).update(String(number)).digest().readUInt32BE(0) < share * 2 ** 32;
}

/** The leaves that any record of a batch names; noops name leaf 0. */
function leavesOf(chunks: PlannedChunks): number[] {
  const fields = chunks.flatMap((slots) => slots.map(({ operation }) => operation.fields));
  return [...new Set(fields.flatMap(({ from, to }) => [from, to]))];
}

const rootOf = ({ chunks }: Execution): string => String(chunks.at(-1)?.newRoot ?? 'none');

function enginesDisagree(
  { number, engine, execution }: ShadowInput,
  other: Execution | undefined,
  { what, chunk, slot }: Difference,
): RollupError<'ENGINES_DISAGREE'> {
  const [actual, expected] = [rootOf(execution), other === undefined ? 'none' : rootOf(other)];
  const place = chunk === undefined ? '' : ` in chunk ${chunk}${slot === undefined ? '' : `, slot ${slot}`}`;
  return new RollupError(
    'ENGINES_DISAGREE',
    `batch ${number} has root ${actual} by the ${engine} engine and ${expected} by the reference: ${what} differs${place}. ` +
      'One of them is wrong; nothing more is sealed or posted until it is known which',
    {
      batch: number,
      what,
      expected,
      actual,
      ...(chunk === undefined ? {} : { chunk }),
      ...(slot === undefined ? {} : { slot }),
    },
  );
}

/** A shadow that has nothing to do yet. */
export function createShadow({ share, crypto, pause, halt }: ShadowOptions): Shadow {
  const reference = createReferenceEngine(crypto, createSlices(SLICE_MS));
  const secret = randomBytes(32);
  let running: Promise<boolean> | undefined;

  async function compare(input: ShadowInput): Promise<void> {
    const { before, batch, signatures, execution } = input;
    const { state, leaves } = before;
    if (!(await inSlices(state.verifyInSteps(leaves, NODES_PER_STEP), pause))) {
      throw enginesDisagree(input, undefined, { what: 'the state before the batch' });
    }
    const other = await reference.execute(state, batch, {
      ...{ signatures, onInvalid: 'stop', traces: true, commitments: true },
    });
    const difference = await inSlices(findDifference(execution, other), pause);
    if (difference !== undefined) throw enginesDisagree(input, other, difference);
  }

  return {
    isChosen: (number) => isAmong(share, number, secret),
    async copy(state, chunks) {
      await running;
      const leaves = leavesOf(chunks);
      return { leaves, state: await inSlices(copyPart(crypto.hasher, state, leaves), pause) };
    },
    check(input) {
      const comparing = compare(input).then(
        () => true,
        (error: unknown) => {
          halt(asRollupError('the shadow', error));
          return false;
        },
      );
      running = comparing;
    },
    verdict: async () => (await running) ?? true,
    async stop() {
      await running;
    },
  };
}
