import { strict as assert } from 'node:assert';
import { PassThrough } from 'node:stream';
import { RollupError } from '@quittance/protocol';
import { createAllowance } from '../../sequencer/api/allowance.ts';
import { type Bodies, createBodies } from '../../sequencer/api/bodies.ts';
import { createGate } from '../../sequencer/api/gate.ts';
import { createInOrder } from '../../sequencer/api/in-order.ts';
import { readBody } from '../../sequencer/api/reading.ts';
import { countedAddress, createSources } from '../../sequencer/api/source.ts';
import {
  LISTED_PER_UNIT,
  METHOD_UNITS,
  NOTIFICATIONS_PER_UNIT,
  pastOfAccountsUnits,
  pastOfBatchesUnits,
  REFERENCE_UNITS,
  REQUEST_UNITS,
  unitsOf,
  WASTED_UNITS,
} from '../../sequencer/api/weights.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

const LIMITED = { code: 'RATE_LIMITED' };

describe('Sequencer: the allowance of an address', () => {
  it('refills evenly and never above what it may be', async () => {
    const clock = createManualClock(0);
    const allowance = createAllowance({ max: 100, windowMs: 10_000 }, clock);
    allowance.spend('a', 100);
    assert.throws(() => allowance.spend('a', 1), {
      ...LIMITED,
      data: { retryAfterSeconds: 1, expected: 'at most 100 units in 10 s', actual: 1 },
    });
    allowance.spend('b', 100);
    await clock.advance(5_000);
    assert.throws(() => allowance.spend('a', 51), LIMITED);
    allowance.spend('a', 50);
    await clock.advance(60_000);
    allowance.spend('a', 100);
    assert.throws(() => allowance.spend('a', 1), LIMITED);
  });

  it('takes all for what costs more than all, and waits until that is paid', async () => {
    const clock = createManualClock(0);
    const allowance = createAllowance({ max: 100, windowMs: 10_000 }, clock);
    allowance.spend('a', 250);
    await clock.advance(15_000);
    assert.throws(() => allowance.spend('a', 1), LIMITED);
    await clock.advance(1_000);
    allowance.spend('a', 1);
  });

  it('lets an address owe what was found out too late', async () => {
    const clock = createManualClock(0);
    const allowance = createAllowance({ max: 100, windowMs: 10_000 }, clock);
    allowance.charge('a', 150);
    assert.throws(() => allowance.spend('a', 1), {
      ...LIMITED,
      data: { retryAfterSeconds: 6, expected: 'at most 100 units in 10 s', actual: 1 },
    });
    await clock.advance(6_000);
    allowance.spend('a', 1);
  });

  it('lets nobody owe more than a full budget, and forgives nothing of what was spent', async () => {
    const clock = createManualClock(0);
    const allowance = createAllowance({ max: 100, windowMs: 10_000 }, clock);
    assert.equal(allowance.charge('a', 200), true);
    assert.equal(allowance.charge('a', 1), false);
    for (let i = 0; i < 10; i++) allowance.charge('a', 150);
    await clock.advance(10_000);
    assert.throws(() => allowance.spend('a', 1), LIMITED);
    await clock.advance(100);
    allowance.spend('a', 1);
    allowance.spend('b', 400);
    allowance.charge('b', 1);
    await clock.advance(30_000);
    assert.throws(() => allowance.spend('b', 1), LIMITED);
    await clock.advance(100);
    allowance.spend('b', 1);
  });

  it('forgets full budgets first, of ten thousand, and then those that are full soonest', async () => {
    const clock = createManualClock(0);
    const allowance = createAllowance({ max: 100, windowMs: 10_000 }, clock);
    allowance.charge('debtor', 200);
    for (let i = 0; i < 9_999; i++) allowance.spend(`address ${i}`, i === 7 ? 10 : 20);
    const touch = (name: string) => {
      for (let i = 0; i < 9_999; i++) allowance.spend(`${name} ${i}`, 20);
      assert.throws(() => allowance.spend('debtor', 1), LIMITED);
    };
    allowance.spend('one more', 20);
    // The seventh was forgotten, all others not.
    allowance.spend('address 8', 80);
    allowance.spend('address 7', 100);
    assert.throws(() => allowance.spend('address 8', 1), LIMITED);
    touch('at once');
    await clock.advance(5_000);
    touch('later');
    await clock.advance(5_100);
    allowance.spend('debtor', 1);
  });
});

