import { strict as assert } from 'node:assert';
import { createMetrics, type Logger, silentLogger } from '../../runtime/index.ts';
import { type Cluster, createCluster, createNodeGauges } from '../../sequencer/index.ts';
import type { Quorum } from '../../storage/index.ts';
import { createMemoryJournal, type MemoryJournal } from '../support/journal/memory.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

const ALONE: Quorum = { isMet: false, reason: 'no standby is connected; set synchronous_standby_names on the primary' };

describe('Sequencer: a journal without a standby', () => {
  let clock: ManualClock;
  let journal: MemoryJournal;
  let cluster: Cluster | undefined;
  let warnings: { readonly message: string; readonly fields: Parameters<Logger['warn']>[1] }[];
  let told: string[];

  beforeEach(() => {
    clock = createManualClock();
    journal = createMemoryJournal({ clock });
    warnings = [];
    told = [];
  });
  afterEach(() => cluster?.stop());

  /** A node that has looked once, while another leads. */
  const start = async (requiresQuorum: boolean): Promise<Cluster> => {
    await journal.open({ name: 'leader' }).lease.acquire();
    cluster = createCluster({
      ...{ journal: journal.open({ name: 'a' }), name: 'a', requiresQuorum, clock },
      self: () => ({ url: 'http://a', version: '1', role: 'replica', epoch: 0, head: 0 }),
      logger: {
        ...silentLogger,
        warn: (message, fields) => void warnings.push({ message, fields }),
        info: (message) => void told.push(message),
      },
    });
    await cluster.refresh();
    return cluster;
  };
  const lookAgain = async (): Promise<void> => {
    await clock.advance(6_000);
    await cluster!.refresh();
  };
  const gauge = async (name = 'journal_standby_info'): Promise<string | undefined> => {
    const metrics = createMetrics();
    createNodeGauges(metrics, () => ({ role: 'replica', epoch: 0, head: 0, lag: 0 }), cluster!);
    return new RegExp(`^quittance_${name} (.+)$`, 'm').exec((await metrics.print()).text)?.[1];
  };

  it('is told of once when nobody asked for one, and is no trouble', async () => {
    journal.quorum = ALONE;
    const { trouble } = await start(false);
    assert.equal(warnings.length, 1);
    const [{ message, fields }] = warnings as [(typeof warnings)[0]];
    assert.match(message, /on one disk only.* Set synchronous_standby_names .*--require-quorum/);
    assert.equal(fields?.['reason'], ALONE.reason);
    assert.equal(await gauge(), '0');
    assert.equal(trouble(), undefined);
    await lookAgain();
    await lookAgain();
    assert.equal(warnings.length, 1, 'once');
  });

  it('is told of again when there was one in between', async () => {
    await start(false);
    assert.deepEqual([warnings.length, await gauge()], [0, '1']);
    for (const count of [1, 2]) {
      journal.quorum = ALONE;
      await lookAgain();
      assert.deepEqual([warnings.length, await gauge()], [count, '0']);
      journal.quorum = { isMet: true };
      await lookAgain();
      assert.deepEqual([told.length, await gauge()], [count, '1']);
    }
  });

  it('that is gone while commits wait for it is told of as what it is: nothing is acknowledged', async () => {
    journal.quorum = ALONE;
    const { trouble } = await start(true);
    assert.match(trouble()!.message, /on one disk only$/);
    assert.deepEqual([await gauge(), await gauge('journal_stalled_info')], ['0', '0']);
    journal.quorum = { isMet: false, isStalled: true, reason: 'no standby is connected: commits wait for one of *' };
    await lookAgain();
    assert.match(warnings[1]!.message, /wait for a standby that is not there: nothing is acknowledged until it is/);
    assert.deepEqual([await gauge(), await gauge('journal_stalled_info')], ['1', '1']);
    assert.equal(trouble()?.code, 'QUORUM_MISSING');
    assert.match(trouble()!.message, /\(no standby is connected.*\): nothing is acknowledged until it is$/);
    await lookAgain();
    assert.equal(warnings.length, 2, 'once');
    journal.quorum = { isMet: true };
    await lookAgain();
    assert.deepEqual([await gauge(), await gauge('journal_stalled_info'), told.length], ['1', '0', 1]);
  });

  it('is trouble where one is asked for', async () => {
    journal.quorum = ALONE;
    const { trouble } = await start(true);
    assert.equal(trouble()?.code, 'QUORUM_MISSING');
    assert.match(trouble()!.message, /no standby is connected/);
    assert.equal(warnings.length, 1);
  });

  it('is not known of a journal that does not answer', async () => {
    journal.isCut = true;
    cluster = createCluster({
      ...{ journal: journal.open({ name: 'a' }), name: 'a', requiresQuorum: false, clock, logger: silentLogger },
      self: () => ({ url: 'http://a', version: '1', role: 'replica', epoch: 0, head: 0 }),
    });
    await cluster.refresh();
    assert.equal(await gauge(), undefined);
    journal.isCut = false;
    await lookAgain();
    assert.equal(await gauge(), '1');
    journal.isCut = true;
    await clock.advance(31_000);
    assert.equal(await gauge(), undefined, 'what was heard long ago');
  });
});
