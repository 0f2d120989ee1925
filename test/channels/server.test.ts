/** The port at which strangers connect: nothing that they send ends the process, and each connection is bounded. */

import assert from 'node:assert/strict';
import { startChannelServer } from '../../channels/index.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { createLedger } from '../support/channels/ledger.ts';
import { createTestParty } from '../support/channels/parties.ts';

/** A connection that has been greeted. @returns how it ends. */
function connect(url: string) {
  const socket = new WebSocket(url);
  const texts: string[] = [];
  const greeted = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<{ readonly code: number; readonly reason: string }>();
  socket.addEventListener('message', ({ data }) => {
    texts.push(String(data));
    greeted.resolve();
  });
  socket.addEventListener('close', ({ code, reason }) => closed.resolve({ code, reason }));
  return { socket, texts, greeted: greeted.promise, closed: closed.promise };
}

async function openDoor(limits: Parameters<typeof startChannelServer>[0]['limits'] = {}) {
  const hub = await createTestParty(createLedger(), 0xb2);
  const server = await startChannelServer({
    ...{ party: hub.party, host: '127.0.0.1', port: 0, clock: systemClock, logger: silentLogger, limits },
  });
  return { hub, server };
}

describe('the port of a party of channels', () => {
  for (const [what, frame] of [
    ['a notice with a name that is no ASCII', { method: '€'.repeat(64) }],
    ['a method with such a name', { method: '€'.repeat(64), id: 1 }],
    ['a login that is no ASCII', { method: 'channel_login', id: 1, params: { address: '€'.repeat(80) } }],
    ['a name of every object', { method: 'constructor', id: 1, params: {} }],
    ['what is no JSON-RPC', ['€€€']],
    ['a method before its login', { method: 'channel_open', id: 1, params: {} }],
    ['messages before its login', { method: 'channel_messages', params: { vault: '€' } }],
  ] as const) {
    it(`outlives ${what}`, async () => {
      const { server } = await openDoor();
      const stranger = connect(server.url);
      await stranger.greeted;
      stranger.socket.send(JSON.stringify(frame));
      const other = connect(server.url);
      await other.greeted;
      stranger.socket.close();
      other.socket.close();
      await server.stop();
    });
  }

  it('closes with the code of the error, and none of its words', async () => {
    const { server } = await openDoor();
    const stranger = connect(server.url);
    await stranger.greeted;
    stranger.socket.send(JSON.stringify({ method: '€'.repeat(64) }));
    assert.deepEqual(await stranger.closed, { code: 1008, reason: 'CHANNEL_PEER_WRONG' });
    await server.stop();
  });

  it('has so many connections of an address, and again as many once they are gone', async () => {
    const { server } = await openDoor({ connectionsPerAddress: 2 });
    const two = [connect(server.url), connect(server.url)];
    await Promise.all(two.map(({ greeted }) => greeted));
    assert.deepEqual(await connect(server.url).closed, { code: 1013, reason: 'too many connections' });
    assert.equal(server.connectionCount, 2);
    two[0]!.socket.close();
    while (server.connectionCount === 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const third = connect(server.url);
    await third.greeted;
    await server.stop();
  });

  it('lets go who sends bytes, or more than a text may have', async () => {
    const { server } = await openDoor();
    for (const [data, code] of [
      [Uint8Array.of(1, 2, 3), 1008],
      ['x'.repeat((1 << 20) + 1), 1009],
    ] as const) {
      const stranger = connect(server.url);
      await stranger.greeted;
      stranger.socket.send(data);
      assert.equal((await stranger.closed).code, code);
    }
    await server.stop();
  });
});
