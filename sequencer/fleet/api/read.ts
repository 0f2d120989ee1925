/** What workers send, read strictly: nothing else is looked at. */

import type { IncomingMessage } from 'node:http';
import { RollupError } from '@quittance/protocol';
import { decodeProof, MAX_CIRCUITS, MAX_HELD_PROOFS, MAX_WAIT_MS, type ProofJson } from '../../../prover/index.ts';
import { readBody } from '../../api/reading.ts';

/** A JSON object of somebody else's. */
export type Fields = Readonly<Record<string, unknown>>;

/** The largest is `pick` with its list of proofs, of some 5 kB. */
const MAX_BODY_BYTES = 16_384;
const INSTANCE = /^[\x20-\x7e]{1,128}$/;
const HASH = /^[0-9a-f]{64}$/;
const CIRCUIT = /^0x[0-9a-f]{64}$/;
const TEXT_LENGTH = 500;

function wrong(name: string, expected: string): RollupError<'OUT_OF_RANGE'> {
  return new RollupError('OUT_OF_RANGE', `${name} is not ${expected}`, { name, expected });
}

/** Reads a JSON object. @throws RollupError BODY_TOO_LARGE, OUT_OF_RANGE; what ends the connection. */
export async function readFields(request: IncomingMessage): Promise<Fields> {
  const length = Number(request.headers['content-length']);
  const announced = Number.isSafeInteger(length) ? length : undefined;
  const ignore = (): void => undefined;
  const body = await readBody(request, { limit: MAX_BODY_BYTES, announced, arrive: ignore, grow: ignore });
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw wrong('the body', 'JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('the body', 'a JSON object');
  return value as Fields;
}

/** Text of this form. @throws RollupError OUT_OF_RANGE. */
export function textOf(fields: Fields, name: string, form: RegExp, expected: string): string {
  const value = fields[name];
  if (typeof value === 'string' && form.test(value)) return value;
  throw wrong(name, expected);
}

function listOf(fields: Fields, name: string, most: number, form: RegExp): string[] {
  const value = fields[name] ?? [];
  const isList = Array.isArray(value) && value.length <= most;
  if (isList && value.every((item) => typeof item === 'string' && form.test(item))) return value as string[];
  throw wrong(name, `a list of at most ${most} hashes`);
}

/** Which machine it is. */
export function instanceOf(fields: Fields): string {
  return textOf(fields, 'worker', INSTANCE, '1 to 128 printable characters');
}

/** Which statement. */
export function statementIdOf(fields: Fields): string {
  return textOf(fields, 'statement', HASH, '64 hexadecimal digits');
}

/** Who asks for work, and for how long. */
export function readPick(fields: Fields) {
  const wait = fields['waitMs'] ?? 0;
  if (!Number.isSafeInteger(wait) || (wait as number) < 0 || (wait as number) > MAX_WAIT_MS) {
    throw wrong('waitMs', `a whole number from 0 to ${MAX_WAIT_MS}`);
  }
  return {
    instance: instanceOf(fields),
    waitMs: wait as number,
    circuits: listOf(fields, 'circuits', MAX_CIRCUITS, CIRCUIT),
    held: new Set(listOf(fields, 'held', MAX_HELD_PROOFS, HASH)),
  };
}

/** A proof; undefined for what is none. */
export function readProof(fields: Fields) {
  try {
    return decodeProof(fields['proof'] as ProofJson);
  } catch {
    return undefined;
  }
}

/** Why a worker gave up, cut to what a log can hold. */
export function reasonOf(fields: Fields): string {
  const { reason } = fields;
  return typeof reason === 'string' ? reason.slice(0, TEXT_LENGTH) : 'it says not why';
}
