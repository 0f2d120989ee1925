import { strict as assert } from 'node:assert';
import type { Intent, SignedTransfer } from '@quittance/sdk';
import type { DataChoice } from '../../sequencer/config.ts';
import { createPerson } from '../support/rollup/person.ts';
import { createHarness, type Harness, requestOf } from '../support/sequencer/harness.ts';
import { type CrashPlan, createCrashControl } from '../support/storage/crashing.ts';

const alice = createPerson('alice');
const bob = createPerson('bob');
const carol = createPerson('carol');

/** What the operator prefers after a crash. */
const OTHER = { calldata: 'blobs', blobs: 'calldata', auto: 'auto' } as const;

/** What a run ended with. */
interface Ending {
  readonly stateRoot: bigint;
  readonly commitCount: number;
  readonly hasCrashed: boolean;
  readonly transferCount: number;
  readonly finalBatch: number;
  readonly statuses: string[];
}

/**
 * Deposits, transfers of every kind, a forced exit and a seal by time, with a restart wherever the process dies.
 * Wallets repeat what was not acknowledged.
 */
async function play(data: DataChoice, plan?: CrashPlan): Promise<Ending> {
  const control = createCrashControl(...(plan === undefined ? [] : [plan]));
  const harness: Harness = await createHarness({
    wrapStorage: control.wrap,
    withFeeAccounts: false,
    blobsAllowed: true,
    settings: { data },
  });
  /** What a restart would choose for what it seals; what is sealed keeps its form. */
  let restarts = 0;
  const sent: SignedTransfer[] = [];

  /** Repeats a step on a restarted sequencer when the process dies in it. */
  const step = async (work: () => Promise<void>): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      try {
        await work();
        if (harness.sequencer.status().halted === undefined) return;
      } catch (error) {
        if (harness.sequencer.status().halted === undefined || attempt > 1) throw error;
      }
      restarts += 1;
      await harness.restart({ data: restarts % 2 === 0 ? data : OTHER[data] });
    }
  };
  const until = (condition: () => boolean): Promise<void> =>
    harness.until(() => harness.sequencer.status().halted !== undefined || condition());
  const settle = (): Promise<void> =>
    step(async () => {
      await harness.sequencer.sealNow();
      await until(() => {
        const { sealedBatch, finalBatch, openTransfers } = harness.sequencer.status();
        return openTransfers === 0 && sealedBatch === finalBatch;
      });
    });
  const deposit = async (person: typeof alice, amount: bigint): Promise<void> => {
    harness.chain.deposit(person.keyPair.publicKey.y, person.owner, 0, amount);
    const { requestedCount } = await harness.chain.queueState();
    await step(() => until(() => harness.sequencer.status().priorityOperations === requestedCount));
  };
  const send = async (person: typeof alice, intent: Intent): Promise<void> => {
    const signed = harness.sign(person, intent);
    sent.push(signed);
    await step(async () => {
      const ack = await harness.sequencer.submit(requestOf(signed));
      assert.equal(ack.id, signed.id);
    });
  };
  const common = { from: 1, amount: 100n, fee: 10n, validUntil: 0 };

  try {
    await deposit(harness.operator, 1_000n);
    await deposit(alice, 100_000n);
    await settle();
    await deposit(bob, 5_000n);
    const toBob = { kind: 'transfer' as const, to: 2, receiver: { keyY: bob.keyPair.publicKey.y, owner: bob.owner } };
    await send(alice, { ...common, ...toBob, nonce: 0 });
    await send(alice, {
      ...common,
      kind: 'transferToNew',
      receiver: { keyY: carol.keyPair.publicKey.y, owner: carol.owner },
      nonce: 1,
    });
    await send(bob, { ...common, kind: 'withdraw', account: { owner: bob.owner, tokenId: 0 }, from: 2, nonce: 0 });
    harness.chain.requestExit(bob.owner, 2, 0);
    await step(() => until(() => harness.sequencer.status().priorityOperations === 4));
    await send(alice, { ...common, ...toBob, nonce: 2 });
    await settle();
    await send(alice, { ...common, kind: 'withdraw', account: { owner: alice.owner, tokenId: 0 }, nonce: 3 });
    await settle();
    const { queries } = harness.sequencer;
    const posted = harness.chain.posted;
    assert.equal(posted.at(-1)?.stateRoot, queries.proof(0, 'finalized').stateRoot);
    assert.equal(harness.chain.submissionCount, posted.length, 'no batch is sent twice');
    return {
      stateRoot: posted.at(-1)!.stateRoot,
      commitCount: control.commitCount,
      hasCrashed: control.hasCrashed,
      transferCount: harness.storage.batches.range(1, 100).reduce((sum, { transferCount }) => sum + transferCount, 0),
      finalBatch: harness.sequencer.status().finalBatch,
      statuses: sent.map(({ id }) => queries.transfer(id)!.status),
    };
  } finally {
    await harness.close();
  }
}

for (const data of ['calldata', 'blobs'] as const) {
  describe(`Sequencer: crashes with data in ${data}`, () => {
    let reference: Ending;

    before(async () => {
      reference = await play(data);
    });

    it('finalizes every transfer once when nothing crashes', () => {
      assert.equal(reference.hasCrashed, false);
      assert.deepEqual(
        reference.statuses,
        Array.from({ length: 5 }, () => 'final'),
      );
      assert.equal(reference.transferCount, 5);
      assert.equal(reference.finalBatch, 4, 'the exit cuts its batch');
    });

    for (const when of ['before', 'after'] as const) {
      it(`ends in the same state when the process dies ${when} any of its commits`, async function () {
        this.timeout(240_000);
        for (let atCommit = 1; atCommit <= reference.commitCount; atCommit++) {
          let ending: Ending;
          try {
            ending = await play(data, { atCommit, when });
          } catch (error) {
            throw new Error(`commit ${atCommit}: ${(error as Error).message}`, { cause: error });
          }
          assert.equal(ending.hasCrashed, true, `commit ${atCommit} was reached`);
          assert.deepEqual(ending.statuses, reference.statuses, `commit ${atCommit}`);
          assert.equal(ending.transferCount, reference.transferCount, `commit ${atCommit}`);
          assert.equal(ending.stateRoot, reference.stateRoot, `commit ${atCommit}`);
        }
      });
    }
  });
}
