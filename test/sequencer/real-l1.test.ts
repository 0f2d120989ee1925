import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider, createRollupChain, translateChainError } from '@quittance/chain';
import { PROFILES } from '@quittance/protocol';
import { signIntent } from '@quittance/sdk';
import type { JsonRpcProvider } from 'ethers';
import { network } from 'hardhat';
import { startAnvil } from '../../cli/devnet/anvil.ts';
import { deployLocally } from '../../cli/devnet/deploy.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { type BatchProver, createSequencer, type Sequencer } from '../../sequencer/index.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createGroth16Simulator, createSimulatedProver } from '../support/contracts/groth16-simulator.ts';
import { type RollupContract, rollupAt } from '../support/contracts/types.ts';
import { depositFor } from '../support/l1/deposits.ts';
import { createPerson } from '../support/rollup/person.ts';
import { fastCrypto, requestOf } from '../support/sequencer/harness.ts';
import { until } from '../support/until.ts';

const CHAIN_ID = 31_337n;
const PRODUCER = 1;
const USER = 5;
const STUCK_AFTER_MS = 1_500;
const simulator = createGroth16Simulator('real-l1');

/** Proofs that the real contract accepts, without a circuit. */
const prover: BatchProver = createSimulatedProver(simulator);

async function startHardhat(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = await network.createServer('hardhat', '127.0.0.1');
  const { address, port } = await server.listen();
  return { url: `http://${address}:${port}`, stop: () => server.close() };
}

