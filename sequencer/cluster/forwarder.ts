/** Passes what clients send to this node on to the leader, once, with the address of the client. */

import { RollupError } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';
import type { LeaseHolder } from '../../storage/index.ts';
import { forwardingHeaders } from './identity.ts';
import { createLanes, MAX_IN_FLIGHT } from './lanes.ts';
import { createPost } from './post.ts';

/** What a node passes on. */
export interface Forwarded {
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Address of the client, as limits count it. */
  readonly address: string;
}

/** What the leader answers: the members of a JSON-RPC answer. */
export type LeaderAnswer = { readonly result: unknown } | { readonly error: RpcErrorJson };

/** Passes calls on. */
export interface Forwarder {
  /**
   * @throws RollupError NOT_LEADER when no leader is known, or none gave an answer: what was sent may have been taken all the
   * same, and is to be sent again as it is. MEMPOOL_FULL when too much is on its way already, of its address or of all.
   */
  forward(call: Forwarded): Promise<LeaderAnswer>;
  close(): void;
}

export interface ForwarderOptions {
  /** Whoever leads, as this node knows it. */
  readonly leader: () => LeaseHolder | undefined;
  /** Asks the journal who leads now. Never throws. */
  readonly refresh: () => Promise<void>;
  /** Of the cluster. */
  readonly secret: string;
  /** Name of this node, which passes nothing on to itself. */
  readonly nodeName: string;
  readonly timeoutMs?: number;
}

/** More than any answer to a list of 1,000 transfers. */
const MAX_ANSWER_BYTES = 4 << 20;
const TIMEOUT_MS = 10_000;

/** The refusal of what nobody takes now. @param leader the last one that is known. */
export function nobodyLeads(leader: LeaseHolder | undefined, why: string): RollupError<'NOT_LEADER'> {
  const message = `${why}; send it again in a few seconds, as it is`;
  const url = leader === undefined || leader.isExpired ? undefined : leader.url;
  return new RollupError('NOT_LEADER', message, { epoch: leader?.epoch ?? 0, holder: leader?.holder, leader: url });
}

/** An answer as JSON-RPC has it. @throws Error. */
function readAnswer(body: Buffer): LeaderAnswer {
  const { result, error } = JSON.parse(body.toString('utf8')) as { result?: unknown; error?: Partial<RpcErrorJson> };
  if (typeof error?.code === 'number' && typeof error.message === 'string') return { error: error as RpcErrorJson };
  if (result === undefined) throw new Error('its answer is no JSON-RPC');
  return { result };
}

/** A forwarder over connections of its own. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { leader, refresh, secret, nodeName, timeoutMs = TIMEOUT_MS } = options;
  const post = createPost(MAX_IN_FLIGHT);
  const lanes = createLanes();

  const present = (): LeaseHolder | undefined => {
    const known = leader();
    return known === undefined || known.isExpired || known.holder === nodeName ? undefined : known;
  };
  const send = async ({ url }: LeaseHolder, { body, contentType, address }: Forwarded): Promise<LeaderAnswer> => {
    const headers = {
      ...forwardingHeaders(secret, address),
      'content-type': contentType,
      'content-length': String(body.length),
    };
    return readAnswer(await post.send({ url, headers, body, timeoutMs, answerBytes: MAX_ANSWER_BYTES }));
  };
  const isRefusal = (answer: LeaderAnswer): boolean => 'error' in answer && answer.error.data?.reason === 'NOT_LEADER';

  /** Sends to whoever leads, and once more to another one when that turns out not to. */
  const sendOn = async (call: Forwarded): Promise<LeaderAnswer> => {
    if (present() === undefined) await refresh();
    let failure = 'no node leads at present';
    let tried = 0;
    for (let known = present(); known !== undefined && known.epoch !== tried; known = present()) {
      tried = known.epoch;
      try {
        const answer = await send(known, call);
        if (!isRefusal(answer)) return answer;
        failure = `node ${known.holder} no longer leads`;
      } catch (error) {
        failure = `node ${known.holder}, which leads, gave no answer: ${(error as Error).message}`;
      }
      await refresh();
    }
    throw nobodyLeads(leader(), failure);
  };

  return {
    forward: (call) => lanes.pass(call.address, call.body.length, () => sendOn(call)),
    close: () => post.close(),
  };
}
