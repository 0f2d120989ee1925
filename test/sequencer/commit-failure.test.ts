import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { systemClock } from '../../runtime/index.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import type { Storage } from '../../storage/index.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { rpc, transferJson } from '../support/sequencer/rpc.ts';

const file = '/srv/operator/sequencer.db';
const FAILURES: Readonly<Record<string, Error>> = {
  DISK_FULL: new RollupError('DISK_FULL', `the disk of ${file} is full`, { file }),
  DATABASE_DAMAGED: new RollupError('DATABASE_DAMAGED', `${file} is damaged`, { file, problem: 'it is torn' }),
  DATABASE_IN_USE: new RollupError('DATABASE_IN_USE', `${file} is in use`, { file }),
  INVARIANT_BROKEN: new TypeError(`${file} is no function`),
};

describe('Sequencer: a commit of a transfer that fails', () => {
  let failure: Error | undefined;
  let harness: PayerHarness;
  let api: Api;

  const wrapStorage = (storage: Storage): Storage => ({
    ...storage,
    commit(change) {
      if (failure !== undefined) throw failure;
      return storage.commit(change);
    },
  });
  const serve = async (): Promise<void> => {
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
  };
  /** What is answered must be what the description of the method names. */
  const send = (nonce: number) =>
    rpc(api.url, 'rollup_sendTransfer', { transfer: transferJson(harness.sign(alice, harness.payment(nonce))) });

  beforeEach(async () => {
    failure = undefined;
    harness = await createPayerHarness({ wrapStorage });
    await serve();
  });
  afterEach(async () => {
    await api.stop();
    await harness.close();
  });

  for (const [code, error] of Object.entries(FAILURES))
    it(`${code}: its sender is told so without paths, what comes later READ_ONLY, and after a restart it is taken`, async () => {
      failure = error;
      const failed = await send(0);
      assert.deepEqual([failed.status, failed.body.error?.data?.['reason']], [503, code]);
      assert.doesNotMatch(JSON.stringify(failed.body), /srv/);
      const later = await send(1);
      assert.deepEqual([later.status, later.body.error?.data?.['reason']], [503, 'READ_ONLY']);
      assert.doesNotMatch(JSON.stringify(later.body), /srv/);
      assert.equal(harness.sequencer.status().halted?.code, code);

      failure = undefined;
      await api.stop();
      await harness.restart();
      await serve();
      const { result } = (await send(0)).body;
      assert.equal((result as { status: string }).status, 'pending');
    });
});