describe('Sequencer: what calls weigh', () => {
  it('is what docs/rpc.md says', () => {
    const [rows] = tablesOf(sectionOf(readDocument('docs/rpc.md'), 'What requests weigh')) as [string[][]];
    const said = new Map<string, number>();
    for (const [what, units] of rows) {
      for (const [name] of what!.matchAll(/\w+[_.]\w+/g)) if (!name.endsWith('.json')) said.set(name, Number(units));
    }
    const other = Number(rows.find(([what]) => what === 'any other call')![1]);
    for (const method of Object.keys(METHOD_UNITS)) {
      if (method === 'rollup_sendTransfers') continue;
      assert.equal(unitsOf(method, { limit: 1 }), said.get(method) ?? other, method);
    }
    const unitsFor = (what: RegExp) => Number(rows.find(([text]) => what.test(text!))![1]);
    assert.deepEqual([unitsFor(/^a request/), unitsFor(/refused after its signature/)], [REQUEST_UNITS, WASTED_UNITS]);
    const ofAccounts = [unitsFor(/of the past: each 32 entries/), unitsFor(/of the past: each 5 of its accounts/)];
    assert.deepEqual([pastOfAccountsUnits(32, 0), pastOfAccountsUnits(32, 5) - pastOfAccountsUnits(32, 0)], ofAccounts);
    assert.equal(pastOfBatchesUnits(32), unitsFor(/of the past: each 32 batches/));
    assert.equal(unitsFor(/^the payment reference/), REFERENCE_UNITS);
    for (const each of [`each ${LISTED_PER_UNIT} transfers`, `each ${NOTIFICATIONS_PER_UNIT} notifications`]) {
      assert.deepEqual(
        rows.filter(([what]) => what!.startsWith(each)).map(([, units]) => units),
        ['1'],
        each,
      );
    }
  });

  it('grows with their lists', () => {
    assert.equal(unitsOf('rollup_sendTransfers', { transfers: Array(1_000).fill(0) }), 1_000);
    const [plain, referenced] = [{ from: 1 }, { from: 1, reference: {} }];
    const list = [plain, referenced, plain, null, referenced];
    assert.equal(unitsOf('rollup_sendTransfers', { transfers: list }), list.length + 2 * REFERENCE_UNITS);
    assert.equal(unitsOf('rollup_sendTransfer', { transfer: plain }), 1);
    assert.equal(unitsOf('rollup_sendTransfer', { transfer: referenced }), 1 + REFERENCE_UNITS);
    for (const params of [null, [], { transfer: null }, {}]) assert.equal(unitsOf('rollup_sendTransfer', params), 1);
    assert.equal(unitsOf('rollup_subscribe', { topic: 'transfers', ids: Array(995).fill('1') }), 101);
    assert.equal(unitsOf('rollup_subscribe', { topic: 'batches' }), 1);
    for (const params of [null, [], { transfers: 'no' }, {}]) assert.equal(unitsOf('rollup_sendTransfers', params), 0);
    assert.equal(unitsOf('toString', {}), 1);
  });

  it('grows with the page that is asked for, whatever may stand for its limit', () => {
    assert.equal(unitsOf('rollup_getHistory', { account: 1, limit: 100 }), 100);
    assert.equal(unitsOf('rollup_findTransactions', { limit: 3 }), 3);
    assert.equal(unitsOf('rollup_getBatches', { limit: 100 }), 200);
    assert.deepEqual([unitsOf('rollup_getHistory', {}), unitsOf('rollup_getBatches', {})], [50, 50]);
    const strange = [-5, 0, 1.5, '7', null, 1e300].map((limit) => unitsOf('rollup_getHistory', { limit }));
    assert.deepEqual(strange, [1, 1, 50, 50, 50, 100]);
    for (const params of [null, []]) assert.equal(unitsOf('rollup_getHistory', params), 50);
    assert.deepEqual([pastOfAccountsUnits(32, 1), pastOfAccountsUnits(32, 100)], [33, 52]);
    assert.equal(unitsOf('toString', { limit: 100 }), 1);
  });
});

