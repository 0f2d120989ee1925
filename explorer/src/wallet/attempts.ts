/**
 * What this browser began, kept by what identifies it, so that closing the page in the middle loses nothing and a second
 * try pays nothing twice: a transfer is kept as it was signed before it leaves the page, an L1 transaction by its hash once the
 * wallet sent it.
 */

import type { SignedPayment } from '@quittance/sdk';
import { keep, readKept } from '../data/storage.ts';
import { createStore, type Store } from '../store.ts';

/** What can be begun. */
export type AttemptKind = 'transfer' | 'withdraw' | 'deposit' | 'exit';

/** One thing that was begun. */
export interface Attempt {
  /** Of this attempt in this browser. */
  readonly key: string;
  readonly kind: AttemptKind;
  readonly startedMs: number;
  /** What it is, for people: "0.5 ETH to account 7". */
  readonly summary: string;
  /** A transfer as it was signed, before it was sent. */
  readonly signed?: SignedPayment;
  /** Hash of an L1 transaction, known once the wallet sent it. */
  readonly transactionHash?: string;
  /** Number in the queue of L1, once it is in a block. */
  readonly operationId?: number;
}

/** What is added once it is known. */
type Known = Partial<Pick<Attempt, 'signed' | 'transactionHash' | 'operationId'>>;

/** The attempts of one account of one rollup, oldest first. */
export interface Attempts {
  readonly list: Store<readonly Attempt[]>;
  /** Whether the browser keeps them when the page is closed. */
  readonly isLasting: () => boolean;
  /** @returns its key. */
  begin(kind: AttemptKind, summary: string): string;
  learn(key: string, known: Known): void;
  /** Takes one off the list: it failed before anything was sent, or the person has seen its end. */
  forget(key: string): void;
}

/** More are not kept: the history has them. */
const MAX_ATTEMPTS = 50;
const KINDS: ReadonlySet<unknown> = new Set<AttemptKind>(['transfer', 'withdraw', 'deposit', 'exit']);
const HASH = /^0x[0-9a-f]{64}$/i;

const isOptional = (value: unknown, test: (given: unknown) => boolean): boolean => value === undefined || test(value);

function isSigned(value: unknown): boolean {
  const { id, transfer } = (value ?? {}) as Record<string, unknown>;
  return typeof id === 'string' && /^\d{1,78}$/.test(id) && typeof transfer === 'object' && transfer !== null;
}

/** Whether something that was kept has the shape of an attempt: other versions and people write to this storage too. */
function isAttempt(value: unknown): value is Attempt {
  if (typeof value !== 'object' || value === null) return false;
  const { key, kind, startedMs, summary, signed, transactionHash, operationId } = value as Record<string, unknown>;
  return (
    typeof key === 'string' &&
    KINDS.has(kind) &&
    Number.isSafeInteger(startedMs) &&
    Math.abs(startedMs as number) < 1e15 &&
    typeof summary === 'string' &&
    isOptional(signed, isSigned) &&
    isOptional(transactionHash, (given) => HASH.test(String(given))) &&
    isOptional(operationId, Number.isSafeInteger)
  );
}

function parseKept(text: string | undefined): readonly Attempt[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list.filter(isAttempt).slice(-MAX_ATTEMPTS) : [];
  } catch {
    return [];
  }
}

/**
 * @param name of the list: of a rollup and an account in it.
 * @param nowMs the clock.
 */
export function openAttempts(name: string, nowMs: () => number = Date.now): Attempts {
  const read = (): readonly Attempt[] => parseKept(readKept(name));
  const list = createStore(read());
  let isLasting = keep(`${name}.probe`, 'probe');
  keep(`${name}.probe`, undefined);
  // Another tab of this browser may have begun something meanwhile: what it kept is not written over.
  const change = (edit: (now: readonly Attempt[]) => readonly Attempt[]): void => {
    const next = edit(read()).slice(-MAX_ATTEMPTS);
    isLasting = keep(name, next.length === 0 ? undefined : JSON.stringify(next));
    list.set(next);
  };
  let count = 0;
  return {
    list,
    isLasting: () => isLasting,
    begin(kind, summary) {
      count += 1;
      const startedMs = nowMs();
      const key = `${startedMs}-${count}-${Math.random().toString(36).slice(2, 8)}`;
      change((now) => [...now, { key, kind, startedMs, summary }]);
      return key;
    },
    learn: (key, known) => change((now) => now.map((one) => (one.key === key ? { ...one, ...known } : one))),
    forget: (key) => change((now) => now.filter((one) => one.key !== key)),
  };
}
