import assert from 'node:assert/strict';
import { RollupError } from '@quittance/protocol';
import { signIntent } from '@quittance/sdk';
import fc from 'fast-check';
import { createSender, type Order } from '../../../packages/sdk/wallet/sender.ts';
import { assertRejects } from '../../support/assertions.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { property } from '../../support/property/property.ts';
import { accountOf, DOMAIN, INDEX, KEYS } from '../../support/rollup/scene.ts';
import { createPayingServer, type Fate } from '../../support/sdk/paying-server.ts';

const { keyY, owner } = accountOf('bob');
/** An order that pays as many units as its number, so that the log says which were paid. */
const order = (number: number, more: Partial<Order> = {}): Order => ({
  sign: (nonce) =>
    signIntent(KEYS.alice, DOMAIN, {
      ...{ kind: 'transfer', from: INDEX.alice, to: INDEX.bob, receiver: { keyY, owner } },
      ...{ amount: BigInt(number), fee: 0n, nonce, validUntil: 0 },
    }),
  ...more,
});

/** A sender on a server, whose pauses pass at once. */
function createScene() {
  const server = createPayingServer(INDEX.alice);
  const clock = createManualClock();
  const sleeps: number[] = [];
  const sender = createSender({
    client: server.client,
    account: INDEX.alice,
    random: () => 0.5,
    clock: {
      ...clock,
      sleep: async (ms) => {
        sleeps.push(ms);
      },
    },
  });
  const paid = () => server.log.map(({ intent }) => Number(intent.amount));
  return { server, sender, sleeps, paid };
}

