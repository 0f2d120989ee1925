import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { systemClock } from '../../runtime/index.ts';
import type { GapLimits } from '../../sequencer/config.ts';
import { startApi } from '../../sequencer/index.ts';
import { createGaps } from '../../sequencer/mempool/gaps.ts';
import { type Checked, Job } from '../../sequencer/mempool/job.ts';
import type { Submission } from '../../sequencer/mempool/request.ts';
import type { Answer } from '../../sequencer/types.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRandom } from '../support/property/random.ts';
import { requestOf } from '../support/sequencer/harness.ts';
import { alice, bob, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { rpc, transferJson } from '../support/sequencer/rpc.ts';

const LIMITS: GapLimits = { waitMs: 2_000, perAccount: 3, total: 5 };

/** Gaps whose accounts expect these nonces, and what becomes of those that wait. */
function createScene(limits = LIMITS) {
  const clock = createManualClock(1_000_000);
  const nonces = new Map([
    [1, 10],
    [2, 20],
    [3, 30],
  ]);
  const answers: [string, unknown][] = [];
  const ready: Job[] = [];
  const names = new Map<Job, string>();
  const gaps = createGaps({
    ...{ limits, clock, nonceOf: (account) => nonces.get(account) },
    onReady: (job) => ready.push(job),
  });
  return {
    ...{ clock, nonces, answers, gaps, ready },
    add(account: number, nonce: number, address = 'one'): boolean {
      const name = `${account}:${nonce}`;
      const settle = (answer: Answer) => answers.push([name, 'error' in answer ? [answer.error, answer.isWasted] : 0]);
      const measurements = { refused: { add: () => undefined } } as never;
      const job = new Job({} as Submission, { address, connection: 0 }, measurements, settle);
      names.set(job, name);
      const candidate = { nonce, sender: { keyY: 7n }, operation: { fields: { from: account } } };
      return gaps.add({ job, id: BigInt(nonce), candidate } as unknown as Checked);
    },
    take: (account: number, nonce: number) => gaps.take(account, nonce).map((job) => names.get(job)),
  };
}

describe('Sequencer: transfers that wait for the ones before them', () => {
  it('come out in the order of their nonces, up to the next gap, with those that are too late', () => {
    const { gaps, add, take } = createScene({ ...LIMITS, perAccount: 9, total: 9 });
    for (const nonce of [14, 11, 12, 11, 16, 10]) assert.ok(add(1, nonce));
    assert.deepEqual(take(2, 20), []);
    assert.deepEqual(take(1, 9), []);
    assert.deepEqual(take(1, 11), ['1:10', '1:11', '1:11', '1:12']);
    assert.equal(gaps.size, 2);
    assert.deepEqual(take(1, 14), ['1:14']);
    assert.deepEqual(take(1, 17), ['1:16']);
    assert.equal(gaps.size, 0);
  });

  it('find no place beyond that of an account, or of all', () => {
    const { gaps, add } = createScene();
    for (const nonce of [12, 13, 14]) assert.ok(add(1, nonce));
    assert.deepEqual([gaps.reachOf(1, 'one'), gaps.reachOf(2, 'one')], [0, 3]);
    assert.equal(add(1, 15), false);
    for (const nonce of [22, 23]) assert.ok(add(2, nonce));
    assert.deepEqual([gaps.reachOf(2, 'one'), gaps.reachOf(3, 'one')], [0, 0]);
    assert.equal(add(3, 31), false);
    assert.equal(gaps.take(1, 12).length, 3);
    assert.ok(add(3, 31));
  });

  it('give up the newest place of whoever has the most to an address that has less', () => {
    const { gaps, add, answers, take } = createScene();
    for (const nonce of [12, 13, 14]) assert.ok(add(1, nonce));
    for (const nonce of [22, 23]) assert.ok(add(2, nonce));
    assert.deepEqual([gaps.reachOf(3, 'one'), gaps.reachOf(3, 'two')], [0, 3]);
    for (const nonce of [31, 32]) assert.ok(add(3, nonce, 'two'));
    assert.deepEqual(
      answers.map(([name, said]) => [name, (said as [RollupError, boolean])[0].code, (said as unknown[])[1]]),
      [
        ['2:23', 'NONCE_GAP', true],
        ['2:22', 'NONCE_GAP', true],
      ],
    );
    assert.equal(gaps.size, 5);
    // One more of the second would be as many as the first has.
    assert.equal(add(3, 33, 'two'), false);
    assert.equal(gaps.reachOf(2, 'one'), 0);
    assert.deepEqual([take(1, 12).length, take(3, 31).length, gaps.size], [3, 2, 0]);
  });

  it('are refused when their time is over, each at its own, with what is missing', async () => {
    const { clock, answers, nonces, gaps, add } = createScene();
    add(1, 12);
    await clock.advance(1_500);
    add(2, 22);
    nonces.set(1, 11);
    await clock.advance(499);
    assert.equal(answers.length, 0);
    await clock.advance(1);
    const [[name, [error, isWasted]]] = answers as [[string, [RollupError, boolean]]];
    assert.deepEqual(
      [name, error.code, error.data, isWasted],
      ['1:12', 'NONCE_GAP', { expected: '11', actual: '12' }, true],
    );
    assert.equal(gaps.size, 1);
    await clock.advance(1_500);
    assert.deepEqual(
      answers.map(([other]) => other),
      ['1:12', '2:22'],
    );
  });

  it('are tried again when their time is over and nothing is missing any more', async () => {
    const { clock, nonces, ready, answers, add } = createScene();
    add(1, 12);
    nonces.set(1, 12);
    await clock.advance(2_000);
    assert.deepEqual([ready.length, answers.length], [1, 0]);
  });

  it('are all refused at the end, and whatever comes after it', () => {
    const { gaps, add, answers } = createScene();
    add(1, 12);
    add(2, 22);
    const reason = new RollupError('SHUTTING_DOWN', 'later', {});
    gaps.close(reason);
    assert.deepEqual(answers, [
      ['1:12', [reason, false]],
      ['2:22', [reason, false]],
    ]);
    assert.deepEqual([add(1, 12), gaps.reachOf(1, 'one'), gaps.size], [false, 0, 0]);
  });

  it('do not wait where that is switched off', () => {
    const { gaps, add } = createScene({ ...LIMITS, waitMs: 0 });
    assert.deepEqual([gaps.reachOf(1, 'one'), add(1, 12)], [0, false]);
  });
});

describe('Sequencer: transfers of one account in any order', () => {
  const COUNT = 50;
  let harness: PayerHarness;
  const request = (nonce: number, changes = {}) => requestOf(harness.sign(alice, harness.payment(nonce, changes)));
  /** Bob pays Alice. */
  const answering = (nonce: number) =>
    requestOf(
      harness.sign(bob, {
        kind: 'transfer',
        ...{ from: harness.to, to: harness.from, amount: 1n, fee: 10n, nonce, validUntil: 0 },
        receiver: { keyY: alice.keyPair.publicKey.y, owner: alice.owner },
      }),
    );
  /** Answers, and time goes on until they are there. */
  const waitFor = async (answers: Promise<Answer[]>): Promise<Answer> => {
    let answer: Answer | undefined;
    void answers.then(([first]) => {
      answer = first;
    });
    await harness.until(() => answer !== undefined, 'the answer');
    return answer!;
  };
  const codeOf = (answer: Answer | undefined) =>
    answer === undefined
      ? 'none'
      : 'error' in answer
        ? (answer.error as RollupError).code
        : answer.acknowledgement.status;

  before(async () => {
    harness = await createPayerHarness({ settings: { gaps: { waitMs: 2_000, perAccount: 64, total: 4_096 } } });
  });
  after(() => harness.close());

  it('are all accepted, each over its own connection', async () => {
    const random = createRandom('shuffled');
    const nonces = Array.from({ length: COUNT }, (_, nonce) => ({ nonce, place: random.below(1_000_000) }))
      .sort((one, other) => one.place - other.place)
      .map(({ nonce }) => nonce);
    const answers = await Promise.all(
      nonces.map((nonce, connection) => harness.sequencer.submitAll([request(nonce)], { address: 'one', connection })),
    );
    assert.deepEqual(
      answers.map(([answer]) => codeOf(answer)),
      nonces.map(() => 'pending'),
    );
    assert.equal(harness.sequencer.queries.account(harness.from, 'latest')?.nonce, COUNT);
    const logged = [...harness.storage.log.range(1)].flatMap(({ entry }) =>
      entry.type === 'transfer' ? [entry.nonce] : [],
    );
    assert.deepEqual(
      logged,
      nonces.toSorted((one, other) => one - other),
      'in the order of their nonces',
    );
  });

  it('are not acknowledged before those in front of them, which may come later', async () => {
    let isAnswered = false;
    const late = harness.sequencer.submitAll([request(COUNT + 1)]).finally(() => {
      isAnswered = true;
    });
    await harness.clock.advance(1_999);
    assert.equal(isAnswered, false);
    assert.equal(harness.sequencer.queries.account(harness.from, 'latest')?.nonce, COUNT);
    const [first] = await harness.sequencer.submitAll([request(COUNT)]);
    assert.deepEqual([codeOf(first), codeOf((await late)[0])], ['pending', 'pending']);
  });

  it('are refused with NONCE_GAP when those do not come, and are to be paid for', async () => {
    const nonce = COUNT + 3;
    const answer = await waitFor(harness.sequencer.submitAll([request(nonce)]));
    assert.ok('error' in answer);
    const { code, data } = answer.error as RollupError;
    assert.deepEqual(
      [code, data, answer.isWasted],
      ['NONCE_GAP', { expected: String(COUNT + 2), actual: String(nonce) }, true],
    );
  });

  it('wait for no check of a signature that is bad, or of a nonce that is too far ahead', async () => {
    const next = COUNT + 2;
    const honest = request(next + 1);
    const forged = { ...honest, authorization: { ...honest.authorization, s: honest.authorization.s + 1n } };
    const [bad, far] = await harness.sequencer.submitAll([forged, request(next + 65)]);
    assert.deepEqual([codeOf(bad), codeOf(far)], ['BAD_SIGNATURE', 'NONCE_GAP']);
  });

  it('do not keep others waiting', async () => {
    const waits = harness.sequencer.submitAll([request(COUNT + 4)], { address: 'other', connection: 1 });
    const [own] = await harness.sequencer.submitAll([answering(0)]);
    assert.equal(codeOf(own), 'pending');
    assert.equal(codeOf(await waitFor(waits)), 'NONCE_GAP');
  });

  it('are all accepted over HTTP, sent at once and last ones first', async () => {
    const api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
    try {
      const next = harness.sequencer.queries.account(harness.from, 'latest')!.nonce;
      const transfers = Array.from({ length: COUNT }, (_, back) =>
        transferJson(harness.sign(alice, harness.payment(next + COUNT - 1 - back))),
      );
      const answers = await Promise.all(transfers.map((transfer) => rpc(api.url, 'rollup_sendTransfer', { transfer })));
      for (const { body } of answers) assert.equal(body.error, undefined, JSON.stringify(body));
    } finally {
      await api.stop();
    }
  });

  it('take turns with those of other addresses when the one before them is there', async () => {
    const { sequencer } = harness;
    const [first, next] = [harness.from, harness.to].map(
      (account) => sequencer.queries.account(account, 'latest')!.nonce,
    ) as [number, number];
    const late = [1, 2, 3].map((ahead) =>
      sequencer.submitAll([request(first + ahead)], { address: 'one', connection: ahead }),
    );
    // It came later, and is answered: the others wait.
    await sequencer.submitAll([answering(next)], { address: 'two', connection: 1 });
    const others = Promise.withResolvers<Answer[]>();
    const stop = sequencer.events.on('appended', () => {
      stop();
      const list = [1, 2, 3].map((ahead) => answering(next + ahead));
      others.resolve(sequencer.submitAll(list, { address: 'two', connection: 1 }));
    });
    const from = harness.storage.log.head().sequence + 1;
    await sequencer.submitAll([request(first)], { address: 'one', connection: 0 });
    await Promise.all([...late, others.promise]);
    const senders = [...harness.storage.log.range(from)].flatMap(({ entry }) =>
      entry.type === 'transfer' ? [entry.operation.fields.from === harness.from ? 'one' : 'two'] : [],
    );
    assert.deepEqual(senders, ['one', 'one', 'two', 'one', 'two', 'one', 'two']);
  });

  it('are refused when the sequencer stops', async () => {
    const { nonce } = harness.sequencer.queries.account(harness.from, 'latest')!;
    const waits = harness.sequencer.submitAll([request(nonce + 2)]);
    // It came later, and is answered: the other one waits.
    await harness.sequencer.submitAll([answering(harness.sequencer.queries.account(harness.to, 'latest')!.nonce)]);
    await harness.sequencer.stop();
    assert.equal(codeOf((await waits)[0]), 'SHUTTING_DOWN');
  });
});
