/** All channels of a party: one commit for what comes together, and nothing said before it is written down. */

import { strict as assert } from 'node:assert';
import { type ChannelChange, RollupError } from '@quittance/protocol';
import { decodeChannelMessage } from '../../../packages/sdk/channels/index.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { createParties } from '../../support/channels/exchanges.ts';
import { quickKeysOf, recordOf } from '../../support/channels/pair.ts';
import { secretOf } from '../../support/channels/secrets.ts';
import { until } from '../../support/until.ts';

const pay = (by: 'senior' | 'residual', id: number, amount: bigint): ChannelChange => ({
  ...{ type: 'pay', by, amount },
  id: `0x${id.toString(16).padStart(64, '0')}`,
});

describe('the channels of a party', function () {
  this.timeout(20_000);

  it('pay both ways, many at once, in few commits', async () => {
    const { members, vault, connect } = await createParties(10_000n);
    connect();
    const { a, b } = members;
    const versions = await Promise.all(
      Array.from({ length: 500 }, (_, id) => a.exchange.want(vault, pay('residual', id, 2n))),
    );
    assert.ok(Math.max(...versions) < 50, `${Math.max(...versions)} versions`);
    assert.ok(a.store.commits < 200, `${a.store.commits} commits`);
    await b.exchange.want(vault, pay('senior', 1_000, 1n));
    assert.equal(b.exchange.records.get(vault)!.newest.state.claim, 999n);
    assert.equal(a.applied.length, 501);
    assert.deepEqual(a.applied, b.applied);
  });

  it('make a change once, however often and whenever it is wanted', async () => {
    const { members, vault, connect } = await createParties(10_000n);
    const waiting = [1, 2, 3].map(() => members.a.exchange.want(vault, pay('residual', 7, 5n)));
    connect();
    assert.deepEqual(await Promise.all(waiting), [1, 1, 1]);
    assert.equal(await members.a.exchange.want(vault, pay('residual', 7, 5n)), 1);
    await until(() => members.b.exchange.records.get(vault)!.newest.state.claim === 5n, 'the payment at B');
  });

  it('go on after a cut, with nothing lost and nothing twice', async () => {
    const { members, vault, connect } = await createParties(10_000n);
    let cut = connect();
    const wishes = Array.from({ length: 60 }, (_, id) => members.a.exchange.want(vault, pay('residual', id, 1n)));
    for (let turn = 0; turn < 12; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      cut();
      cut = connect();
    }
    await Promise.all(wishes);
    await until(() => members.b.exchange.records.get(vault)!.newest.state.claim === 60n, 'the payments at B');
    assert.deepEqual(members.a.exchange.records.get(vault)!.asked, []);
  });

  it('say nothing more once a commit failed, and tell who waits', async () => {
    const { members, vault, connect, closed } = await createParties(10_000n);
    connect();
    await members.a.exchange.want(vault, pay('residual', 1, 1n));
    members.b.store.failure = new RollupError('DISK_FULL', 'the disk is full', { file: 'x' });
    const lost = members.a.exchange.want(vault, pay('residual', 2, 1n));
    await assertRejects(members.b.exchange.want(vault, pay('senior', 3, 1n)), 'DISK_FULL');
    assert.ok(closed.length > 0);
    await assertRejects(members.b.exchange.setClosing(vault), 'DISK_FULL');
    await members.a.exchange.stop();
    await assertRejects(lost, 'SHUTTING_DOWN');
    assert.equal(members.a.exchange.records.get(vault)!.newest.state.version, 1);
  });

  it('refuse what cannot be: unknown channels, the same one twice, too much money, a closing channel', async () => {
    const { members, vault, connect } = await createParties(100n);
    connect();
    const { exchange } = members.a;
    await assertRejects(exchange.want('0x00', pay('residual', 1, 1n)), 'NOT_FOUND');
    await assertRejects(exchange.add(recordOf('a', 1n, quickKeysOf)), 'CHANNEL_CHANGE_REFUSED');
    await assertRejects(exchange.want(vault, pay('residual', 1, 101n)), 'CHANNEL_FUNDS_SHORT');
    await exchange.setFunds(vault, { capacity: 50n, isMoving: false });
    await assertRejects(exchange.want(vault, pay('residual', 1, 51n)), 'CHANNEL_FUNDS_SHORT');
    await exchange.setClosing(vault);
    await assertRejects(exchange.want(vault, pay('residual', 1, 1n)), 'CHANNEL_CLOSED');
    assertCode(() => exchange.connect('0x00', { send() {}, close() {} }), 'NOT_FOUND');
  });

  it('sign what stands on money that the other party saw first, as soon as they see it', async () => {
    const { members, vault, connect, closed } = await createParties(100n);
    connect();
    const [a, b] = [members.a.exchange, members.b.exchange];
    await a.want(vault, { type: 'swap', by: 'residual', capacity: 100n });
    await a.want(vault, pay('senior', 1, 100n));
    await b.setFunds(vault, { capacity: 130n, isMoving: false });
    const paid = b.want(vault, pay('residual', 2, 120n));
    while (!a.isBehind(vault)) await new Promise((resolve) => setImmediate(resolve));
    await a.setFunds(vault, { capacity: 130n, isMoving: false });
    assert.equal(await paid, 3);
    assert.equal(a.isBehind(vault), false);
    assert.deepEqual(closed, []);
  });

  it('close the line of who breaks the rules, and keep the channel', async () => {
    const { members, vault, connect, closed } = await createParties(100n);
    connect();
    await members.a.exchange.want(vault, pay('residual', 1, 1n));
    const line = { send: () => undefined, close: (error: Error) => void closed.push(error) };
    const end = members.a.exchange.connect(vault, line);
    end.receive({ type: 'ask', changes: [] });
    assert.deepEqual(
      closed.map((error) => (error as RollupError).code),
      ['CHANNEL_PEER_WRONG'],
    );
    connect();
    assert.equal(await members.a.exchange.want(vault, pay('residual', 2, 1n)), 2);
  });

  it('read messages that are none of theirs as such', () => {
    const { hash } = secretOf('x');
    const signature = { v: 27, r: hash, s: hash };
    const state = { version: 1, claim: '1', residualIsB: true, htlcs: [] };
    const wrong: unknown[] = [
      null,
      [],
      'hello',
      { type: 'other' },
      { type: 'hello', newest: { state, signatures: [signature] } },
      { type: 'hello', newest: { state: { ...state, claim: 1 }, signatures: [signature, signature] } },
      { type: 'hello', newest: { state: { ...state, claim: '-1' }, signatures: [signature, signature] } },
      { type: 'hello', newest: { state: { ...state, claim: '01' }, signatures: [signature, signature] } },
      { type: 'hello', newest: { state: { ...state, claim: `${2n ** 128n}` }, signatures: [signature, signature] } },
      { type: 'hello', newest: { state: { ...state, version: 2 ** 48 }, signatures: [signature, signature] } },
      { type: 'hello', newest: { state: { ...state, version: 1.5 }, signatures: [signature, signature] } },
      { type: 'hello', newest: { state: { ...state, residualIsB: 1 }, signatures: [signature, signature] } },
      { type: 'ask', changes: {} },
      { type: 'ask', changes: Array.from({ length: 1_025 }, () => ({})) },
      { type: 'ask', changes: [{ type: 'pay', by: 'nobody' }] },
      { type: 'ask', changes: [{ type: 'pay', by: 'senior', id: '0x12', amount: '1' }] },
      { type: 'ask', changes: [{ type: 'swap', by: 'residual' }] },
      { type: 'ask', changes: [{ type: 'swap', by: 'residual', capacity: '-1' }] },
      { type: 'ask', changes: [{ type: 'steal', by: 'senior' }] },
      { type: 'sign', version: 1, signature: { ...signature, r: '0xZZ' } },
      { type: 'refuse', key: '', code: 'x', message: 'y' },
    ];
    for (const message of wrong)
      assertCode(() => decodeChannelMessage(message), 'CHANNEL_PEER_WRONG', JSON.stringify(message));
  });
});
