import {
  type Account,
  addressText,
  hashLeaf,
  L1_DEFAULTS,
  MerkleTree,
  packOwnerAndToken,
  portableHasher,
  type RecordData,
  RecordKind,
  type StoredHeader,
  type Withdrawal,
  withdrawalProof,
} from '@quittance/protocol';
import { expect } from 'chai';
import { buildBatch, record, submit } from '../support/contracts/batch.ts';
import { deployContract, fixtureOf, latestTime } from '../support/contracts/deployment.ts';
import { deployTwo, moveProof, moveProofs, type TwoRollups } from '../support/contracts/moves.ts';
import { connectedTo, type RollupContract } from '../support/contracts/types.ts';
import { createRandom, propertySeed, type Random } from '../support/property/random.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const STEPS = 60;
const TOKEN_COUNT = 2;

/** What should be true of the contract: queue, accounts, withdrawals, all in plain lists. */
class Model {
  readonly tree = new MerkleTree(portableHasher);
  readonly accounts: Account[] = [];
  readonly queue: { operation: RecordData; owner: string }[] = [];
  readonly finals: { header: StoredHeader; withdrawals: Withdrawal[]; unclaimed: Set<number> }[] = [];
  executed = 0;
  header: StoredHeader;

  constructor(genesis: StoredHeader) {
    this.header = genesis;
  }

  write(index: number, account: Account): void {
    this.accounts[index] = account;
    this.tree.setLeaf(index, hashLeaf(portableHasher, account));
  }

  /** Balances, waiting deposits and unclaimed withdrawals of a token. */
  total(tokenId: number): bigint {
    const isOf = (ownerAndToken: bigint) => Number(ownerAndToken >> 160n) === tokenId;
    const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
    const waiting = this.queue
      .slice(this.executed)
      .filter(({ operation: { fields, words } }) => fields.kind === RecordKind.deposit && isOf(words[1]!))
      .map(({ operation }) => operation.words[2]!);
    const unclaimed = this.finals.flatMap(({ withdrawals, unclaimed }) =>
      [...unclaimed].map((index) => withdrawals[index]!).filter(({ ownerAndToken }) => isOf(ownerAndToken)),
    );
    return (
      sum(this.accounts.filter((account) => account.tokenId === tokenId).map(({ balance }) => balance)) +
      sum(waiting) +
      sum(unclaimed.map(({ amount }) => amount))
    );
  }
}

/** Executes the next operations of the queue and some withdrawals and moves, as an honest producer would. */
function nextRecords(model: Model, random: Random, slots: number, destination: number): RecordData[] {
  const records: RecordData[] = [];
  const waiting = model.queue.length - model.executed;
  for (let count = random.below(Math.min(waiting, slots) + 1); count > 0; count -= 1) {
    const { operation } = model.queue[model.executed]!;
    model.executed += 1;
    const [keyY, ownerAndToken, amount] = operation.words as [bigint, bigint, bigint];
    if (operation.fields.kind === RecordKind.deposit) {
      const to = model.accounts.length;
      const owner = ownerAndToken & ((1n << 160n) - 1n);
      model.write(to, { keyY, owner, tokenId: Number(ownerAndToken >> 160n), nonce: 0, balance: amount });
      records.push({ ...operation, fields: { ...operation.fields, to } });
    } else {
      const account = model.accounts[operation.fields.from];
      const isOwn = account !== undefined && packOwnerAndToken(account.owner, account.tokenId) === ownerAndToken;
      if (isOwn) model.write(operation.fields.from, { ...account, balance: 0n });
      records.push({ ...operation, words: [0n, ownerAndToken, isOwn ? account.balance : 0n] });
    }
  }
  while (records.length < slots && random.chance(0.6)) {
    const index = random.below(model.accounts.length + 1);
    const account = model.accounts[index];
    if (account === undefined || account.balance === 0n) continue;
    const amount = 1n + (random.bits(64) % account.balance);
    model.write(index, { ...account, nonce: account.nonce + 1, balance: account.balance - amount });
    const ownerAndToken = packOwnerAndToken(account.owner, account.tokenId);
    records.push(
      random.chance(0.5)
        ? record(RecordKind.withdraw, [0n, ownerAndToken, amount], index)
        : record(RecordKind.move, [random.fieldElement(), ownerAndToken, amount], index, destination),
    );
  }
  return records;
}

