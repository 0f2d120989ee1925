/** No payment is lost: whatever fails, whatever comes between two reads, and when a connection says nothing any more. */

import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import type { IncomingPayment, Stage } from '@quittance/sdk';
import { watchPayments } from '../../../packages/sdk/wallet/watch.ts';
import type { Watched } from '../../../packages/sdk/wallet/watching.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createTellingServer, paymentTo, tokenInfo, unsuitable } from '../../support/sdk/telling-server.ts';

const TOKEN = `0x${'ab'.repeat(20)}`;

/** Where the WebSocket of the platform is not what a test says. */
function withSocket<T>(socket: typeof WebSocket | undefined, work: () => Promise<T>): Promise<T> {
  const platform = globalThis.WebSocket;
  Object.assign(globalThis, { WebSocket: socket });
  return work().finally(() => Object.assign(globalThis, { WebSocket: platform }));
}

/** Waits are over at once; there are not many, or nothing comes any more. */
function hasty(): ReturnType<typeof createManualClock> {
  let waits = 0;
  const sleep = async (): Promise<void> => {
    waits += 1;
    if (waits > 20) throw new Error('no more payments are told of');
  };
  return { ...createManualClock(), sleep };
}

describe('a watch that reads the history', () => {
  /** The next `count` payments. */
  function take(watched: Watched, count: number, fromSequence?: number): Promise<IncomingPayment[]> {
    return withSocket(undefined, async () => {
      const found: IncomingPayment[] = [];
      const from = fromSequence === undefined ? {} : { fromSequence };
      for await (const payment of watchPayments(watched, { stage: 'accepted', ...from })) {
        found.push(payment);
        if (found.length === count) break;
      }
      return found;
    });
  }
  const places = (payments: readonly IncomingPayment[]) => payments.map(({ sequence }) => sequence);

  it('tells of all payments when L1 could not be asked for the token of the first', async () => {
    const server = createTellingServer([1]);
    for (const [sequence, tokenId] of [
      [10, 9],
      [11, 0],
      [12, 0],
    ] as const) {
      server.pay(paymentTo(1, sequence, { tokenId }));
    }
    let failures = 0;
    const watched = server.watched(hasty(), async (tokenId) => {
      if (tokenId === 9 && failures++ < 2) throw new RollupError('L1_UNREACHABLE', 'no answer', { reason: 'cut' });
      return tokenInfo(tokenId);
    });
    assert.deepEqual(places(await take(watched, 3, 1)), [10, 11, 12]);
    assert.equal(failures, 3);
  });

  it('marks a token that nobody can read, and goes on', async () => {
    const server = createTellingServer([1]);
    for (const [sequence, tokenId] of [
      [10, 8],
      [11, 9],
      [12, 0],
    ] as const) {
      server.pay(paymentTo(1, sequence, { tokenId }));
    }
    const watched = server.watched(hasty(), async (tokenId) => {
      if (tokenId === 8) throw unsuitable(TOKEN);
      if (tokenId === 9) throw new RollupError('NOT_FOUND', 'nobody registered it', { token: '9' });
      return tokenInfo(tokenId);
    });
    const found = await take(watched, 3, 1);
    assert.deepEqual(
      found.map(({ token }) => token),
      [
        { tokenId: 8, address: TOKEN, symbol: TOKEN.slice(0, 8), decimals: 0, isUnreadable: true },
        { tokenId: 9, address: '', symbol: 'token 9', decimals: 0, isUnreadable: true },
        await tokenInfo(0),
      ],
    );
  });

  it('tells of what came to one account while another was read', async () => {
    const server = createTellingServer([1, 2]);
    server.pay(paymentTo(2, 100));
    let reads = 0;
    server.onRead = (account) => {
      if (account !== 1 || reads++ > 0) return;
      server.pay(paymentTo(1, 105));
      server.pay(paymentTo(2, 107));
    };
    assert.deepEqual(places(await take(server.watched(hasty()), 3, 1)), [100, 105, 107]);
  });

  it('tells of what came to an account that was opened while others were read', async () => {
    const server = createTellingServer([1]);
    let reads = 0;
    server.onRead = () => {
      if (reads++ === 0) {
        server.pay(paymentTo(3, 104));
        server.pay(paymentTo(1, 107));
      }
    };
    assert.deepEqual(places(await take(server.watched(hasty()), 2, 1)), [104, 107]);
  });

  it('begins with what came to one account while it looked where the others end', async () => {
    const server = createTellingServer([1, 2]);
    server.pay(paymentTo(1, 90));
    server.pay(paymentTo(2, 100));
    let reads = 0;
    server.onRead = (account) => {
      if (account !== 1 || reads++ > 0) return;
      server.pay(paymentTo(1, 105));
      server.pay(paymentTo(2, 107));
    };
    assert.deepEqual(places(await take(server.watched(hasty()), 2)), [105, 107]);
  });
});

