import assert from 'node:assert/strict';
import { portableHasher, RollupError } from '@quittance/protocol';
import { signIntent } from '@quittance/sdk';
import fc from 'fast-check';
import { createFindOccupants } from '../../../packages/sdk/wallet/occupants.ts';
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

/** A refusal as the client makes one of an answer. */
const refusal = (code: 'INSUFFICIENT_BALANCE' | 'RPC_ANSWER_INVALID' | 'NONCE_USED' | 'REFERENCE_KEPT') =>
  new RollupError(code, `refused: ${code}`, { expected: 1, actual: 2, rpcCode: -32003 } as never);

const SIGNING = { publicKey: KEYS.alice.publicKey, domain: DOMAIN, hasher: portableHasher };

/** A sender on a server, whose pauses pass at once. */
function createScene() {
  const server = createPayingServer(INDEX.alice);
  const clock = createManualClock();
  const sleeps: number[] = [];
  const sender = createSender({
    client: server.client,
    account: INDEX.alice,
    findOccupants: createFindOccupants(server.client, INDEX.alice, SIGNING),
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

  it('fills a gap that a refusal leaves with what waits, and signs what is behind it once', async () => {
    const { server, sender, paid } = createScene();
    server.refuseIf(({ intent }) => (intent.amount === 2n ? refusal('INSUFFICIENT_BALANCE') : undefined));
    const signings: number[] = [];
    const later: Promise<unknown>[] = [];
    const onSigned: Order['onSigned'] = ({ intent }) => {
      signings.push(Number(intent.amount));
      // Another payment is wanted while these are on their way.
      if (intent.amount === 3n) later.push(sender.send(order(4, { onSigned })));
    };
    const results = await Promise.allSettled([1, 2, 3].map((number) => sender.send(order(number, { onSigned }))));
    await Promise.all(later);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(paid(), [1, 4, 3]);
    assert.deepEqual(server.calls, [
      [0, 1, 2],
      [1, 2],
    ]);
    assert.deepEqual(signings, [1, 2, 3, 4]);
  });

  it('signs nothing anew behind a gap that stays: whoever kept the first could take both', async () => {
    const { server, sender, paid } = createScene();
    server.refuseIf(({ intent }) => (intent.amount === 1n ? refusal('INSUFFICIENT_BALANCE') : undefined));
    const [first, second] = [1, 2].map((number) => sender.send(order(number)));
    await assertRejects(first!, 'INSUFFICIENT_BALANCE');
    const { data } = await assertRejects(second!, 'TRANSFER_UNCERTAIN');
    assert.deepEqual([data.nonce, data.validUntil, /^\d+$/.test(data.id)], [1, 0, true]);
    assert.deepEqual(paid(), []);
    assert.deepEqual(server.calls, [[0, 1], ...Array.from({ length: 11 }, () => [1])]);
  });

  it('lets nothing wait behind what the account cannot pay', async () => {
    const { server, sender, paid } = createScene();
    server.setBalance(10n);
    server.refuseIf(({ intent }) => (intent.amount > 10n ? refusal('INSUFFICIENT_BALANCE') : undefined));
    const results = await Promise.allSettled([5, 20, 3].map((number) => sender.send(order(number))));
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(paid(), [5, 3]);
    assert.deepEqual(server.calls, [[0, 1], [1]]);
  });

  it('says of what was refused after an answer was lost that it is uncertain: it may come yet', async () => {
    for (const error of [refusal('INSUFFICIENT_BALANCE'), refusal('RPC_ANSWER_INVALID')]) {
      const { server, sender, paid } = createScene();
      server.fates.push('request lost');
      server.refuseIf(() => error);
      const { data, cause } = await assertRejects(sender.send(order(1)), 'TRANSFER_UNCERTAIN');
      assert.deepEqual([data.nonce, (cause as RollupError).code], [0, error.code]);
      assert.deepEqual(paid(), []);
    }
  });

  it('does not take the refusal of a gateway for one of the sequencer', async () => {
    const { server, sender, paid } = createScene();
    let refusals = 2;
    server.refuseIf(() => (refusals-- > 0 ? refusal('RPC_ANSWER_INVALID') : undefined));
    await sender.send(order(1));
    assert.deepEqual([paid(), server.calls], [[1], [[0], [0], [0]]]);
    server.refuseIf(() => refusal('RPC_ANSWER_INVALID'));
    await assertRejects(sender.send(order(2)), 'TRANSFER_UNCERTAIN');
  });

  it('signs once for a server that says again and again that the nonce is used, and shows by whom nobody signed', async () => {
    const { server, sender } = createScene();
    const signings: number[] = [];
    let nonce = 7;
    server.useNonces(1);
    const own = server.client.call;
    Object.assign(server.client, {
      async call(method: string, params: never) {
        if (method === 'rollup_getAccount') return { nonce, balance: '1000' };
        if (method !== 'rollup_getHistory') return own(method as never, params);
        // The signature is true, of this account, and of another nonce.
        const { entries } = (await own(method, params)) as { entries: { signed: { nonce: number } }[] };
        entries[0]!.signed.nonce = signings.at(-1)!;
        return { entries, next: null };
      },
    });
    server.refuseIf(({ intent }) => {
      nonce = intent.nonce + 1;
      return refusal('NONCE_USED');
    });
    const onSigned: Order['onSigned'] = ({ intent }) => void signings.push(intent.nonce);
    await assertRejects(sender.send(order(1, { onSigned })), 'TRANSFER_UNCERTAIN');
    assert.deepEqual(signings, [7]);
  });

  it('does not take one of its own payments for what used the nonce', async () => {
    const { server, sender } = createScene();
    const signings: number[] = [];
    const onSigned: Order['onSigned'] = ({ intent }) => void signings.push(Number(intent.amount));
    // The server refuses the first, keeps it, and shows it as what took the place of the second.
    server.refuseIf(() => refusal('INSUFFICIENT_BALANCE'));
    const kept: Parameters<NonNullable<Order['onSigned']>>[0][] = [];
    await assertRejects(
      sender.send(order(1, { onSigned: (signed) => void kept.push(signed) })),
      'INSUFFICIENT_BALANCE',
    );
    server.refuseIf(({ intent }) => (intent.amount === 2n ? refusal('NONCE_USED') : undefined));
    await server.client.sendAll(kept);
    const own = server.client.call;
    Object.assign(server.client, {
      call: (method: string, params: never) =>
        method === 'rollup_getAccount' ? { nonce: 0, balance: '1000' } : own(method as never, params),
    });
    await assertRejects(sender.send(order(2, { onSigned })), 'TRANSFER_UNCERTAIN');
    assert.deepEqual(signings, [2]);
  });

  it('signs nothing anew when another process has paid for something else, to the digit', async () => {
    const { server, sender, paid } = createScene();
    server.refuseIf(() => refusal('REFERENCE_KEPT'));
    await assertRejects(sender.send(order(1)), 'REFERENCE_KEPT');
    assert.deepEqual([paid(), server.calls], [[], [[0]]]);
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

  it('sends the same bytes again when nobody leads, and signs nothing anew: the next leader may have it', async () => {
    for (const code of ['NOT_LEADER', 'JOURNAL_UNAVAILABLE'] as const) {
      const { server, sender, paid } = createScene();
      const signed: string[] = [];
      server.refuseIf(() => new RollupError(code, 'later', { epoch: 1, reason: 'gone', rpcCode: -32002 } as never));
      const sending = sender.send(order(1, { onSigned: ({ id }) => void signed.push(String(id)) }));
      // Refused each time: whether it was taken before is not known, so it is not called refused.
      await assertRejects(sending, 'TRANSFER_UNCERTAIN');
      assert.deepEqual([signed.length, paid()], [1, []]);
      server.refuseIf(() => undefined);
    }
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
        findOccupants: createFindOccupants(scene.server.client, INDEX.alice, SIGNING),
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
