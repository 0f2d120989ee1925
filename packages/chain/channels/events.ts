/** Events and calldata of the contracts of channels as protocol types. */

import { type Bytes32, type ChannelState, RecordKind } from '@quittance/protocol';
import type { FunctionFragment, Interface, Log, Result } from 'ethers';
import { decodePriorityRequests, inclusionOf } from '../decode.ts';
import { unreadableLog } from '../unreadable-log.ts';
import { channelsInterface, preimagesInterface } from './abi.ts';
import type { ChannelEvent, RevealedSecret, VaultExit } from './types.ts';

/** An event without its place on L1; the union must be taken apart for that. */
type Content<E> = E extends ChannelEvent
  ? Omit<E, 'transactionHash' | 'blockNumber' | 'blockHash' | 'logIndex' | 'vault'>
  : never;

const DECODERS: Readonly<Record<string, (args: Result) => Content<ChannelEvent>>> = {
  Closing: (args) => ({
    type: 'closing',
    closer: args['closer'] as string,
    version: Number(args['version']),
    stateHash: args['stateHash'] as Bytes32,
    periodEnd: Number(args['periodEnd']),
  }),
  Challenged: (args) => ({
    type: 'challenged',
    challenger: args['challenger'] as string,
    version: Number(args['version']),
    stateHash: args['stateHash'] as Bytes32,
  }),
  Settled: (args) => ({ type: 'settled', senior: args['senior'] as string, claim: args['claim'] as bigint }),
  PaidOut: (args) => ({
    type: 'paidOut',
    party: args['party'] as string,
    receiver: args['receiver'] as string,
    amount: args['amount'] as bigint,
  }),
};

/** Names of the events that say where channels stand. */
export const CHANNEL_EVENTS: readonly string[] = Object.keys(DECODERS);

function parsed(abi: Interface, log: Log): { readonly name: string; readonly args: Result } {
  const description = abi.parseLog(log);
  if (description === null) throw unreadableLog(log);
  return description;
}

/** What happened to a channel. @throws RollupError L1_LOG_UNREADABLE when the log is none of `CHANNEL_EVENTS`. */
export function decodeChannelEvent(log: Log): ChannelEvent {
  const { name, args } = parsed(channelsInterface, log);
  const decode = DECODERS[name];
  if (decode === undefined) throw unreadableLog(log);
  const place = { ...inclusionOf(log), logIndex: log.index, vault: args['vault'] as string };
  return { ...place, ...decode(args) };
}

/** A secret that was shown. @throws RollupError L1_LOG_UNREADABLE when the log is no such event. */
export function decodeRevealed(log: Log): RevealedSecret {
  const { args } = parsed(preimagesInterface, log);
  const [hash, secret, time] = [args['hash'] as Bytes32, args['secret'] as Bytes32, Number(args['time'])];
  return { ...inclusionOf(log), logIndex: log.index, hash, secret, time };
}

/** The exits among what a log puts into the queue: a deposit for the vault is none. @throws RollupError L1_LOG_UNREADABLE. */
export function decodeExits(log: Log): VaultExit[] {
  return decodePriorityRequests(log)
    .filter(({ fields }) => fields.kind === RecordKind.forcedExit)
    .map(({ queueIndex, fields }) => ({
      ...inclusionOf(log),
      logIndex: log.index,
      accountIndex: fields.from,
      queueIndex,
    }));
}

function toState(raw: Result): ChannelState {
  const htlcs = (raw['htlcs'] as Result).toArray() as Result[];
  return {
    version: Number(raw['version']),
    claim: raw['claim'] as bigint,
    residualIsB: raw['residualIsB'] as boolean,
    htlcs: htlcs.map((htlc) => ({
      hash: htlc['hash'] as Bytes32,
      amount: htlc['amount'] as bigint,
      expiry: Number(htlc['expiry']),
      toSenior: htlc['toSenior'] as boolean,
    })),
  };
}

/** Calls with a state as their second argument. */
const SHOWING = ['close', 'challenge'].map((name) => channelsInterface.getFunction(name)!);
/** Characters of a byte. */
const BYTE = 2;
/** Places of one calldata that are decoded: somebody may have filled it with what looks like calls. */
const MOST_PLACES = 64;

/** The state that a call shows; undefined when these bytes are no call. */
function stateAt(fragment: FunctionFragment, call: string): ChannelState | undefined {
  try {
    return toState(channelsInterface.decodeFunctionData(fragment, `0x${call}`)['state'] as Result);
  } catch {
    return undefined;
  }
}

/**
 * States in calldata: of a call that shows one, or of one that stands in the arguments of another contract's. What does not
 * decode is none. None is to be believed before its hash was compared.
 */
export function* statesInCalldata(calldata: string): Generator<ChannelState> {
  for (const fragment of SHOWING) {
    const selector = fragment.selector.slice(2);
    let places = 0;
    for (let at = calldata.indexOf(selector); at >= 0; at = calldata.indexOf(selector, at + 1)) {
      if (at % BYTE !== 0) continue;
      if (++places > MOST_PLACES) break;
      const state = stateAt(fragment, calldata.slice(at));
      if (state !== undefined) yield state;
    }
  }
}