describe('a watch over a connection', () => {
  /** Runs a watch beside a test, which moves its clock. */
  function watching(server: ReturnType<typeof createTellingServer>, stage: Stage = 'accepted') {
    const clock = createManualClock();
    const ended = new AbortController();
    const found: number[] = [];
    const run = async (): Promise<void> => {
      const watch = watchPayments(server.watched(clock), { stage, fromSequence: 1, signal: ended.signal });
      for await (const { sequence } of watch) found.push(sequence);
    };
    const done = run().catch((error: unknown) => error);
    return { clock, found, end: () => ended.abort(new Error('enough')), done };
  }
  /** Ends it, and says by what it ended. */
  async function endOf({ end, done }: ReturnType<typeof watching>): Promise<string> {
    end();
    return ((await done) as Error).message;
  }

  it('tells of what it hears, and asks no more than that', async () => {
    const server = createTellingServer([1, 2]);
    await withSocket(server.WebSocket, async () => {
      const watch = watching(server);
      await watch.clock.advance(1_000);
      server.say(server.pay(paymentTo(1, 5)));
      server.say(server.pay(paymentTo(2, 6)));
      await watch.clock.advance(1_000);
      assert.deepEqual(watch.found, [5, 6]);
      await watch.clock.advance(120_000);
      assert.equal(server.sockets.length, 1);
      assert.equal(await endOf(watch), 'enough');
    });
  });

  it('leaves a connection that has fallen silent, and tells of what the history has', async () => {
    const server = createTellingServer([1]);
    await withSocket(server.WebSocket, async () => {
      const watch = watching(server);
      await watch.clock.advance(1_000);
      server.say(server.pay(paymentTo(1, 5)));
      await watch.clock.advance(1_000);
      server.pay(paymentTo(1, 6));
      await watch.clock.advance(40_000);
      assert.deepEqual(watch.found, [5, 6]);
      assert.deepEqual(
        server.sockets.map(({ isClosed }) => isClosed),
        [true, false],
      );
      // A connection that was left is not listened to any more.
      server.sockets[0]!.hear({ params: { subscription: 'it', result: paymentTo(1, 7) } });
      await watch.clock.advance(5_000);
      assert.deepEqual(watch.found, [5, 6]);
      assert.equal(await endOf(watch), 'enough');
    });
  });

  it('tells of the payment that opened an account, of which no subscription could tell', async () => {
    const server = createTellingServer([1]);
    await withSocket(server.WebSocket, async () => {
      const watch = watching(server);
      await watch.clock.advance(1_000);
      server.pay(paymentTo(3, 4, { kind: 'transferToNew' }));
      await watch.clock.advance(5_000);
      assert.deepEqual(watch.found, [4]);
      assert.equal(server.sockets[0]!.subscriptions, 2);
      assert.equal(await endOf(watch), 'enough');
    });
  });

  it('tells first of what came to an account that it did not know yet', async () => {
    const server = createTellingServer([1]);
    await withSocket(server.WebSocket, async () => {
      const watch = watching(server);
      await watch.clock.advance(1_000);
      let lists = 0;
      server.onList = () => {
        if (lists++ > 0) return;
        server.pay(paymentTo(3, 104, { kind: 'transferToNew' }));
        server.say(server.pay(paymentTo(1, 107)));
      };
      await watch.clock.advance(5_000);
      assert.deepEqual(watch.found, [104, 107]);
      assert.equal(server.sockets.length, 1);
      assert.equal(await endOf(watch), 'enough');
    });
  });

  for (const speech of ['never opens', 'never answers'] as const) {
    it(`tells of what the history has when a connection ${speech}`, async () => {
      const server = createTellingServer([1]);
      server.speech = speech;
      server.pay(paymentTo(1, 5));
      await withSocket(server.WebSocket, async () => {
        const watch = watching(server);
        await watch.clock.advance(15_000);
        assert.deepEqual(watch.found, [5]);
        assert.ok(server.sockets.length >= 2, 'it connects again');
        assert.equal(server.sockets[0]!.isClosed, true);
        assert.equal(await endOf(watch), 'enough');
      });
    });
  }
});
