/** Each bound of a connection, on both sides of it, and what is said to whom. */

import assert from 'node:assert/strict';
import { RollupError } from '@quittance/protocol';
import { WIRE_LIMITS } from '../../../../packages/sdk/channels/wire/index.ts';
import { assertRejects } from '../../../support/assertions.ts';
import { createTestPeer } from '../../../support/channels/wires.ts';

const BROKEN = [{ code: 1008, reason: 'CHANNEL_PEER_WRONG' }];
const NOTICE = JSON.stringify({ method: 'told' });

/** An end that counts what it is told. */
function createCounter() {
  const heard = { count: 0 };
  const line = createTestPeer({ notices: { told: () => void heard.count++ } });
  const flood = (count: number): void => {
    for (let sent = 0; sent < count; sent += 1) line.peer.receive(NOTICE);
  };
  return { ...line, heard, flood };
}

describe('texts that come over a connection of parties', () => {
  it('may be 8,000 at once, and the next one ends it', async () => {
    const { peer, heard, flood, closed } = createCounter();
    flood(8_000);
    assert.deepEqual([heard.count, peer.isGone], [8_000, false]);
    flood(1);
    assert.deepEqual([heard.count, closed], [8_000, BROKEN]);
    assert.equal((await peer.gone).code, 'CHANNEL_PEER_WRONG');
    flood(10);
    assert.deepEqual([heard.count, closed.length], [8_000, 1]);
  });

  it('may be 2,000 a second behind them, and no more', async () => {
    const { clock, peer, heard, flood, closed } = createCounter();
    flood(8_000);
    for (let second = 1; second <= 3; second += 1) {
      await clock.advance(1_000);
      flood(2_000);
      assert.deepEqual([heard.count, peer.isGone], [8_000 + second * 2_000, false]);
    }
    flood(1);
    assert.deepEqual(closed, BROKEN);
  });

  it('are saved up to 8,000, however long it was silent, and by no clock that is set', async () => {
    const { clock, heard, flood, closed } = createCounter();
    flood(8_000);
    clock.jump(3_600_000);
    await clock.advance(3_600_000);
    flood(8_000);
    assert.deepEqual([heard.count, closed], [16_000, []]);
    clock.jump(3_600_000);
    flood(1);
    assert.deepEqual(closed, BROKEN);
  });

  it('have 1 MiB each at most', () => {
    const fill = (length: number): string => NOTICE.padEnd(length, ' ');
    const { peer, heard, closed } = createCounter();
    peer.receive(fill(1 << 20));
    assert.deepEqual([heard.count, closed], [1, []]);
    peer.receive(fill((1 << 20) + 1));
    assert.deepEqual([heard.count, closed], [1, BROKEN]);
  });

  for (const text of ['', 'null', '7', '"x"', '[]', '{', '{}', '{"id":"1"}', '{"id":1.5}', '{"method":7,"id":1}']) {
    it(`end it with ${text === '' ? 'nothing' : text}`, () => {
      const { peer, closed } = createTestPeer();
      peer.receive(text);
      assert.deepEqual(closed, BROKEN);
    });
  }

  it('end it with a notice that nobody knows, also one of the name of what every object has', () => {
    for (const method of ['unknown', 'constructor', '__proto__']) {
      const { receive, closed } = createTestPeer();
      receive({ method });
      assert.deepEqual(closed, BROKEN, method);
    }
  });

  it('that nobody asked for are heard by nobody', () => {
    const { peer, receive, sent } = createTestPeer();
    receive({ id: 7, result: 'x' });
    receive({ id: 8, error: {} });
    assert.deepEqual([peer.isGone, sent], [false, []]);
  });
});

describe('our requests over a connection of parties', () => {
  const ask = ({ peer }: ReturnType<typeof createTestPeer>, count: number) =>
    Array.from({ length: count }, () => {
      const answer = peer.request('ask', {});
      answer.catch(() => undefined);
      return answer;
    });

  it('are 64 that wait, and one more as soon as one is answered', async () => {
    const line = createTestPeer();
    const waiting = ask(line, 64);
    assert.equal(line.sent.length, 64);
    const { data } = await assertRejects(line.peer.request('ask', {}), 'CHANNEL_PEER_AWAY');
    assert.match(data.reason, /64 requests/);
    assert.deepEqual([line.sent.length, line.peer.isGone], [64, false]);
    line.receive({ id: line.sent[5]!.id, result: 'done' });
    assert.equal(await waiting[5], 'done');
    ask(line, 1);
    assert.equal(line.sent.length, 65);
    await assertRejects(line.peer.request('ask', {}), 'CHANNEL_PEER_AWAY');
  });

  it('wait 30 s for their answer, which is too late then, and make room for others', async () => {
    const line = createTestPeer();
    const { clock, receive, sent, peer } = line;
    const [late, timely] = ask(line, 64);
    let isOver = false;
    late!.catch(() => {
      isOver = true;
    });
    await clock.advance(29_999);
    assert.equal(isOver, false);
    receive({ id: sent[1]!.id, result: 'in time' });
    await clock.advance(1);
    assert.equal(await timely, 'in time');
    const { data } = await assertRejects(late!, 'TIMEOUT');
    assert.equal((data as { readonly method?: unknown }).method, 'ask');
    receive({ id: sent[0]!.id, result: 'too late' });
    assert.equal(peer.isGone, false);
    assert.equal(ask(line, 64).length, 64);
    assert.deepEqual([sent.length, clock.scheduled], [128, 64]);
  });

  it('end with the connection, and nothing waits for their time any more', async () => {
    const line = createTestPeer();
    const [first] = ask(line, 2);
    line.peer.ended();
    await assertRejects(first!, 'CHANNEL_PEER_AWAY');
    await assertRejects(line.peer.request('ask', {}), 'CHANNEL_PEER_AWAY');
    await line.clock.advance(0);
    assert.deepEqual([line.sent.length, line.clock.scheduled], [2, 0]);
  });

  it('are refused with a code that is known, and with none of the other side', async () => {
    const line = createTestPeer();
    const answers = ask(line, 3);
    const words = 'x'.repeat(2_000);
    for (const [place, code] of ['CHANNEL_CLOSED', 'NO_SUCH_CODE', 7].entries()) {
      line.receive({ id: line.sent[place]!.id, error: { message: words, data: { code } } });
    }
    const { message } = await assertRejects(answers[0]!, 'CHANNEL_CLOSED');
    assert.ok(message.length < 600, `${message.length}`);
    for (const place of [1, 2]) await assertRejects(answers[place]!, 'CHANNEL_CHANGE_REFUSED');
  });
});

