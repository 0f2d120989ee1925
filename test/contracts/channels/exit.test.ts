/** The money of a channel on its way from the rollup to the parties, in common times and in the exodus; and what it costs. */

import {
  encodeRecord,
  L1_DEFAULTS,
  NOOP,
  packOwnerAndToken,
  RecordKind,
  type Withdrawal,
  withdrawalProof,
} from '@quittance/protocol';
import { expect } from 'chai';
import type { ContractTransactionResponse } from 'ethers';
import { secretOf } from '../../support/channels/secrets.ts';
import { BOND, type ChannelWorld, deployChannels, htlcOf, stateOf } from '../../support/channels/world.ts';
import { buildBatch, record, submit } from '../../support/contracts/batch.ts';
import { latestTime, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
/** docs/channels.md, Costs. */
const MOST_GAS = { lonelyClose: 450_000, challenge: 80_000, htlc: 15_000 };

const gasOf = async (sent: Promise<ContractTransactionResponse>): Promise<number> =>
  Number((await (await sent).wait())!.gasUsed);

describe('the exit of a channel', () => {
  const fixture = rollupFixture({}, async (world) => {
    const prepared = await deployChannels(world);
    await world.rollup.deposit(0, 1_000n, 1n, world.owner.address, { value: 1_000n + FEE });
    return prepared;
  });
  const it_ = (): ChannelWorld => fixture.prepared;

  it('is requested by the vault, which its account belongs to, for each account with the same fee', async () => {
    const { vault } = it_();
    const { rollup } = fixture.world;
    const sent = it_().close(stateOf(), { exits: [5, 9] });
    await sent;
    const due = (await latestTime(fixture.world)) + L1_DEFAULTS.priorityDelaySeconds;
    for (const [operation, index] of [
      [1, 5],
      [2, 9],
    ] as const) {
      const asked = encodeRecord({ ...NOOP.fields, kind: RecordKind.forcedExit, from: index });
      await expect(sent)
        .to.emit(rollup, 'PriorityRequested')
        .withArgs(operation, vault, asked, 0, BigInt(vault), 0, due, FEE);
    }
  });

  it('can be requested of further accounts once it is closed, by a party alone', async () => {
    const { channels, byA, byOther, terms, vault, a, b } = it_();
    const { bob } = fixture.world;
    await refuses(channels, byA.requestExits(terms, [5], { value: FEE }), 'NotClosing', vault);
    await it_().close(stateOf());
    await refuses(channels, byOther.requestExits(terms, [5], { value: FEE }), 'NotParty', bob.address, a, b);
    await refuses(channels, byA.requestExits(terms, [], { value: 1n }), 'WrongValue', 0, 1);
    await refuses(
      channels,
      byA.requestExits(terms, [5, 6], { value: 2n * FEE + 1n }),
      'WrongValue',
      2n * FEE,
      2n * FEE + 1n,
    );
    await refuses(fixture.world.rollup, byA.requestExits(terms, [5, 6], { value: FEE }), 'WrongValue', FEE, FEE / 2n);
    await byA.requestExits(terms, [5, 6], { value: 2n * FEE });
    expect((await fixture.world.rollup.queueState())[0]).to.equal(3n);
  });

  it('brings what the rollup pays to the vault, before it is deployed or after, and from there to the parties', async () => {
    const { world } = fixture;
    const { channels, terms, vault, a, b } = it_();
    const pays = async (amount: bigint, parent: typeof world.genesis) => {
      const withdrawals: Withdrawal[] = [{ ownerAndToken: packOwnerAndToken(BigInt(vault), 0), amount }];
      const [{ ownerAndToken }] = withdrawals as [Withdrawal];
      const chunks = [[record(RecordKind.withdraw, [0n, ownerAndToken, amount], 1)]];
      const built = buildBatch(world, { parent, time: await latestTime(world), chunks });
      await submit(world, built);
      const claim = { index: 0, ownerAndToken, amount, siblings: withdrawalProof(withdrawals, 0) };
      await world.rollup.claimWithdrawals(built.header, [claim]);
      return built.header;
    };
    const first = await pays(60n, world.genesis);
    await it_().close(stateOf({ claim: 45n }));
    await it_().endPeriod();
    await channels.settle(terms, stateOf({ claim: 45n }));
    await pays(40n, first);
    const paid = async (toB: boolean) => {
      const party = toB ? b : a;
      const before = await world.ethers.provider.getBalance(party);
      await channels.payout(terms, toB);
      return (await world.ethers.provider.getBalance(party)) - before;
    };
    expect([await paid(false), await paid(true)]).to.deep.equal([45n, 55n]);
  });

  it('gives fees that come back to who paid them', async () => {
    const { channels, terms, vault, b } = it_();
    await refuses(channels, channels.collectExitFees(terms), 'NotClosing', vault);
    await it_().close(stateOf(), { by: b, exits: [5] });
    await refuses(fixture.world.rollup, channels.collectExitFees(terms), 'NoFees', vault);
  });

  it('costs what it may', async () => {
    const { channels, terms, sign, byA, byB, preimages } = it_();
    const { world } = fixture;
    const state = stateOf({ claim: 5n });
    const value = BOND + FEE;
    const lonelyClose = await gasOf(byA.close(terms, state, sign(state), [5], { value }));
    const expiry = (await latestTime(world)) + 4_000;
    const htlcs = Array.from({ length: 64 }, (_, position) => htlcOf({ hash: secretOf(`${position}`).hash, expiry }));
    const snapshot = await world.l1.networkHelpers.takeSnapshot();
    const next = stateOf({ version: 2 });
    const challenge = await gasOf(byB.challenge(terms, next, sign(next)));
    await it_().endPeriod();
    const bare = await gasOf(channels.settle(terms, next));
    await snapshot.restore();
    const full = stateOf({ version: 2, htlcs });
    await byB.challenge(terms, full, sign(full));
    for (const [position] of htlcs.entries()) await preimages.reveal(secretOf(`${position}`).secret);
    await it_().endPeriod();
    const htlc = ((await gasOf(channels.settle(terms, full))) - bare) / 64;
    for (const [name, gas] of Object.entries({ lonelyClose, challenge, htlc })) {
      expect(gas, name).to.be.below(MOST_GAS[name as keyof typeof MOST_GAS]);
    }
  });
});
