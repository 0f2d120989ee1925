/** A failure at each write, send and receipt, by 200 seeds: both sides end with what the rules say. */

import { strict as assert } from 'node:assert';
import { type ChannelChange, channelShares, isRollupError, nextState } from '@quittance/protocol';
import { changeKey, roleOf } from '../../../../packages/sdk/channels/index.ts';
import { createPair, quickKeysOf } from '../../../support/channels/pair.ts';
import { secretOf } from '../../../support/channels/secrets.ts';
import { createRandom, type Random } from '../../../support/property/random.ts';

const CAPACITY = 1_000n;

/** Something that a party may want; it may be refused. */
function wish(
  random: Random,
  party: 'a' | 'b',
  role: 'senior' | 'residual',
  { place, capacity }: { readonly place: number; readonly capacity: bigint },
): ChannelChange {
  const amount = BigInt(1 + random.below(120));
  const one = random.below(6);
  const { secret, hash } = secretOf(`${random.below(Math.max(1, place))}`);
  if (one === 0) return { type: 'lock', by: role, htlc: { hash: secretOf(`${place}`).hash, amount, expiry: 900 } };
  if (one === 1) return { type: 'fulfill', by: role, secret };
  if (one === 2) return { type: 'release', by: role, hash };
  if (one === 3 && random.below(3) === 0)
    return { type: 'swap', by: role, capacity: capacity - BigInt(random.below(3)) };
  return { type: 'pay', by: role, id: secretOf(`${party}${place}`).hash, amount };
}

function run(seed: number): void {
  const random = createRandom(`channel failures ${seed}`);
  const pair = createPair(CAPACITY, quickKeysOf);
  pair.connect();
  let given = CAPACITY;
  /** One side sees what anybody paid into the account; perhaps before the other. */
  const look = (party: 'a' | 'b'): void => {
    pair.take(party, pair.ends[party].side.setFunds({ capacity: given, isMoving: false }));
    if (pair.ends[party].side.isBehind) pair.take(party, pair.ends[party].side.reconsider());
  };
  for (let step = 0; step < 150; step += 1) {
    const party = random.below(2) === 0 ? 'a' : 'b';
    const { side } = pair.ends[party];
    const what = random.below(12);
    if (random.below(20) === 0) {
      given += BigInt(random.below(4));
      look(party);
    } else if (what < 4) {
      const { capacity, newest } = side.record;
      try {
        pair.take(party, side.want(wish(random, party, roleOf(newest.state, party), { place: step, capacity })));
      } catch (error) {
        assert.ok(
          isRollupError(error, 'CHANNEL_FUNDS_SHORT') || isRollupError(error, 'CHANNEL_CHANGE_REFUSED'),
          `${error}`,
        );
      }
    } else if (what < 8) pair.deliver(party);
    else if (what < 10) pair.propose();
    else {
      const [message] = pair.ends[party].inbox;
      // In the middle of a receipt: what it came to is in memory and not on disk. Or between write and send.
      if (what === 10 && message !== undefined) side.receive(message);
      else if (what === 10) side.propose();
      else pair.deliver(party);
      pair.crash(party);
      pair.connect();
    }
  }
  for (const party of ['a', 'b'] as const) look(party);
  pair.connect();
  pair.settle();
  const { a, b } = pair.ends;
  assert.deepEqual(a.disk.newest, b.disk.newest);
  assert.deepEqual(a.applied, b.applied);
  assert.deepEqual([a.disk.asked, b.disk.proposal], [[], undefined]);
  const keys = a.applied.filter(({ type }) => type === 'pay').map(changeKey);
  assert.equal(new Set(keys).size, keys.length);
  const start = { version: 0, claim: 0n, residualIsB: false, htlcs: [] };
  const { version: _, ...replayed } = nextState(start, a.applied, { capacity: given, isMoving: false }, undefined);
  const { version, ...newest } = a.disk.newest.state;
  assert.deepEqual(newest, replayed);
  assert.ok(version > 0);
  const shares = channelShares(a.disk.newest.state, given, () => false);
  assert.equal(shares.a + shares.b, given);
}

describe('a channel whose sides fail', () => {
  it('ends with what both agreed on, each change once, for 200 seeds', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      try {
        run(seed);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
});
