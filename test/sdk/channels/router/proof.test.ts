/** Which failures of a payment in a channel prove that no money left: each code, with and without something on its way. */

import assert from 'node:assert/strict';
import { type ErrorCode, RollupError } from '@quittance/protocol';
import type { RouterChannels } from '../../../../packages/sdk/channels/index.ts';
import { type ChannelOutcome, payInChannel } from '../../../../packages/sdk/channels/router/channel-way.ts';

const HASH = `0x${'11'.repeat(32)}`;
const VAULT = `0x${'22'.repeat(20)}`;
const LOCK = { type: 'lock', by: 'senior', htlc: { hash: HASH, amount: 1n, expiry: 9 } } as const;

/** What may be known of the payment besides the failure. */
const TRACES = {
  nothing: {},
  'a lock that was asked for': { asked: [LOCK] },
  'an open HTLC': { htlcs: [{ ...LOCK.htlc, toSenior: false }] },
  'a forwarder that follows it': { isBegun: true },
  'a receipt': { kept: { receipt: {} } },
  'an old copy': { kept: { isUncertain: true } },
} as const;
type Trace = {
  readonly asked?: readonly unknown[];
  readonly htlcs?: readonly unknown[];
  readonly isBegun?: boolean;
  readonly kept?: object;
};

function channelsOf({ asked = [], htlcs = [], isBegun = false, kept }: Trace, error: Error): RouterChannels {
  const record = { vault: VAULT, party: 'a', asked, newest: { state: { htlcs } } };
  return {
    exchange: { records: new Map([[VAULT, record]]) },
    forwarder: { pay: () => Promise.reject(error), isBegun: async () => isBegun },
    store: { payment: async () => kept },
  } as unknown as RouterChannels;
}

async function outcomeOf(trace: Trace, error: Error): Promise<ChannelOutcome['type'] | 'thrown'> {
  const payment = { hash: HASH, vault: VAULT, amount: 1n, expiry: 9, onward: [], invoice: 'x' };
  try {
    return (await payInChannel(channelsOf(trace, error), payment)).type;
  } catch (thrown) {
    assert.equal(thrown, error);
    return 'thrown';
  }
}

const errorOf = (code: ErrorCode, reason: string) => new RollupError(code, code, { hash: HASH, reason } as never);

/** @returns what each failure comes to where nothing is on its way, and where something is. */
const ROWS: readonly (readonly [code: ErrorCode, reason: string, alone: string, underWay: string])[] = [
  ['CHANNEL_PAYMENT_FAILED', 'NO_CHANNEL', 'dead', 'dead'],
  ['CHANNEL_PAYMENT_FAILED', 'EXPIRED', 'dead', 'dead'],
  ['CHANNEL_PAYMENT_FAILED', 'UNCERTAIN', 'doubtful', 'doubtful'],
  ['CHANNEL_PAYMENT_FAILED', 'ALREADY_PAID', 'doubtful', 'doubtful'],
  ['CHANNEL_PAYMENT_FAILED', 'HASH_IN_USE', 'doubtful', 'doubtful'],
  ['CHANNEL_CHANGE_REFUSED', 'forgotten', 'doubtful', 'doubtful'],
  ['CHANNEL_CHANGE_REFUSED', 'too many HTLCs', 'dead', 'thrown'],
  ['CHANNEL_PEER_AWAY', 'no line', 'dead', 'thrown'],
  ['CHANNEL_FUNDS_SHORT', '', 'dead', 'thrown'],
  ['CHANNEL_CLOSED', '', 'dead', 'thrown'],
  ['NOT_FOUND', '', 'dead', 'thrown'],
  ['SHUTTING_DOWN', '', 'thrown', 'thrown'],
  ['TIMEOUT', '', 'thrown', 'thrown'],
  ['RPC_UNREACHABLE', '', 'thrown', 'thrown'],
  ['CHANNEL_PEER_WRONG', '', 'thrown', 'thrown'],
  ['DISK_FULL', '', 'thrown', 'thrown'],
  ['INVARIANT_BROKEN', '', 'thrown', 'thrown'],
];

describe('a failure of a payment in a channel', () => {
  for (const [code, reason, alone, underWay] of ROWS) {
    for (const [what, trace] of Object.entries(TRACES)) {
      const expected = what === 'nothing' ? alone : underWay;
      it(`with ${code} ${reason} and ${what} is ${expected}`, async () => {
        assert.equal(await outcomeOf(trace, errorOf(code, reason)), expected);
      });
    }
  }

  it('that is none of ours is thrown', async () => {
    assert.equal(await outcomeOf({}, new Error('x')), 'thrown');
  });
});
