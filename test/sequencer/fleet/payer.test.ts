import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPair, float40, portableHasher, RollupError } from '@quittance/protocol';
import { silentLogger } from '../../../runtime/index.ts';
import { type FleetLedger, openFleetLedger, payeeText } from '../../../sequencer/fleet/ledger/ledger.ts';
import { requireReward, rewardAt } from '../../../sequencer/fleet/rewards/amount.ts';
import { payOnce } from '../../../sequencer/fleet/rewards/payer.ts';
import type { Purse } from '../../../sequencer/fleet/rewards/purse.ts';
import { type RewardTransfer, signReward } from '../../../sequencer/fleet/rewards/transfer.ts';
import type { TransferStatus } from '../../../sequencer/index.ts';

const OPERATOR = createKeyPair(new Uint8Array(32).fill(3));
const PAYEES = [1n, 2n, 3n].map((owner) => ({
  keyY: createKeyPair(new Uint8Array(32).fill(Number(owner))).publicKey.y,
  owner,
}));
const ROLLUP = { chainId: 31_337n, contract: `0x${'c0'.repeat(20)}` };

/** A rollup of one account: what was taken is in its log, by id. */
function createBank() {
  const log = new Map<bigint, { reward: RewardTransfer; status: TransferStatus }>();
  const signed = new Map<bigint, RewardTransfer>();
  const bank = {
    balance: 1_000_000n,
    nonce: 0,
    fee: 10n,
    final: 10,
    ownWork: new Set<number>(),
    /** Called with each transfer before it is taken; what it throws refuses it. */
    before: (_: RewardTransfer): void => undefined,
    /** Likewise behind it: the answer is lost. */
    after: (_: RewardTransfer): void => undefined,
    log,
    paidTo: (owner: bigint) =>
      [...log.values()]
        .filter(({ reward, status }) => reward.payee.owner === owner && status !== 'dropped')
        .reduce((sum, { reward }) => sum + reward.amount, 0n),
  };
  const purse: Purse = {
    account: () => ({ index: 7, nonce: bank.nonce, balance: bank.balance }),
    fee: () => bank.fee,
    indexOf: () => undefined,
    sign(reward) {
      const made = signReward(OPERATOR, 5n, reward, portableHasher);
      signed.set(made.id, reward);
      return made;
    },
    async send(request) {
      const found = [...signed].findLast(([, reward]) => reward.nonce === request.nonce && reward.fee === request.fee)!;
      const [id, reward] = found;
      bank.before(reward);
      const known = log.get(id);
      if (known === undefined) {
        if (reward.nonce !== bank.nonce)
          throw new RollupError('NONCE_USED', 'used', { expected: bank.nonce, actual: reward.nonce });
        if (reward.fee < bank.fee)
          throw new RollupError('FEE_TOO_LOW', 'low', { expected: bank.fee, actual: reward.fee });
        log.set(id, { reward, status: 'pending' });
        bank.nonce += 1;
        bank.balance -= reward.amount + reward.fee;
      }
      bank.after(reward);
      return { id, sequence: 1, status: 'pending' };
    },
    statusOf: (id) => log.get(id)?.status,
    findPaid: ({ batch, payee: { owner }, amount }) =>
      [...log].find(
        ([, { reward, status }]) =>
          reward.batch === batch && reward.payee.owner === owner && reward.amount >= amount && status !== 'dropped',
      )?.[0],
    takerOf(_, nonce) {
      const found = [...log].find(([, { reward, status }]) => reward.nonce === nonce && status !== 'dropped');
      return found && { id: found[0], amount: found[1].reward.amount };
    },
    isOwnWork: (batch) => bank.ownWork.has(batch),
    finalBatch: () => bank.final,
  };
  return { bank, purse };
}