for (const [name, startL1, data] of [
  ['anvil', startAnvil, 'calldata'],
  ['anvil', startAnvil, 'blobs'],
  // It knows no transactions with blobs.
  ['Hardhat', startHardhat, 'calldata'],
] as const) {
  describe(`Sequencer: with the contracts on ${name}, data in ${data}`, () => {
    const form = data === 'blobs' ? 'coefficients' : 'calldata';
    const crypto = fastCrypto();
    const operator = createPerson('operator');
    const alice = createPerson('alice');
    let directory: string;
    let l1: { url: string; stop(): Promise<void> };
    let provider: JsonRpcProvider;
    let contract: RollupContract;
    let contractAddress: string;
    let storage: Storage;
    let sequencer: Sequencer;
    let userAddress: string;
    let deploymentBlock: number;

    const start = async (): Promise<void> => {
      storage = openStorage({ file: join(directory, 'sequencer.db') });
      const chain = createRollupChain({
        provider,
        chainId: CHAIN_ID,
        contract: contractAddress,
        signer: l1Wallet(PRODUCER).connect(provider),
        clock: systemClock,
        logger: silentLogger,
        transactions: { pollMs: 50, stuckAfterMs: STUCK_AFTER_MS },
      });
      sequencer = await createSequencer({
        config: {
          profile: PROFILES.quick,
          operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
          feeTokens: [{ tokenId: 0, minimumFee: 10n }],
          l1PollMs: 50,
          deploymentBlock,
          data,
        },
        chain,
        prover,
        ...(data === 'blobs' ? { kzg: await testKzg() } : {}),
        storage,
        clock: systemClock,
        crypto,
      });
    };
    const settle = async (): Promise<void> => {
      await sequencer.sealNow();
      await until(() => {
        const { halted, sealedBatch, finalBatch } = sequencer.status();
        if (halted !== undefined) throw halted;
        return sealedBatch === finalBatch;
      }, 'finality');
    };

    before(async function () {
      this.timeout(120_000);
      await createL1(); // compiles
      directory = mkdtempSync(join(tmpdir(), 'quittance-l1-'));
      l1 = await startL1();
      provider = createProvider({ url: l1.url, chainId: CHAIN_ID });
      const deployed = await deployLocally(provider, PROFILES.quick, simulator.verifyingKey, {
        blobsAllowed: data === 'blobs',
      });
      contractAddress = deployed.contract;
      deploymentBlock = deployed.block;
      const user = l1Wallet(USER).connect(provider);
      userAddress = await user.getAddress();
      contract = rollupAt(contractAddress, user);
      await start();
    });
    after(async () => {
      await sequencer?.stop();
      storage?.close();
      provider?.destroy();
      await l1?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it('brings deposits into the tree', async () => {
      await depositFor(contract, operator, 1_000n);
      await depositFor(contract, { ...alice, owner: BigInt(userAddress) }, 1_000_000n);
      await until(() => sequencer.status().priorityOperations === 2, 'the deposits');
      await settle();
      assert.equal(sequencer.queries.account(1, 'finalized')?.balance, 1_000_000n);
      const { form: chosen, inclusion } = storage.batches.last()!;
      const transaction = await provider.getTransaction(inclusion!.transactionHash);
      assert.deepEqual([chosen, transaction!.blobVersionedHashes?.length ?? 0], [form, data === 'blobs' ? 1 : 0]);
    });

    it('pays a withdrawal out with the proof that it gives', async () => {
      const signed = signIntent(
        alice.keyPair,
        sequencer.domain,
        {
          kind: 'withdraw',
          from: 1,
          account: { owner: BigInt(userAddress), tokenId: 0 },
          amount: 500n,
          fee: 10n,
          nonce: 0,
          validUntil: 0,
        },
        crypto.hasher,
      );
      await sequencer.submit(requestOf(signed));
      await settle();
      const { batch, withdrawal } = sequencer.queries.transfer(signed.id)!.placement!;
      const claim = sequencer.queries.withdrawal(batch, withdrawal!);
      const argument = { index: claim.index, ...claim.withdrawal, siblings: claim.siblings };
      await (await contract.claimWithdrawals(claim.header, [argument])).wait();
      assert.equal(await contract.isClaimed(batch, withdrawal), true);
      await assert.rejects(
        contract.claimWithdrawals(claim.header, [argument]).catch((error: unknown) => {
          throw translateChainError('claiming', error);
        }),
        (error: { code: string; data: { error: string } }) =>
          error.code === 'L1_REJECTED' && error.data.error === 'AlreadyClaimed',
      );
    });

    it('executes a forced exit in a batch of its own kind', async () => {
      const fee = await contract.priorityFee();
      await (await contract.requestExit(1, 0, { value: fee })).wait();
      await until(() => sequencer.status().priorityOperations === 3, 'the request');
      await settle();
      assert.equal(sequencer.queries.account(1, 'finalized')?.balance, 0n);
    });

    it('posts again what a reorg took away, after a restart too', async () => {
      const snapshot = (await provider.send('evm_snapshot', [])) as string;
      const before = sequencer.status().finalBatch;
      await depositFor(contract, { ...alice, owner: BigInt(userAddress) }, 77n);
      await until(() => sequencer.status().priorityOperations === 4, 'the deposit');
      await settle();
      await sequencer.stop();
      storage.close();
      await provider.send('evm_revert', [snapshot]);
      // The same deposit comes again, in another block.
      await provider.send('evm_mine', []);
      await depositFor(contract, { ...alice, owner: BigInt(userAddress) }, 77n);
      assert.equal((await contract.finalState())[0], BigInt(before));
      await start();
      await until(
        async () => {
          if (sequencer.status().halted !== undefined) throw sequencer.status().halted;
          return (await contract.finalState())[0] === BigInt(before + 1);
        },
        'the batch on L1',
        { explain: () => String(sequencer.status().trouble?.message) },
      );
      assert.equal(sequencer.queries.account(1, 'finalized')?.balance, 77n);
    });

    if (name === 'anvil') {
      it('gets a batch that is stuck in with higher fees, once', async function () {
        this.timeout(60_000);
        await depositFor(contract, { ...alice, owner: BigInt(userAddress) }, 5n);
        await until(() => sequencer.status().priorityOperations === 5, 'the deposit');
        const producer = l1Wallet(PRODUCER).address;
        const sentBefore = await provider.getTransactionCount(producer);
        await provider.send('evm_setAutomine', [false]);
        await sequencer.sealNow();
        const pendingFee = async (): Promise<bigint> => {
          const pool = (await provider.send('txpool_content', [])) as {
            pending: Record<string, Record<string, { maxFeePerGas: string }>>;
          };
          const own = Object.entries(pool.pending).find(
            ([account]) => account.toLowerCase() === producer.toLowerCase(),
          );
          return BigInt(Object.values(own?.[1] ?? {})[0]?.maxFeePerGas ?? 0);
        };
        let first = 0n;
        await until(async () => {
          first = await pendingFee();
          return first > 0n;
        }, 'the first offer');
        const least = data === 'blobs' ? 2n * first : (first * 125n) / 100n;
        await until(async () => (await pendingFee()) >= least, 'an offer with a higher fee');
        await provider.send('evm_setAutomine', [true]);
        await provider.send('evm_mine', []);
        await settle();
        assert.equal(await provider.getTransactionCount(producer), sentBefore + 1, 'one transaction is included');
        assert.equal(storage.batches.last()!.form, form);
      });
    }
  });
}