describe('conservation', () => {
  const prepare = async ({ ethers, rollup, there, owner }: TwoRollups) => {
    const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
    for (const target of [rollup, there]) await target.registerToken(await token.getAddress());
    await token.mint(owner.address, 10n ** 30n);
    await token.approve(await rollup.getAddress(), 10n ** 30n);
    return { token };
  };
  const fixture = fixtureOf(() => deployTwo({ slotsPerChunk: 6, maxChunks: 2 }), prepare);

  const balances = async ({ ethers }: TwoRollups, contract: RollupContract): Promise<bigint[]> => {
    const address = await contract.getAddress();
    const tokens = await fixture.prepared.token.balanceOf(address);
    return [await ethers.provider.getBalance(address), tokens];
  };

  it(`holds after every deposit, exit request, batch, move and claim, and the exodus pays out to the last unit (seed ${propertySeed()})`, async () => {
    const { world } = fixture;
    const { rollup, alice, bob, producer } = world;
    const random = createRandom(propertySeed());
    const model = new Model(world.genesis);
    const { there, destination } = world;
    let fees = 0n;
    /** What was moved, by token, and the fees that came along. */
    const moved = [0n, 0n];
    let moveFees = 0n;

    const deposit = async () => {
      const owner = random.pick([alice, bob]).address;
      const tokenId = random.below(TOKEN_COUNT);
      const [amount, keyY] = [1n + random.bits(40), random.fieldElement()];
      await rollup.deposit(tokenId, amount, keyY, owner, { value: FEE + (tokenId === 0 ? amount : 0n) });
      const words = [keyY, packOwnerAndToken(BigInt(owner), tokenId), amount];
      model.queue.push({ operation: record(RecordKind.deposit, words), owner });
      fees += FEE;
    };
    const requestExit = async () => {
      const signer = random.pick([alice, bob]);
      const [index, tokenId] = [random.below(model.accounts.length + 2), random.below(TOKEN_COUNT)];
      await connectedTo(rollup, signer).requestExit(index, tokenId, { value: FEE });
      const words = [0n, packOwnerAndToken(BigInt(signer.address), tokenId), 0n];
      model.queue.push({ operation: record(RecordKind.forcedExit, words, index), owner: signer.address });
      fees += FEE;
    };
    const batch = async () => {
      const records = nextRecords(model, random, world.parameters.slotsPerChunk, destination);
      const built = buildBatch(world, {
        parent: model.header,
        time: await latestTime(world),
        chunks: [records],
        roots: [model.tree.root],
      });
      await submit(world, built);
      model.header = built.header;
      const { header, withdrawals } = built;
      model.finals.push({ header, withdrawals, unclaimed: new Set(withdrawals.keys()) });
    };
    const claim = async (all = false) => {
      for (const { header, withdrawals, unclaimed } of model.finals) {
        const chosen = [...unclaimed].filter(() => all || random.chance(0.3));
        if (chosen.length === 0) continue;
        const plain = chosen.filter((index) => withdrawals[index]!.move === undefined);
        const proofs = plain.map((index) => {
          const { ownerAndToken, amount } = withdrawals[index]!;
          return { index, ownerAndToken, amount, siblings: withdrawalProof(withdrawals, index) };
        });
        await rollup.claimWithdrawals(header, proofs);
        for (const signer of [alice, bob]) {
          const own = chosen.filter(
            (index) => !plain.includes(index) && isOwnedBy(signer.address, withdrawals[index]!),
          );
          const moves = own.map((index) => moveProof(withdrawals, index));
          await connectedTo(rollup, signer).claimMoves(header, destination, moves);
        }
        for (const index of chosen) unclaimed.delete(index);
      }
    };
    const isOwnedBy = (owner: string, { ownerAndToken }: Withdrawal) =>
      (ownerAndToken & ((1n << 160n) - 1n)) === BigInt(owner);
    const move = async () => {
      for (const { header, withdrawals, unclaimed } of model.finals) {
        for (const tokenId of [0, 1]) {
          const chosen = [...unclaimed].filter((index) => {
            const { move, ownerAndToken } = withdrawals[index]!;
            return move !== undefined && Number(ownerAndToken >> 160n) === tokenId && random.chance(0.4);
          });
          if (chosen.length === 0) continue;
          const value = BigInt(chosen.length) * FEE;
          await rollup.executeMoves(header, destination, moveProofs(withdrawals, chosen), { value });
          for (const index of chosen) {
            unclaimed.delete(index);
            moved[tokenId]! += withdrawals[index]!.amount;
          }
          moveFees += value;
        }
      }
    };
    const collect = async (signer = producer) => {
      const amount = await rollup.collectableFees(signer.address);
      if (amount === 0n) return;
      await connectedTo(rollup, signer).collectFees();
      fees -= amount;
    };
    const check = async () => {
      const [ether, tokens] = await balances(world, rollup);
      expect(await Promise.all([there.trackedTotal(0), there.trackedTotal(1)])).to.deep.equal(moved);
      expect(await balances(world, there)).to.deep.equal([moved[0]! + moveFees, moved[1]]);
      expect(await rollup.trackedTotal(0)).to.equal(model.total(0));
      expect(await rollup.trackedTotal(1)).to.equal(model.total(1));
      expect(ether).to.equal(model.total(0) + fees);
      expect(tokens).to.equal(model.total(1));
    };

    for (let step = 0; step < STEPS; step += 1) {
      await random.pick([deposit, deposit, requestExit, batch, batch, claim, move, move, collect])();
      await check();
    }
    await deposit();
    await requestExit();

    await world.l1.networkHelpers.time.increase(
      L1_DEFAULTS.priorityDelaySeconds + L1_DEFAULTS.exodusDelaySeconds + STEPS * 10,
    );
    await rollup.activateExodus(model.header);
    for (const [index, { keyY, owner, tokenId, nonce, balance }] of model.accounts.entries()) {
      const siblings = model.tree
        .path(index)
        .reverse()
        .map((children, level) => children.filter((_, child) => child !== ((index >> (2 * level)) & 3)));
      const address = addressText(owner);
      await rollup.exit(index, { keyY, owner: address, tokenId, nonce, balance }, siblings);
    }
    for (let id = model.executed; id < model.queue.length; id += 1) {
      const { fields, words } = model.queue[id]!.operation;
      const operation = [(BigInt(fields.kind) << 120n) | (BigInt(fields.from) << 88n), ...words];
      await rollup.reclaimOperation(id, [operation], 0);
    }
    await claim(true);
    for (const signer of [producer, alice, bob]) await collect(signer);
    expect(await balances(world, rollup)).to.deep.equal([0n, 0n]);
    expect(await balances(world, there)).to.deep.equal([moved[0]! + moveFees, moved[1]]);
    expect(moved[0]! + moved[1]! > 0n).to.equal(true);
  });
});
