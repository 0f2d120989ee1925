/** What a batch was made of, as its seal entry says it in JSON: who has the log executes the same batch without planning it. */

import { type BatchForm, type ErrorCode, formNumber, TOKEN_ID_BITS } from '@quittance/protocol';

/** `count` entries of the log from `first` on, in consecutive slots. */
export type SequenceRun = readonly [first: number, count: number];

/** What the slots of a chunk hold, in order: entries of the log, collections of fees, and nothing in those that are left. */
export interface ChunkPlan {
  readonly runs: readonly SequenceRun[];
  /** Indices of the accounts that collect fees, in the order of their slots. */
  readonly collects: readonly number[];
}

/** All that a batch is a function of, besides the log before it and its parent. */
export interface SealPlan {
  /** Unix seconds. */
  readonly time: number;
  /** The four of its chunks. */
  readonly feeTokens: readonly bigint[];
  readonly form: BatchForm;
  readonly chunks: readonly ChunkPlan[];
}

/** A transfer that was dropped when a batch was sealed, and why. */
export interface SealedDrop {
  readonly sequence: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
}

/** A plan as JSON: the numbers of tokens are below 2^53. */
export function planJson({ feeTokens, ...plan }: SealPlan): object {
  return { ...plan, feeTokens: feeTokens.map(Number) };
}

function wrong(what: string, value: unknown): TypeError {
  return new TypeError(`its ${what} is ${JSON.stringify(value)}`);
}

/** @throws TypeError unless it is a whole number of 0 to 2^53 − 1. */
export function readCount(what: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(what, value);
  return value;
}

function list(what: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(what, value);
  return value;
}

/** @throws TypeError unless it is an object. */
export function readFields(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(what, value);
  return value as Readonly<Record<string, unknown>>;
}

/** @throws TypeError unless it is a text. */
export function readText(what: string, value: unknown): string {
  if (typeof value !== 'string') throw wrong(what, value);
  return value;
}

/** @throws TypeError unless it names a form. */
function form(value: unknown): BatchForm {
  if (typeof value === 'string' && formNumber(value as BatchForm) >= 0) return value as BatchForm;
  throw wrong('form', value);
}

function run(value: unknown): SequenceRun {
  const [first, length, ...more] = list('run', value);
  const of: SequenceRun = [readCount('run', first), readCount('run', length)];
  // A run that no batch holds would be read from the log entry by entry.
  if (more.length > 0 || of[0] < 1 || of[1] < 1 || !Number.isSafeInteger(of[0] + of[1])) throw wrong('run', value);
  return of;
}

function token(value: unknown): bigint {
  const id = readCount('fee token', value);
  if (id > 2 ** TOKEN_ID_BITS) throw wrong('fee token', value);
  return BigInt(id);
}

function chunk(value: unknown): ChunkPlan {
  const { runs, collects } = readFields('chunk', value);
  return {
    runs: list('runs', runs).map(run),
    collects: list('collections', collects).map((leaf) => readCount('collection', leaf)),
  };
}

/** The plan that JSON says. @throws TypeError with what is wrong with it. */
export function readPlan(value: unknown): SealPlan {
  const plan = readFields('plan', value);
  return {
    time: readCount('time', plan['time']),
    feeTokens: list('fee tokens', plan['feeTokens']).map(token),
    form: form(plan['form']),
    chunks: list('chunks', plan['chunks']).map(chunk),
  };
}

/** The drops that JSON lists. @throws TypeError with what is wrong with them. */
export function readDrops(value: unknown): SealedDrop[] {
  return list('drops', value).map((item) => {
    const { sequence, code, message, expected, actual } = readFields('drop', item);
    return {
      sequence: readCount('drop', sequence),
      code: readText('drop', code) as ErrorCode,
      message: readText('drop', message),
      ...(expected === undefined ? {} : { expected: readText('drop', expected) }),
      ...(actual === undefined ? {} : { actual: readText('drop', actual) }),
    };
  });
}