describe('Sequencer: the gate for long reads', () => {
  const source = (address: string) => ({ address, connection: 1 });

  it('lets a little pass in each turn of the event loop, senders in turns', async () => {
    const gate = createGate();
    const passed: string[] = [];
    const flood = Array.from({ length: 5 }, (_, i) => gate.pass(source('flood'), 10, () => passed.push(`f${i}`)));
    const honest = gate.pass(source('honest'), 10, () => passed.push('h'));
    const turns: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      turns.push(passed.length);
    }
    await Promise.all([...flood, honest]);
    assert.deepEqual(passed, ['f0', 'h', 'f1', 'f2', 'f3', 'f4']);
    assert.deepEqual(turns, [2, 4, 6, 6]);
  });

  it('gives back what the work gives, or throws', async () => {
    const gate = createGate();
    assert.equal(await gate.pass(source('a'), 50, () => 7), 7);
    const failing = () => {
      throw new Error('no');
    };
    await assert.rejects(gate.pass(source('a'), 50, failing), /^Error: no$/);
  });

  it('refuses the newest of whoever has the most when a thousand wait', async () => {
    const gate = createGate();
    const work = Array.from({ length: 1_000 }, () => gate.pass(source('flood'), 1, () => 'done'));
    const refused = assert.rejects(
      gate.pass(source('flood'), 1, () => 'done'),
      LIMITED,
    );
    const displaced = assert.rejects(work.pop()!, LIMITED);
    assert.equal(await gate.pass(source('honest'), 1, () => 'done'), 'done');
    await Promise.all([refused, displaced, ...work]);
  });
});

describe('Sequencer: large bodies on their way', () => {
  const grown = (bodies: Bodies, address: string, bytes: number) => {
    const room = bodies.open(address);
    room.grow(bytes);
    return room;
  };

  it('have room for each address, and for all', () => {
    const bodies = createBodies({ totalBytes: 100_000, addressBytes: 40_000 });
    const room = grown(bodies, 'a', 40_000);
    assert.throws(() => grown(bodies, 'a', 20_000), LIMITED);
    grown(bodies, 'b', 24_000);
    assert.throws(() => grown(bodies, 'c', 20_000), LIMITED);
    for (const address of ['a', 'c']) grown(bodies, address, 16_384);
    room.release();
    room.release();
    room.grow(40_000);
    grown(bodies, 'c', 30_000);
    assert.throws(() => grown(bodies, 'd', 20_000), LIMITED);
  });

  it('take room as they grow, and keep what they had when there is no more', () => {
    const bodies = createBodies({ totalBytes: 1_000_000, addressBytes: 50_000 });
    const room = grown(bodies, 'a', 20_000);
    room.grow(30_000);
    assert.throws(() => grown(bodies, 'a', 20_001), LIMITED);
    assert.throws(() => room.grow(50_001), LIMITED);
    assert.throws(() => bodies.open('a').require(20_001), LIMITED);
    bodies.open('a').require(20_000);
    grown(bodies, 'a', 20_000);
  });

  it('leave room for one address more when twenty have as much as they get', () => {
    const bodies = createBodies({ totalBytes: 100_000_000, addressBytes: 12_500_000 });
    const most = (address: string) => {
      const room = bodies.open(address);
      let bytes = 0;
      for (const step of [1e6, 1e5, 1e4]) {
        try {
          for (;;) {
            room.grow(bytes + step);
            bytes += step;
          }
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'RATE_LIMITED');
        }
      }
      return bytes;
    };
    for (let i = 1; i <= 20; i++) assert.ok(most(`address ${i}`) >= 900_000, String(i));
  });
});

