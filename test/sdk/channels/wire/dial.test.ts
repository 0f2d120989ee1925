/** A connection that is made again whenever it ends: with which pauses, and what those hear that wait for it. */

import assert from 'node:assert/strict';
import type { RollupError } from '@quittance/protocol';
import type { PartyConnection, WireEnd, WireSocket } from '../../../../packages/sdk/channels/index.ts';
import { type DialOptions, dialParty, disconnected } from '../../../../packages/sdk/channels/wire/index.ts';
import { assertCode, assertRejects } from '../../../support/assertions.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const URL_OF_HUB = 'ws://hub:1/channels/v1';
const HUB = `0x${'0b'.repeat(20)}`;

/** A socket whose network is the test. */
class TestSocket extends EventTarget {
  static readonly made: TestSocket[] = [];
  readonly url: string;
  readonly sent: string[] = [];
  bufferedAmount = 0;
  isClosed = false;

  constructor(url: string) {
    super();
    this.url = url;
    TestSocket.made.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.dispatchEvent(new Event('close'));
  }
}

/** A party that is called over each socket that opens. */
function createCalledParty() {
  const calls: { socket: WireSocket; expected: string | undefined; texts: string[]; know(): void; isOver: boolean }[] =
    [];
  const call = (socket: WireSocket, expected?: string): WireEnd => {
    const known = Promise.withResolvers<PartyConnection>();
    const gone = Promise.withResolvers<RollupError>();
    known.promise.catch(() => undefined);
    const made = { socket, expected, texts: [] as string[], isOver: false, know: () => known.resolve(connection) };
    const connection = { address: HUB } as PartyConnection;
    const end = (error: RollupError): void => {
      made.isOver = true;
      known.reject(error);
      gone.resolve(error);
    };
    calls.push(made);
    return {
      ...{ known: known.promise, gone: gone.promise },
      receive: (text) => void made.texts.push(text),
      ended: () => end(disconnected('the carrier is gone')),
      close: end,
    };
  };
  return { calls, call };
}

