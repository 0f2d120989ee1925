import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { RollupError } from '@quittance/protocol';
import { silentLogger } from '../../../runtime/index.ts';
import type { FleetOptions } from '../../../sequencer/fleet/fleet.ts';
import { type FleetLedger, openFleetLedger } from '../../../sequencer/fleet/ledger/ledger.ts';
import { createFleetQueue } from '../../../sequencer/fleet/queue.ts';
import type { WorkerIdentity } from '../../../sequencer/fleet/types.ts';
import { createFleet, createFleetSummary, type Fleet, fleetStatus } from '../../../sequencer/index.ts';
import { statementAt } from '../../support/fleet/statements.ts';
import { createPerson } from '../../support/rollup/person.ts';
import { TERMS } from '../../support/sequencer/fake-assertions.ts';
import { createHarness, DUMMY_PROOF, type Harness, type HarnessOptions } from '../../support/sequencer/harness.ts';

const ROLLUP = { chainId: 31_337n, contract: `0x${'c0'.repeat(20)}` };
const WORKER: WorkerIdentity = { id: 'gpu', name: 'gpu', kind: 'own' };
const BY = { worker: WORKER, instance: 'machine' };
const alice = createPerson('alice');

describe('Sequencer: chunks that a fleet proves', () => {
  let harness: Harness;
  let fleet: Fleet;
  let ledger: FleetLedger | undefined;

  const start = async (changes: Partial<FleetOptions>, options: HarnessOptions = {}) => {
    harness = await createHarness({
      withFeeAccounts: false,
      ...options,
      fleet(directory, clock) {
        ledger?.close();
        ledger = openFleetLedger({ file: join(directory, 'fleet.db'), ...ROLLUP });
        fleet = createFleet({
          ...{ circuit: `0x${'ab'.repeat(32)}`, profile: { name: 'quick', slotsPerChunk: 16 }, ledger, clock },
          checker: { check: async (_, proof) => isDeepStrictEqual(proof, DUMMY_PROOF) },
          ...{ tokensFile: join(directory, 'provers.json'), logger: silentLogger, window: 8, localLeases: 0 },
          isMarket: false,
          ...changes,
        });
        return fleet;
      },
    });
  };
  afterEach(async () => {
    await harness.close();
    ledger?.close();
    ledger = undefined;
  });

  /** Has L1 request a deposit, and seals a batch with it. */
  const seal = async () => {
    const { sequencer, chain } = harness;
    const { priorityOperations, sealedBatch } = sequencer.status();
    chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 5n);
    await harness.until(() => sequencer.status().priorityOperations > priorityOperations, 'the deposit');
    await sequencer.sealNow();
    await harness.until(() => sequencer.status().sealedBatch > sealedBatch, 'the batch');
  };
  const stateOf = (batch: number) => harness.storage.batches.get(batch)?.state;

  it('wait for others where this process does not prove, over several batches', async () => {
    await start({}, { isProvenByOthers: true });
    await seal();
    await seal();
    await harness.until(() => fleet.dispatcher.openCount === 2, 'open chunks');
    assert.equal(stateOf(1), 'sealed');
    const [first, second] = [fleet.dispatcher.pick(BY)!, fleet.dispatcher.pick(BY)!];
    assert.deepEqual([first.statement.batch, second.statement.batch], [1, 2]);
    assert.equal(stateOf(1), 'proving');
    await fleet.deliver(BY, second.statement.id, DUMMY_PROOF);
    await harness.clock.advance(1_000);
    assert.equal(harness.sequencer.status().postedBatch, 0, 'batches are posted in order');
    assert.equal((await fleet.deliver(BY, first.statement.id, DUMMY_PROOF)).result, 'accepted');
    await harness.until(() => harness.sequencer.status().finalBatch === 2, 'finality');
    assert.equal(harness.prover.proven.length, 0);
    const { open, accepted, leads, p50Seconds } = fleetStatus(fleet, harness.clock);
    assert.deepEqual([open, accepted, leads], [0, 2, true]);
    assert.ok(p50Seconds !== null);
  });

  it('are proven by this process, too, whose failures stop nothing', async () => {
    await start({ localLeases: 1 });
    harness.prover.failNext(5);
    await seal();
    await harness.until(() => harness.sequencer.status().finalBatch === 1, 'finality');
    assert.equal(harness.sequencer.status().halted, undefined);
    const [local] = fleetStatus(fleet, harness.clock).workers;
    assert.deepEqual([local?.kind, local?.failures, local?.accepted], ['local', 5, 1]);
  });

  it('are given up by this process when another worker was quicker', async () => {
    await start({ localLeases: 1 });
    harness.prover.hold();
    await seal();
    await harness.until(() => fleet.dispatcher.leases.length === 1, 'a lease');
    const { statement } = fleet.dispatcher.leases[0]!;
    await fleet.deliver(BY, statement.id, DUMMY_PROOF);
    await harness.until(() => harness.sequencer.status().finalBatch === 1, 'finality');
    harness.prover.release();
    await seal();
    await harness.until(() => harness.sequencer.status().finalBatch === 2, 'finality');
    assert.equal(harness.prover.proven.length, 1);
  });

  it('are taken by a sequencer that was started since, under the lease of before', async () => {
    await start({}, { isProvenByOthers: true });
    await seal();
    await seal();
    await harness.until(() => fleet.dispatcher.openCount === 2, 'open chunks');
    const [first, second] = [fleet.dispatcher.pick(BY)!, fleet.dispatcher.pick(BY)!];
    await fleet.deliver(BY, second.statement.id, DUMMY_PROOF);
    const before = fleet;
    await harness.restart();
    assert.notEqual(fleet, before);
    await harness.until(() => fleet.desk?.isOpening === false, 'open chunks');
    assert.equal(before.desk, undefined);
    // What has its proof is not given out again.
    assert.equal(fleet.dispatcher.openCount, 1);
    assert.equal(fleet.dispatcher.heartbeat(first.id, first.statement.id, BY), true);
    assert.equal((await fleet.deliver(BY, second.statement.id, DUMMY_PROOF)).result, 'duplicate');
    assert.equal((await fleet.deliver(BY, first.statement.id, DUMMY_PROOF)).result, 'accepted');
    await harness.until(() => harness.sequencer.status().finalBatch === 2, 'finality');
    assert.equal(fleet.ledger.accepted.recordOf('gpu').accepted, 2);
  });

  it('are closed once their batch is final without them', async () => {
    await start({}, { isProvenByOthers: true, settings: { mode: 'hybrid' } });
    await seal();
    await harness.until(() => stateOf(1) === 'posted' && fleet.dispatcher.openCount === 1, 'the assertion');
    const { statement } = fleet.dispatcher.pick(BY)!;
    harness.chain.advanceTime(TERMS.challengePeriodSeconds);
    harness.chain.mine();
    await harness.until(() => stateOf(1) === 'final', 'finality');
    assert.equal(fleet.dispatcher.openCount, 0);
    await assert.rejects(fleet.deliver(BY, statement.id, DUMMY_PROOF), { code: 'STATEMENT_CLOSED' });
  });

  it('are proven again by others where L1 refuses what they delivered', async () => {
    await start({}, { isProvenByOthers: true });
    const { submitBatch } = harness.chain;
    let refusals = 0;
    Object.assign(harness.chain, {
      async submitBatch(...call: Parameters<typeof submitBatch>) {
        if (refusals > 0) return submitBatch(...call);
        refusals += 1;
        throw new RollupError('L1_REJECTED', 'the contract refused: InvalidProof', { error: 'InvalidProof' });
      },
    });
    await harness.restart();
    await seal();
    await harness.until(() => fleet.dispatcher.openCount === 1, 'the open chunk');
    const { statement } = fleet.dispatcher.pick(BY)!;
    // As a disk or a memory damages it after it was verified.
    const { put } = harness.storage.proofs;
    Object.assign(harness.storage.proofs, {
      put: (row: Parameters<typeof put>[0]) => put({ ...row, proof: { ...row.proof, a: [2n, 1n] } }),
    });
    await fleet.deliver(BY, statement.id, DUMMY_PROOF);
    Object.assign(harness.storage.proofs, { put });
    await harness.until(() => fleet.dispatcher.openCount === 1, 'the chunk once more');
    assert.equal(refusals, 1);
    assert.equal((await fleet.deliver(BY, statement.id, DUMMY_PROOF)).result, 'accepted');
    await harness.until(() => harness.sequencer.status().finalBatch === 1, 'finality');
  });

  it('are counted for everybody once a second at most', async () => {
    await start({}, { isProvenByOthers: true });
    const summary = createFleetSummary(fleet, harness.clock);
    const before = summary();
    fleet.dispatcher.open(statementAt(9, 0));
    assert.equal(summary(), before);
    await harness.clock.advance(1_000);
    assert.equal(summary().open, before.open + 1);
  });

  it('are closed before they were opened, all of them', async () => {
    await start({}, { isProvenByOthers: true });
    const opened: string[] = [];
    const dispatcher = Object.assign(Object.create(fleet.dispatcher) as Fleet['dispatcher'], {
      open: ({ id }: { id: string }) => void opened.push(id),
    });
    const { storage, clock } = harness;
    const queue = createFleetQueue({
      context: {
        storage: { ...storage, batches: { get: () => ({ headerHash: '0x00' }) }, proofs: { get: () => undefined } },
        ...{ config: {}, clock, logger: silentLogger, measurements: {}, halt: assert.ifError },
      } as never,
      fleet: {
        ...fleet,
        dispatcher: Object.assign(dispatcher, { close: () => undefined }),
        lead: () => () => undefined,
      },
      ...{ prover: undefined, isFirst: true, onProven: () => undefined },
    });
    const chunks = [0, 1, 2].map((chunk) => statementAt(1, chunk).job);
    queue.add(1, chunks as never);
    // The first was opened at once; the others wait for their turn.
    queue.close(1);
    await queue.stop();
    assert.equal(opened.length, 1);
  });

  it('need a prover of this process where there is no fleet', async () => {
    await assert.rejects(createHarness({ withFeeAccounts: false, isProvenByOthers: true }), { code: 'CONFIG_INVALID' });
    await start({}, { isProvenByOthers: true });
  });
});
