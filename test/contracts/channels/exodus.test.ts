/** A channel in the exodus of the rollup: its account leaves with a proof, what was not executed is given back. */

import {
  type Account,
  addressText,
  encodeRecord,
  FIELD_MODULUS,
  hashLeaf,
  L1_DEFAULTS,
  MerkleTree,
  NOOP,
  packOwnerAndToken,
  portableHasher,
  RecordKind,
  type StoredHeader,
} from '@quittance/protocol';
import { expect } from 'chai';
import { type ChannelWorld, deployChannels, stateOf } from '../../support/channels/world.ts';
import { buildBatch, record, submit } from '../../support/contracts/batch.ts';
import { latestTime, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const OVERDUE = L1_DEFAULTS.priorityDelaySeconds + L1_DEFAULTS.exodusDelaySeconds + 1;
const INDEX = 6;
const STATE = stateOf({ version: 3, claim: 40n });

describe('a channel in the exodus', () => {
  const fixture = rollupFixture({}, async (world) => {
    const channel = await deployChannels(world);
    const { rollup } = world;
    // The channel's account as a proven batch leaves it, with 100.
    await rollup.deposit(0, 100n, 1n, channel.vault, { value: 100n + FEE });
    const account: Account = {
      keyY: FIELD_MODULUS - 1n,
      owner: BigInt(channel.vault),
      tokenId: 0,
      nonce: 2,
      balance: 100n,
    };
    const tree = new MerkleTree(portableHasher);
    tree.setLeaf(INDEX, hashLeaf(portableHasher, account));
    const deposited = record(RecordKind.deposit, [1n, packOwnerAndToken(account.owner, 0), 100n], 0, INDEX);
    const built = buildBatch(world, {
      ...{ parent: world.genesis, time: await latestTime(world) },
      ...{ chunks: [[deposited]], roots: [tree.root] },
    });
    await submit(world, built);
    return { ...channel, account, tree, header: built.header };
  });
  type Prepared = ChannelWorld & { account: Account; tree: MerkleTree; header: StoredHeader };
  const it_ = (): Prepared => fixture.prepared;
  const balanceOf = (account: string): Promise<bigint> => fixture.world.ethers.provider.getBalance(account);
  const pass = (seconds: number) => fixture.world.l1.networkHelpers.time.increase(seconds);

  /** Nobody executes what was requested. */
  async function begin(): Promise<void> {
    await pass(OVERDUE);
    await fixture.world.rollup.activateExodus(it_().header);
  }

  /** Anybody takes the account out, to its vault. */
  function exit() {
    const { account, tree } = it_();
    const siblings = tree
      .path(INDEX)
      .reverse()
      .map((children, level) => children.filter((_, child) => child !== ((INDEX >> (2 * level)) & 3)));
    return fixture.world.rollup.exit(INDEX, { ...account, owner: addressText(account.owner) }, siblings);
  }

  /** What the vault asked of the rollup, or somebody for it, as it was requested. */
  function requested(kind: number, from: number, w0: bigint, w2: bigint) {
    const asked = encodeRecord({ ...NOOP.fields, kind, from });
    return [asked, w0, packOwnerAndToken(BigInt(it_().vault), 0), w2];
  }

  async function settle(): Promise<void> {
    await it_().endPeriod();
    await it_().channels.settle(it_().terms, STATE);
  }

  /** Pays both, in this order. @returns what they got. */
  async function payAll(order: readonly boolean[]) {
    const { channels, terms, a, b } = it_();
    const before = [await balanceOf(a), await balanceOf(b)] as const;
    for (const toB of order) await channels.payout(terms, toB);
    return [(await balanceOf(a)) - before[0], (await balanceOf(b)) - before[1]];
  }

  it('is closed in it without exit requests, and with some not at all', async () => {
    const { vault } = it_();
    await fixture.world.rollup.requestExit(0, 0, { value: FEE });
    await begin();
    await refuses(fixture.world.rollup, it_().close(STATE, { exits: [INDEX] }), 'ExodusActive');
    expect((await it_().channels.closeOf(vault)).periodEnd).to.equal(0n);
    await it_().close(STATE);
    await refuses(fixture.world.rollup, it_().byB.requestExits(it_().terms, [INDEX], { value: FEE }), 'ExodusActive');
    await exit();
    await settle();
    expect(await payAll([true, false])).to.deep.equal([40n, 60n]);
  });

  it('has its money in the vault that is not deployed, and is closed behind that', async () => {
    const { vault } = it_();
    await fixture.world.rollup.requestExit(0, 0, { value: FEE });
    await begin();
    await exit();
    expect(await balanceOf(vault)).to.equal(100n);
    await it_().close(STATE);
    await settle();
    expect(await payAll([false, true])).to.deep.equal([40n, 60n]);
  });

  it('that was closed before it leaves late, behind the settlement; its requests are given back with their fees', async () => {
    const { channels, terms, vault, a, b, byB } = it_();
    const { rollup } = fixture.world;
    await it_().close(STATE, { by: b, exits: [INDEX] });
    await settle();
    await refuses(channels, channels.payout(terms, true), 'NothingToPay', vault, b);
    await begin();
    await exit();
    expect(await payAll([true, false])).to.deep.equal([40n, 60n]);
    await rollup.reclaimOperation(1, [requested(RecordKind.forcedExit, INDEX, 0n, 0n)], 0);
    expect(await rollup.collectableFees(vault)).to.equal(FEE);
    const before = [await balanceOf(a), await balanceOf(b)] as const;
    await channels.collectExitFees(terms);
    expect([(await balanceOf(a)) - before[0], (await balanceOf(b)) - before[1]]).to.deep.equal([0n, FEE]);
    await refuses(rollup, byB.collectExitFees(terms), 'NoFees', vault);
    expect(await balanceOf(vault)).to.equal(0n);
  });

  it('is given back a deposit that was not executed, as money that comes late', async () => {
    const { channels, terms, vault, a } = it_();
    const { rollup } = fixture.world;
    await rollup.deposit(0, 25n, 1n, vault, { value: 25n + FEE });
    await begin();
    await exit();
    await it_().close(STATE);
    await settle();
    expect(await payAll([true, false])).to.deep.equal([40n, 60n]);
    await rollup.reclaimOperation(1, [requested(RecordKind.deposit, 0, 1n, 25n)], 0);
    expect(await payAll([true])).to.deep.equal([0n, 25n]);
    // Its fee has no payer that the contract knows.
    const before = await balanceOf(a);
    await channels.collectExitFees(terms);
    expect((await balanceOf(a)) - before).to.equal(FEE);
  });

  it('pays no account twice', async () => {
    await fixture.world.rollup.requestExit(0, 0, { value: FEE });
    await begin();
    await exit();
    await refuses(fixture.world.rollup, exit(), 'AlreadyExited', INDEX);
  });
});