describe('a party that is dialled', () => {
  const { WebSocket } = globalThis;
  const { made } = TestSocket;
  before(() => {
    globalThis.WebSocket = TestSocket as never;
  });
  after(() => {
    globalThis.WebSocket = WebSocket;
  });
  beforeEach(() => void made.splice(0));

  const dial = (some: Partial<DialOptions> = {}) => {
    const clock = createManualClock();
    const party = createCalledParty();
    const troubles: RollupError[] = [];
    const onTrouble = (error: RollupError) => void troubles.push(error);
    const dialing = dialParty({ url: URL_OF_HUB, expected: HUB, party, clock, onTrouble, ...some });
    return { clock, calls: party.calls, troubles, dialing };
  };
  const newest = (): TestSocket => made.at(-1)!;
  /** The newest socket opens, and its other end shows who it is. */
  const connect = async ({ clock, calls }: ReturnType<typeof dial>): Promise<void> => {
    newest().dispatchEvent(new Event('open'));
    calls.at(-1)!.know();
    await clock.advance(0);
  };

  it('has a URL of a WebSocket', () => {
    for (const url of ['http://hub:1', 'hub:1', '', 'ws://', 'ws://hub:99999', ' ws://hub']) {
      assertCode(() => dial({ url }), 'CONFIG_INVALID', url);
    }
    assert.equal(made.length, 0);
  });

  it('is called over the socket, and told what comes', async () => {
    const scene = dial();
    newest().dispatchEvent(new Event('open'));
    const [called] = scene.calls;
    assert.deepEqual([newest().url, called!.expected], [URL_OF_HUB, HUB]);
    newest().dispatchEvent(new MessageEvent('message', { data: 'hello' }));
    called!.socket.send('you too');
    newest().bufferedAmount = 7;
    assert.deepEqual([called!.texts, newest().sent, called!.socket.waitingBytes], [['hello'], ['you too'], 7]);
    scene.dialing.stop();
  });

  it('is called again after 250 ms, then half as long again each time', async () => {
    const scene = dial();
    await scene.clock.advance(0);
    newest().close();
    const pauses = [250, 375, 562.5, 843.75];
    for (const [place, pause] of pauses.entries()) {
      assert.equal(made.length, place + 1);
      await scene.clock.advance(pause - 0.25);
      assert.equal(made.length, place + 1, `after less than ${pause} ms`);
      await scene.clock.advance(0.25);
      assert.equal(made.length, place + 2, `after ${pause} ms`);
      newest().close();
      await scene.clock.advance(0);
    }
    assert.deepEqual(
      scene.troubles.map(({ code }) => code),
      pauses.concat(0).map(() => 'CHANNEL_PEER_AWAY'),
    );
    scene.dialing.stop();
  });

  it('is called after 15 s at most, and after 250 ms again once it was there', async () => {
    const scene = dial();
    for (let attempts = 0; attempts < 20; attempts += 1) {
      await scene.clock.advance(15_000);
      newest().close();
      await scene.clock.advance(0);
    }
    // By now each pause is the longest: no attempt was left out.
    const before = made.length;
    await scene.clock.advance(14_999);
    assert.equal(made.length, before);
    await scene.clock.advance(1);
    assert.equal(made.length, before + 1);
    await connect(scene);
    newest().close();
    await scene.clock.advance(250);
    assert.equal(made.length, before + 2);
    scene.dialing.stop();
  });

  it('that shows nobody is not there: a socket that opens shortens no pause', async () => {
    const scene = dial();
    await scene.clock.advance(0);
    newest().dispatchEvent(new Event('open'));
    newest().close();
    await scene.clock.advance(250);
    newest().dispatchEvent(new Event('open'));
    newest().close();
    await scene.clock.advance(374);
    assert.equal(made.length, 2);
    await scene.clock.advance(1);
    assert.equal(made.length, 3);
    assert.deepEqual(
      scene.calls.map(({ isOver }) => isOver),
      [true, true],
    );
    scene.dialing.stop();
  });

  it('is there for all that wait for it, also after it was gone', async () => {
    const scene = dial();
    const waiting = [scene.dialing.connected(5_000), scene.dialing.connected(9_000)];
    await connect(scene);
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ address }) => address),
      [HUB, HUB],
    );
    assert.equal(scene.clock.scheduled, 0, 'nobody waits any more');
    assert.equal((await scene.dialing.connected(0)).address, HUB);
    newest().close();
    await scene.clock.advance(0);
    const again = scene.dialing.connected(5_000);
    await scene.clock.advance(250);
    await connect(scene);
    assert.equal((await again).address, HUB);
    scene.dialing.stop();
  });

  it('that is not there in time is so with why it was refused last', async () => {
    const scene = dial();
    await assertRejectsAfter(scene, 1_000, 'CHANNEL_PEER_AWAY');
    newest().dispatchEvent(new Event('open'));
    newest().dispatchEvent(new Event('error'));
    await scene.clock.advance(0);
    const { message } = await assertRejectsAfter(scene, 100, 'CHANNEL_PEER_AWAY');
    assert.match(message, /the carrier is gone|no connection to/);
    scene.dialing.stop();
    await scene.clock.advance(0);
    assert.equal(scene.clock.scheduled, 0);
  });

  async function assertRejectsAfter(
    { clock, dialing }: ReturnType<typeof dial>,
    ms: number,
    code: 'CHANNEL_PEER_AWAY',
  ) {
    let isOver = false;
    const waiting = dialing.connected(ms);
    waiting.catch(() => {
      isOver = true;
    });
    await clock.advance(ms - 1);
    assert.equal(isOver, false);
    await clock.advance(1);
    return assertRejects(waiting, code);
  }

  it('is called no more once that is stopped: in a pause, while it is called, and while it is there', async () => {
    for (const at of ['pause', 'calling', 'there'] as const) {
      made.splice(0);
      const scene = dial();
      await scene.clock.advance(0);
      if (at === 'there') await connect(scene);
      if (at === 'pause') newest().close();
      await scene.clock.advance(0);
      const waiting = at === 'there' ? undefined : scene.dialing.connected(60_000);
      waiting?.catch(() => undefined);
      const told = scene.troubles.length;
      scene.dialing.stop();
      if (waiting !== undefined) await assertRejects(waiting, 'CHANNEL_PEER_AWAY');
      await scene.clock.advance(3_600_000);
      assert.deepEqual([made.length, newest().isClosed, scene.troubles.length], [1, true, told], at);
      assert.equal(scene.clock.scheduled, 0, at);
    }
  });
});
