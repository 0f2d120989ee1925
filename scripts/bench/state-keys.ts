/**
 * `./dev bench state-keys [--rounds N] [--json] [--save]`: hashes of states of channels, their signatures and whose they are, in
 * JavaScript and by the addon, in one run on one thread, in turns: the least time of each.
 */

import {
  type ChannelState,
  channelStateHash,
  MAX_HTLCS,
  recoverChannelSigner,
  signChannelState,
} from '@quittance/protocol';
import {
  hashState,
  isNativeAvailable,
  nativeUnavailableReason,
  recoverStateSigner,
  signStateHash,
} from '../../native/index.ts';
import { readArguments } from './parts/arguments.ts';
import { printResult } from './parts/options.ts';
import { type StateKeysTask, stateKeysLines } from './parts/state-keys/result.ts';

const CONTRACT = { chainId: 31_337n, channels: `0x${'c1'.repeat(20)}` };
const VAULT = `0x${'fa'.repeat(20)}`;
const SECRET = new Uint8Array(32).fill(0xa1);
/** Calls of a turn: few enough that most turns are not interrupted on a busy machine. */
const CALLS = 5;
/** Turns that are not counted: until the code is compiled. */
const WARM_UP = 50;

function stateWith(htlcs: number): ChannelState {
  const htlc = (index: number) => ({
    hash: `0x${index.toString(16).padStart(64, '5')}`,
    amount: 10n ** 18n + BigInt(index),
    expiry: 1_800_000_000 + index,
    toSenior: index % 2 === 0,
  });
  return {
    version: 1,
    claim: 10n ** 19n,
    residualIsB: true,
    htlcs: Array.from({ length: htlcs }, (_, at) => htlc(at)),
  };
}

/** Microseconds of a call, of one turn. */
function turn(call: () => unknown): number {
  const start = performance.now();
  for (let count = 0; count < CALLS; count += 1) call();
  return ((performance.now() - start) * 1_000) / CALLS;
}

function measure(task: string, rounds: number, portable: () => unknown, native: () => unknown): StateKeysTask {
  const least = Number.POSITIVE_INFINITY;
  const times = { portableMicroseconds: least, nativeMicroseconds: least };
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const [one, other] = [turn(portable), turn(native)];
    if (round < 0) continue;
    times.portableMicroseconds = Math.min(times.portableMicroseconds, one);
    times.nativeMicroseconds = Math.min(times.nativeMicroseconds, other);
  }
  return { task, ...times };
}

const { rounds, json, save } = readArguments(
  'usage: ./dev bench state-keys [--rounds N] [--json] [--save]',
  { rounds: '300' },
  (whole) => ({ rounds: whole('rounds', 1) }),
);
if (!isNativeAvailable()) {
  console.error(nativeUnavailableReason());
  process.exit(1);
}

const hashes = [0, 8, MAX_HTLCS].map((htlcs) => {
  const state = stateWith(htlcs);
  return measure(
    `hash, ${htlcs} HTLCs`,
    rounds,
    () => channelStateHash(CONTRACT, VAULT, state),
    () => hashState(CONTRACT, VAULT, state),
  );
});
const hash = channelStateHash(CONTRACT, VAULT, stateWith(0));
const signature = signChannelState(hash, SECRET);
const tasks = [
  ...hashes,
  measure(
    'signature',
    rounds,
    () => signChannelState(hash, SECRET),
    () => signStateHash(hash, SECRET),
  ),
  measure(
    'whose signature it is',
    rounds,
    () => recoverChannelSigner(hash, signature),
    () => recoverStateSigner(hash, signature),
  ),
];
printResult({ tasks }, { name: 'state-keys', json, save, slots: 0 }, stateKeysLines({ tasks }));
