/** The connection that subscriptions of a wallet go over. */

import { strict as assert } from 'node:assert';
import { openSocket } from '../../../packages/sdk/wallet/socket.ts';
import { machineClock } from '../../../packages/sdk/wallet/time.ts';
import { assertRejects } from '../../support/assertions.ts';
import { createTellingServer } from '../../support/sdk/telling-server.ts';

describe('the connection of a wallet', () => {
  const { WebSocket } = globalThis;
  let server: ReturnType<typeof createTellingServer>;
  const open = () => openSocket('http://sequencer.example', machineClock, new AbortController().signal);
  const event = (place: number) => ({ method: 'rollup_subscription', params: { subscription: 'it', result: place } });

  beforeEach(() => {
    server = createTellingServer([]);
    globalThis.WebSocket = server.WebSocket;
  });
  afterEach(() => {
    globalThis.WebSocket = WebSocket;
  });

  it('tells in order what came before the answer that names its subscription, and what came after', async () => {
    const socket = await open();
    const heard: unknown[] = [];
    const subscribed = socket.subscribe({}, (place) => heard.push(place));
    for (const place of [1, 2]) server.sockets[0]!.hear(event(place));
    await subscribed;
    server.sockets[0]!.hear(event(3));
    assert.deepEqual(heard, [1, 2, 3]);
    socket.close();
  });

  it('keeps 10,000 events of no known subscription, and ends with one more', async () => {
    server.speech = 'never answers';
    const socket = await open();
    const subscribed = socket.subscribe({}, () => undefined);
    let hasEnded = false;
    const ended = socket.ended.then(() => {
      hasEnded = true;
    });
    for (let place = 0; place < 10_000; place += 1) server.sockets[0]!.hear(event(place));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(hasEnded, false);
    server.sockets[0]!.hear(event(10_000));
    await ended;
    await assertRejects(subscribed, 'RPC_UNREACHABLE');
  });
});