describe('requests of the other party of a connection', () => {
  it('are 64 that wait for their answer; one more ends the connection', async () => {
    const waiting: PromiseWithResolvers<unknown>[] = [];
    const slow = (): Promise<unknown> => {
      const answer = Promise.withResolvers<unknown>();
      waiting.push(answer);
      return answer.promise;
    };
    const { receive, sent, closed, clock } = createTestPeer({ methods: { slow } });
    for (let id = 0; id < 64; id += 1) receive({ method: 'slow', id });
    waiting[3]!.resolve('done');
    waiting[4]!.reject(new RollupError('CHANNEL_CLOSED', 'closed', {} as never));
    await clock.advance(0);
    assert.deepEqual(
      sent.map(({ id, result, error }) => [id, result ?? error?.data?.code]),
      [
        [3, 'done'],
        [4, 'CHANNEL_CLOSED'],
      ],
    );
    receive({ method: 'slow', id: 64 });
    receive({ method: 'slow', id: 65 });
    assert.deepEqual([waiting.length, closed], [66, []]);
    receive({ method: 'slow', id: 66 });
    assert.deepEqual([waiting.length, closed], [66, BROKEN]);
    // What is answered now has nobody to hear it.
    waiting[0]!.resolve('late');
    await clock.advance(0);
    assert.equal(sent.length, 2);
  });

  it('for what there is not are answered so, also for the name of what every object has', () => {
    const { receive, sent, peer } = createTestPeer();
    for (const method of ['unknown', 'constructor', '__proto__', 'x'.repeat(500)]) receive({ method, id: 1 });
    assert.deepEqual(
      sent.map(({ error }) => error!.code),
      [-32_601, -32_601, -32_601, -32_601],
    );
    assert.ok(sent.at(-1)!.error!.message.length < 100);
    assert.equal(peer.isGone, false);
  });

  it('are told what is theirs, and nothing of our disk, our sequencer or our faults', async () => {
    const errors: readonly (readonly [error: Error, isTold: boolean])[] = [
      [new RollupError('CHANNEL_CLOSED', 'secret words', {} as never), true],
      [new RollupError('NOT_FOUND', 'secret words', {} as never), true],
      [new RollupError('DISK_FULL', 'secret words', { file: '/home/x' }), false],
      [new RollupError('RPC_UNREACHABLE', 'secret words', { url: 'http://10.0.0.1' }), false],
      [new TypeError('secret words'), false],
    ];
    for (const [error, isTold] of errors) {
      const { receive, sent, clock, peer } = createTestPeer({ methods: { fails: () => Promise.reject(error) } });
      receive({ method: 'fails', id: 1 });
      await clock.advance(0);
      assert.equal(sent[0]!.error!.message.includes('secret words'), isTold, String(error));
      assert.equal(peer.isGone, false);
    }
  });

  it('that break the rules are answered, and end the connection', async () => {
    const wrong = new RollupError('CHANNEL_PEER_WRONG', 'wrong', { reason: 'wrong' });
    const { receive, sent, clock, closed } = createTestPeer({ methods: { fails: () => Promise.reject(wrong) } });
    receive({ method: 'fails', id: 1 });
    await clock.advance(0);
    assert.deepEqual([sent[0]!.error!.data!.code, closed], ['CHANNEL_PEER_WRONG', BROKEN]);
  });
});

describe('bytes that wait for the other party of a connection', () => {
  it('are 8 MiB at most: with more it is let go, and nothing more is given to the socket', async () => {
    const { socket, sent, peer, closed } = createTestPeer();
    socket.waitingBytes = WIRE_LIMITS.waitingBytes;
    peer.notify('told', {});
    const asked = peer.request('ask', {});
    asked.catch(() => undefined);
    assert.deepEqual([sent.length, closed, WIRE_LIMITS.waitingBytes], [2, [], 8 << 20]);
    socket.waitingBytes += 1;
    peer.notify('told', {});
    assert.deepEqual([sent.length, closed], [2, BROKEN]);
    await assertRejects(asked, 'CHANNEL_PEER_WRONG');
    assert.match((await peer.gone).message, /too slowly/);
  });

  it('refuse a request, and an answer, as they do a notice', async () => {
    const { socket, sent, peer } = createTestPeer();
    socket.waitingBytes = WIRE_LIMITS.waitingBytes + 1;
    await assertRejects(peer.request('ask', {}), 'CHANNEL_PEER_WRONG');
    const answering = createTestPeer({ methods: { ask: async () => 1 } });
    answering.socket.waitingBytes = WIRE_LIMITS.waitingBytes + 1;
    answering.receive({ method: 'ask', id: 1 });
    await answering.clock.advance(0);
    assert.deepEqual([sent, answering.sent, answering.closed], [[], [], BROKEN]);
  });
});
