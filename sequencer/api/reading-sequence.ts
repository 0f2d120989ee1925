/**
 * Says with each answer how far the node is that gives it, and lets whoever sent something through one node read it from
 * another: a request can name the entry of the log that its answer must include.
 */

import { RollupError } from '@quittance/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../runtime/index.ts';
import { createShares } from './shares.ts';
import { countedAddress } from './source.ts';

/** With each answer: it includes the entries of the log up to this one. */
export const SEQUENCE_HEADER = 'x-rollup-sequence';
/** With a request: its answer is to include the entries up to this one. */
export const MIN_SEQUENCE_HEADER = 'x-rollup-min-sequence';

/** How long a request waits at most. */
export const MAX_WAIT_MS = 5_000;
/** Most requests that wait, of all addresses and of one. */
const MAX_WAITING = 10_000;
export const MAX_WAITING_PER_ADDRESS = 100;
/** How often those that wait look again. */
const LOOK_MS = 20;
/** Below 2^53. */
const SEQUENCE = /^(?:0|[1-9][0-9]{0,14})$/;

/** The entry that a request asks for. @throws RollupError OUT_OF_RANGE. */
function askedFor({ headers }: FastifyRequest): number {
  const text = headers[MIN_SEQUENCE_HEADER];
  if (text === undefined) return 0;
  if (typeof text === 'string' && SEQUENCE.test(text)) return Number(text);
  const actual = String(text).slice(0, 80);
  const message = `${MIN_SEQUENCE_HEADER} is ${JSON.stringify(actual)}, expected the number of an entry of the log`;
  throw new RollupError('OUT_OF_RANGE', message, { name: MIN_SEQUENCE_HEADER, actual });
}

function behind(expected: number, actual: number): RollupError<'REPLICA_BEHIND'> {
  const message = `this node is at entry ${actual} of the log, and its answer was to include entry ${expected}`;
  return new RollupError('REPLICA_BEHIND', message, { expected, actual });
}

export interface SequenceOptions {
  readonly clock: Clock;
  /** Sequence of the last entry that reads include now. */
  readonly head: () => number;
  readonly addressOf: (request: FastifyRequest) => string;
}

/** Lets requests wait for an entry, within bounds. */
function createWaiting({ clock, head }: SequenceOptions) {
  const shares = createShares(MAX_WAITING_PER_ADDRESS);
  const waiting = new Set<() => void>();
  let isLooking = false;
  const look = (): void => {
    isLooking = waiting.size > 0;
    if (isLooking) clock.schedule(LOOK_MS, look);
    for (const check of [...waiting]) check();
  };
  const wait = (sequence: number, address: string): Promise<void> => {
    const release = shares.total < MAX_WAITING ? shares.take(address, 1) : undefined;
    if (release === undefined) throw behind(sequence, head());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = clock.monotonicMs() + MAX_WAIT_MS;
    const check = (): void => {
      const isThere = head() >= sequence;
      if (!isThere && clock.monotonicMs() < end) return;
      waiting.delete(check);
      release();
      if (isThere) resolve();
      else reject(behind(sequence, head()));
    };
    waiting.add(check);
    if (!isLooking) {
      isLooking = true;
      clock.schedule(LOOK_MS, look);
    }
    return promise;
  };
  return { wait };
}

/** Adds the headers to whatever `scope` answers. */
export function addSequenceHeaders(scope: FastifyInstance, options: SequenceOptions): void {
  const { head, addressOf } = options;
  const { wait } = createWaiting(options);
  // What is read from here on includes at least this.
  const say = (reply: FastifyReply): void => void reply.header(SEQUENCE_HEADER, String(head()));
  scope.addHook('preHandler', (request, reply, done) => {
    try {
      const sequence = askedFor(request);
      if (sequence <= head()) {
        say(reply);
        done();
        return;
      }
      wait(sequence, countedAddress(addressOf(request))).then(
        () => {
          say(reply);
          done();
        },
        (error: Error) => {
          say(reply);
          done(error);
        },
      );
    } catch (error) {
      say(reply);
      done(error as Error);
    }
  });
}