describe('rewards of provers', () => {
  let folder: string;
  let ledger: FleetLedger;
  let bank: ReturnType<typeof createBank>['bank'];
  let purse: Purse;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-payer-'));
    ledger = openFleetLedger({ file: join(folder, 'fleet.db'), ...ROLLUP });
    ({ bank, purse } = createBank());
  });
  afterEach(() => {
    ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const accept = (batch: number, chunk: number, payee: number, amount = 100n) =>
    ledger.commit(() =>
      ledger.accepted.add({
        ...{ statement: `${batch}/${chunk}`, batch, chunk, worker: 'w', acceptedMs: 1 },
        owed: { payee: payeeText(PAYEES[payee]!), tokenId: 0, amount },
      }),
    );
  const pay = () => payOnce({ ledger, purse, logger: silentLogger });
  /** As after a crash: the ledger is what its file says. */
  const reopen = () => {
    ledger.close();
    ledger = openFleetLedger({ file: join(folder, 'fleet.db'), ...ROLLUP });
  };

  it('are one transfer a batch and payee, once the batch is final', async () => {
    accept(10, 0, 0);
    accept(10, 1, 1);
    accept(10, 2, 0, 50n);
    accept(11, 0, 0);
    await pay();
    assert.deepEqual([1n, 2n].map(bank.paidTo), [150n, 100n]);
    assert.equal(ledger.payments.paid(0), 250n);
    assert.equal(ledger.accepted.owed(0), 100n);
    await pay();
    assert.equal(bank.log.size, 2);
    for (const entry of bank.log.values()) entry.status = 'final';
    await pay();
    assert.equal(ledger.payments.unfinished(9).length, 0);
    bank.final = 11;
    await pay();
    assert.equal(bank.paidTo(1n), 250n);
    assert.equal(ledger.accepted.owed(0), 0n);
  });

  it('count the first proof of a statement only', () => {
    accept(10, 0, 0);
    accept(10, 0, 1);
    assert.equal(ledger.accepted.owed(0), 100n);
    assert.equal(ledger.accepted.recordOf('w').accepted, 1);
  });

  const crash = () => {
    throw new Error('killed');
  };
  for (const [when, hook] of [
    ['before it was sent', 'before'],
    ['when the answer was lost', 'after'],
  ] as const) {
    it(`are paid once by a process that was killed ${when}`, async () => {
      accept(10, 0, 0);
      bank[hook] = crash;
      await assert.rejects(pay(), /killed/);
      reopen();
      bank[hook] = () => undefined;
      await pay();
      await pay();
      assert.equal(bank.paidTo(1n), 100n);
      assert.equal(bank.log.size, 1);
    });
  }

  it('are paid again with another nonce when another transfer took theirs', async () => {
    accept(10, 0, 0);
    bank.before = (reward) => {
      bank.log.set(99n, { reward: { ...reward, batch: 77, amount: 7n, payee: PAYEES[2]! }, status: 'pending' });
      bank.nonce += 1;
      bank.before = () => undefined;
    };
    await assert.rejects(pay(), { code: 'NONCE_USED' });
    assert.equal(bank.paidTo(1n), 0n);
    await pay();
    assert.equal(bank.paidTo(1n), 100n);
    assert.equal(ledger.payments.unfinished(1)[0]?.nonce, 1);
  });

  it('are signed anew with the same nonce when fees have risen', async () => {
    accept(10, 0, 0);
    bank.before = () => {
      bank.fee = 20n;
    };
    await assert.rejects(pay(), { code: 'FEE_TOO_LOW' });
    await pay();
    assert.equal(bank.paidTo(1n), 100n);
    assert.equal(bank.log.size, 1);
  });

  for (const state of ['signed', 'sent'] as const) {
    it(`count as paid when they were ${state} and the log, made anew from L1, lacks what used their nonce`, async () => {
      accept(10, 0, 0);
      await pay();
      const payment = ledger.payments.unfinished(1)[0]!;
      ledger.commit(() => ledger.payments.put({ ...payment, state }));
      // Executed: the nonce is used. Of a proven batch L1 keeps neither ids nor references.
      bank.log.clear();
      await pay();
      await pay();
      assert.equal(bank.log.size, 0, 'nothing is sent again');
      assert.equal(ledger.payments.get(payment)?.state, 'paid');
      assert.equal(ledger.accepted.owed(0), 0n);
      // Others are paid all the same.
      accept(10, 1, 1);
      await pay();
      assert.equal(bank.paidTo(2n), 100n);
    });
  }

  it('count as paid when the log has them without their reference, as they were signed with another fee', async () => {
    accept(10, 0, 0);
    await pay();
    const [[id, entry]] = [...bank.log] as [[bigint, { reward: RewardTransfer; status: TransferStatus }]];
    bank.log.set(id, { ...entry, reward: { ...entry.reward, batch: 77 } });
    const payment = ledger.payments.unfinished(1)[0]!;
    ledger.commit(() => ledger.payments.put({ ...payment, transferId: 1n, state: 'signed' }));
    await pay();
    await pay();
    assert.equal(bank.log.size, 1);
    assert.equal(ledger.payments.get(payment)?.state, 'paid');
  });

  it('are paid again when their transfer was dropped', async () => {
    accept(10, 0, 0);
    await pay();
    const [id] = [...bank.log.keys()];
    bank.log.get(id!)!.status = 'dropped';
    bank.nonce = 0;
    bank.fee = 11n; // another transfer, since one with the same id is known
    await pay();
    await pay();
    assert.equal(bank.paidTo(1n), 100n);
  });

  it('are found in the log where another node paid them, or the ledger was lost', async () => {
    accept(10, 0, 0);
    await pay();
    ledger.close();
    ledger = openFleetLedger({ file: join(folder, 'another.db'), ...ROLLUP });
    accept(10, 0, 0);
    await pay();
    assert.equal(bank.log.size, 1);
    assert.equal(ledger.accepted.owed(0), 0n);
  });

  it('are found in the log where one with another nonce was written down after it', async () => {
    accept(10, 0, 0);
    await pay();
    const payment = ledger.payments.unfinished(1)[0]!;
    ledger.commit(() => ledger.payments.put({ ...payment, transferId: 1n, nonce: 1, state: 'signed' }));
    await pay();
    assert.equal(bank.log.size, 1);
    assert.equal(ledger.payments.unfinished(1)[0]?.transferId, payment.transferId);
  });

  it('wait while the account cannot pay them, and those behind them with them', async () => {
    accept(9, 0, 0);
    bank.balance = 109n;
    await pay();
    assert.equal(bank.log.size, 0);
    bank.balance = 110n;
    await pay();
    assert.equal(bank.paidTo(1n), 100n);
  });

  it('of batches of nothing but rewards wait for others, so that they do not keep the rollup busy', async () => {
    accept(9, 0, 0);
    bank.ownWork.add(9);
    await pay();
    assert.equal(bank.log.size, 0);
    accept(10, 0, 1);
    await pay();
    assert.deepEqual([1n, 2n].map(bank.paidTo), [100n, 100n]);
  });

  it('are given up for a payee who cannot be paid, and others are paid', async () => {
    accept(9, 0, 0);
    accept(10, 0, 1);
    bank.before = ({ payee }) => {
      if (payee.owner === 1n) throw new RollupError('INVALID_KEY', 'no key');
    };
    await pay();
    await pay();
    assert.deepEqual([1n, 2n].map(bank.paidTo), [0n, 100n]);
  });

  it('grow by themselves every ten minutes, up to four times, and are amounts that a transfer can state', () => {
    const reward = { tokenId: 0, amount: 1_000_000_007n * 10n ** 9n };
    const at = (ageMs: number) => rewardAt(reward, ageMs).amount;
    assert.equal(at(0), reward.amount);
    assert.equal(at(600_000), 2n * reward.amount);
    assert.equal(at(1_800_000), 4n * reward.amount);
    assert.equal(at(1e12), 4n * reward.amount);
    assert.equal(at(-5), reward.amount);
    for (let age = 1; age < 50; age += 7) assert.ok(float40.isRepresentable(at(age)));
    for (const amount of [0n, 2n ** 35n + 1n]) {
      assert.throws(() => requireReward({ tokenId: 0, amount }), { code: 'CONFIG_INVALID' });
    }
  });

  it('belong to one rollup', () => {
    const file = join(folder, 'fleet.db');
    ledger.close();
    assert.throws(() => openFleetLedger({ file, ...ROLLUP, chainId: 1n }), { code: 'DATABASE_FOREIGN' });
    reopen();
  });
});