describe('Sequencer: reading a body', () => {
  const read = (pieces: readonly Uint8Array[], announced: number | undefined, end = true) => {
    const stream = new PassThrough();
    const told = { arrived: 0, room: 0 };
    const body = readBody(stream, {
      limit: 100_000,
      announced,
      arrive: (bytes) => (told.arrived += bytes),
      grow: (bytes) => {
        if (bytes > 80_000)
          throw new RollupError('RATE_LIMITED', 'full', { retryAfterSeconds: 1, expected: 80_000, actual: bytes });
        told.room = bytes;
      },
    });
    for (const piece of pieces) stream.write(piece);
    if (end) stream.end();
    return { body, told, stream };
  };
  const piece = (length: number) => new Uint8Array(length).fill(7);

  it('takes memory for what arrives, whatever is announced', async () => {
    const { body, told, stream } = read([piece(1)], 90_000, false);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told, { arrived: 1, room: 16_384 });
    stream.destroy();
    await assert.rejects(body, { statusCode: 400 });
  });

  it('gives what was sent, in however many pieces', async () => {
    const { body, told } = read(Array(300).fill(piece(150)), undefined);
    assert.deepEqual([...(await body)], Array(45_000).fill(7));
    assert.deepEqual(told, { arrived: 45_000, room: 65_536 });
    assert.equal((await read([piece(20_000)], 20_000).body).length, 20_000);
    assert.equal((await read([], 0).body).length, 0);
  });

  it('ends where there is no room, or more than may be', async () => {
    await assert.rejects(read([piece(81_000)], undefined).body, LIMITED);
    await assert.rejects(read([piece(10)], 100_001).body, { code: 'BODY_TOO_LARGE' });
    await assert.rejects(read([piece(70_000), piece(30_001)], undefined).body, { code: 'BODY_TOO_LARGE' });
  });
});

describe('Sequencer: tasks of one owner', () => {
  it('begin in the order in which they came, whatever earlier ones wait for, and after one that fails', async () => {
    const inOrder = createInOrder<object>();
    const [one, other] = [{}, {}];
    const begun: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = inOrder.run(one, async () => {
      begun.push('first');
      await gate.promise;
      throw new Error('no');
    });
    const second = inOrder.run(one, () => begun.push('second'));
    await inOrder.run(other, () => begun.push('other'));
    assert.deepEqual(begun, ['first', 'other']);
    gate.resolve();
    await assert.rejects(first, /no/);
    await second;
    assert.deepEqual(begun, ['first', 'other', 'second']);
  });
});

describe('Sequencer: the address that counts', () => {
  for (const [address, counted] of [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::FFFF:10.1.2.3', '10.1.2.3'],
    ['::ffff:102:304', '1.2.3.4'],
    ['0:0:0:0:0:ffff:c000:201', '192.0.2.1'],
    ['64:ff9b::10.1.2.3', '10.1.2.3'],
    ['64:FF9B::c000:201', '192.0.2.1'],
    ['64:ff9b:1::c000:201', '64:ff9b:1:0::/64'],
    ['2001:db8:1:2::10.1.2.3', '2001:db8:1:2::/64'],
    ['::ffff:0:10.1.2.3', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:0DB8::ffff', '2001:db8:0:0::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unix socket', 'unix socket'],
    ['x'.repeat(100), 'x'.repeat(64)],
  ] as const) {
    it(`of ${address.slice(0, 30)} is ${counted.slice(0, 30)}`, () => assert.equal(countedAddress(address), counted));
  }

  it('belongs to a connection, whose requests are one source for each address behind it', () => {
    const sourceOf = createSources();
    const [one, other] = [{}, {}] as [never, never];
    const first = sourceOf('10.0.0.1', one);
    assert.equal(sourceOf('10.0.0.1', one), first);
    assert.equal(sourceOf('10.0.0.2', one).connection, first.connection);
    assert.notEqual(sourceOf('10.0.0.1', other).connection, first.connection);
  });
});