describe('the sender of a wallet', () => {
  it('sends what is wanted in the same turn together, in order, with one nonce after the other', async () => {
    const { server, sender, paid } = createScene();
    const sent = await Promise.all([1, 2, 3].map((number) => sender.send(order(number))));
    assert.deepEqual(paid(), [1, 2, 3]);
    assert.deepEqual(server.calls, [[0, 1, 2]]);
    assert.deepEqual(
      sent.map(({ transfer, acknowledged }) => [String(transfer.id) === acknowledged.id, acknowledged.sequence]),
      [1, 2, 3].map((sequence) => [true, sequence]),
    );
  });

  it('asks for the next nonce and signs again when another process used it', async () => {
    const { server, sender, paid } = createScene();
    await sender.send(order(1));
    server.useNonces(4);
    await Promise.all([2, 3].map((number) => sender.send(order(number))));
    assert.deepEqual(paid(), [1, 2, 3]);
    assert.deepEqual(server.calls, [[0], [1, 2], [5, 6]]);
  });

  it('sends the same again, and signs nothing new, when the answer was lost', async () => {
    for (const fate of ['answer lost', 'request lost', 'delayed'] as const) {
      const { server, sender, paid } = createScene();
      server.fates.push(fate);
      await Promise.all([1, 2].map((number) => sender.send(order(number))));
      assert.deepEqual(paid(), [1, 2], fate);
      assert.deepEqual(server.calls, [
        [0, 1],
        [0, 1],
      ]);
    }
  });

  it('does not pay again what was taken when its nonce seems used by another', async () => {
    const { server, sender, paid } = createScene();
    // Taken, and the answer is lost; to the second sending the server answers by the nonce, as one does that forgot the id.
    server.fates.push('answer lost');
    const { client } = server;
    const original = client.sendAll;
    let isSecond = false;
    Object.assign(client, {
      async sendAll(transfers: Parameters<typeof original>[0]) {
        if (!isSecond) {
          isSecond = true;
          return original(transfers);
        }
        return transfers.map(() => ({
          error: new RollupError('NONCE_USED', 'used', { expected: 1, actual: 0, rpcCode: -32003 } as never),
        }));
      },
    });
    const { acknowledged } = await sender.send(order(1));
    assert.equal(acknowledged.sequence, 1);
    assert.deepEqual(paid(), [1]);
  });

  it('goes on with the others when one is refused, which leaves a gap', async () => {
    const { server, sender, paid } = createScene();
    server.refuseIf(({ intent }) =>
      intent.amount === 2n
        ? new RollupError('INSUFFICIENT_BALANCE', 'too little', { rpcCode: -32003 } as never)
        : undefined,
    );
    const results = await Promise.allSettled([1, 2, 3].map((number) => sender.send(order(number))));
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(paid(), [1, 3]);
  });

  it('keeps what may be on its way when a nonce before it lacks, and says that it is uncertain in the end', async () => {
    const { server, sender, paid } = createScene();
    server.fates.push('request lost');
    // The first of the two that were lost is refused, so the second waits for a nonce that nobody uses.
    server.refuseIf(({ intent }) =>
      intent.amount === 1n
        ? new RollupError('INSUFFICIENT_BALANCE', 'too little', { rpcCode: -32003 } as never)
        : undefined,
    );
    const [first, second] = [1, 2].map((number) => sender.send(order(number)));
    await assertRejects(first!, 'INSUFFICIENT_BALANCE');
    const { data } = await assertRejects(second!, 'TRANSFER_UNCERTAIN');
    assert.deepEqual([data.nonce, data.validUntil, /^\d+$/.test(data.id)], [1, 0, true]);
    assert.deepEqual(paid(), []);
    assert.ok(server.calls.slice(2).every((nonces) => nonces.join() === '1'));
  });

  it('signs again what another process has paid for something else, to the digit', async () => {
    const { server, sender, paid } = createScene();
    let others = 1;
    server.refuseIf(() => {
      if (others-- <= 0) return undefined;
      server.useNonces(1);
      return new RollupError('REFERENCE_KEPT', 'kept', { expected: '0x01', actual: '0x02', rpcCode: -32003 } as never);
    });
    const { transfer } = await sender.send(order(1));
    assert.deepEqual([paid(), transfer.intent.nonce], [[1], 1]);
  });

  it('waits as long as the server asks, and for what passes', async () => {
    const { server, sender, sleeps, paid } = createScene();
    let refusals = 2;
    server.refuseIf(() =>
      refusals-- > 0
        ? new RollupError('MEMPOOL_FULL', 'full', {
            expected: 1,
            actual: 2,
            rpcCode: -32005,
            retryAfterSeconds: 7,
          } as never)
        : undefined,
    );
    await sender.send(order(1));
    assert.deepEqual(paid(), [1]);
    assert.deepEqual(sleeps, [7_000, 7_000]);
  });

  it('tells who keeps signed transfers of each before it is sent, and does not send what could not be kept', async () => {
    const { server, sender, paid } = createScene();
    const kept: string[] = [];
    const onSigned: Order['onSigned'] = async ({ id, intent }) => {
      if (intent.amount === 2n) throw new Error('the disk is full');
      kept.push(String(id));
      assert.equal(
        server.log.some((one) => one.id === id),
        false,
      );
    };
    const results = await Promise.allSettled([1, 2, 3].map((number) => sender.send(order(number, { onSigned }))));
    assert.equal((results[1] as PromiseRejectedResult).reason.message, 'the disk is full');
    assert.deepEqual(paid(), [1, 3]);
    assert.deepEqual(
      kept,
      server.log.map(({ id }) => String(id)),
    );
  });

  it('sends nothing that was given up before, and says of what was sent that it is uncertain', async () => {
    const { server, sender, paid } = createScene();
    const before = AbortSignal.abort(new Error('not any more'));
    await assert.rejects(sender.send(order(1, { signal: before })), /not any more/);
    const during = new AbortController();
    server.fates.push('request lost');
    const sending = sender.send(order(2, { signal: during.signal, onSigned: () => during.abort() }));
    await assertRejects(sending, 'TRANSFER_UNCERTAIN');
    assert.deepEqual(paid(), []);
  });

  it('ends after some attempts when nobody says the nonce, or the account is gone', async () => {
    for (const [answer, code] of [
      [() => Promise.reject(new RollupError('RPC_UNREACHABLE', 'gone', { url: 'http://x' })), 'RPC_UNREACHABLE'],
      [() => Promise.resolve(null), 'SENDER_EMPTY'],
    ] as const) {
      const { server, sender } = createScene();
      Object.assign(server.client, { call: answer });
      await assertRejects(sender.send(order(1)), code);
      assert.deepEqual(server.calls, []);
    }
  });

  property(
    'pays each order once, whatever is lost on the way, and of two senders too',
    [
      fc.array(fc.constantFrom<Fate>('answered', 'answer lost', 'request lost', 'delayed'), { maxLength: 12 }),
      fc.integer({ min: 1, max: 12 }),
    ],
    async (fates, count) => {
      const scene = createScene();
      scene.server.fates.push(...fates);
      const other = createSender({
        ...{ client: scene.server.client, account: INDEX.alice, random: () => 0.1 },
        clock: { ...createManualClock(), sleep: async () => undefined },
      });
      const numbers = Array.from({ length: count }, (_, at) => at + 1);
      await Promise.all(numbers.map((number) => (number % 2 === 0 ? scene.sender : other).send(order(number))));
      assert.deepEqual(
        scene.paid().toSorted((one, another) => one - another),
        numbers,
      );
    },
  );
});
