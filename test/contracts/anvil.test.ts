import { rejects } from 'node:assert/strict';
import { createTransactionManager, prepareBlob } from '@quittance/chain';
import {
  addressText,
  headerHash,
  L1_DEFAULTS,
  PROFILES,
  packOwnerAndToken,
  RecordKind,
  withdrawalProof,
} from '@quittance/protocol';
import { expect } from 'chai';
import {
  type BaseContract,
  ContractFactory,
  HDNodeWallet,
  type InterfaceAbi,
  JsonRpcProvider,
  Mnemonic,
  NonceManager,
} from 'ethers';
import hre from 'hardhat';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import { blobOf, buildBatch, buildBlobBatch, record, submitArguments, transfer } from '../support/contracts/batch.ts';
import { createL1, readHeader, WITHOUT_OPTIMISTIC_MODE } from '../support/contracts/deployment.ts';
import { evmVerifyingKey } from '../support/contracts/evm-proof.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { linkedBytecode } from '../support/contracts/linked.ts';
import type { RollupContract } from '../support/contracts/types.ts';
import { type Anvil, DEVELOPMENT_MNEMONIC, startAnvil } from '../support/l1/anvil.ts';
import { loadVectors } from '../support/vectors.ts';

interface Precompile {
  readonly address: string;
  readonly vectors: readonly { readonly name: string; readonly input: string; readonly expected: string }[];
  readonly derived_must_fail?: readonly { readonly name: string; readonly input: string }[];
}
interface PrecompileVectors {
  readonly precompiles: Readonly<Record<'ecAdd' | 'ecMul' | 'ecPairing' | 'kzgPointEvaluation', Precompile>>;
}

type Call = (transaction: { to: string; data: string }) => Promise<string>;

describe('anvil as L1', () => {
  let anvil: Anvil;
  let provider: JsonRpcProvider;

  before(async () => {
    await createL1();
    anvil = await startAnvil();
    provider = new JsonRpcProvider(anvil.url, undefined, { polling: true, pollingInterval: 20, cacheTimeout: -1 });
  });
  after(async () => {
    provider.destroy();
    await anvil.stop();
  });

  const signer = (position: number) =>
    new NonceManager(
      HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(DEVELOPMENT_MNEMONIC), `m/44'/60'/0'/0/${position}`).connect(
        provider,
      ),
    );

  /** A rollup of the smallest profile. */
  const deployQuick = async () => {
    const [owner, producer] = [signer(0), signer(1)];
    const deployCode = async (name: string, abi: InterfaceAbi, parameters: unknown[]): Promise<BaseContract> => {
      // A library is linked and not called, and its ABI names types that ethers does not know.
      const bytecode = await linkedBytecode(name, async (library) => (await deployCode(library, [], [])).getAddress());
      const contract = await new ContractFactory(abi, bytecode, owner).deploy(...parameters);
      return contract.waitForDeployment();
    };
    const deploy = async (name: string, ...parameters: unknown[]) => {
      const { abi } = await hre.artifacts.readArtifact(name);
      return deployCode(name, abi, parameters);
    };
    const simulator = createGroth16Simulator('anvil');
    const verifier = await deploy('Groth16BatchVerifier', evmVerifyingKey(simulator.verifyingKey), true);
    const poseidon = await deploy('Poseidon4');
    const parameters = {
      owner: await owner.getAddress(),
      verifier: await verifier.getAddress(),
      poseidon: await poseidon.getAddress(),
      slotsPerChunk: PROFILES.quick.slotsPerChunk,
      maxChunks: PROFILES.quick.maxChunks,
      maxBatchAge: L1_DEFAULTS.maxBatchAgeSeconds,
      blobsAllowed: true,
      priorityDelay: L1_DEFAULTS.priorityDelaySeconds,
      priorityInterval: L1_DEFAULTS.priorityIntervalSeconds,
      livenessTimeout: L1_DEFAULTS.livenessTimeoutSeconds,
      exodusDelay: L1_DEFAULTS.exodusDelaySeconds,
      priorityFee: L1_DEFAULTS.priorityFeeWei,
      maxPriorityFee: L1_DEFAULTS.maxPriorityFeeWei,
      producers: [await producer.getAddress()],
      ...WITHOUT_OPTIMISTIC_MODE,
    };
    const rollup = (await deploy('Rollup', parameters)) as unknown as RollupContract;
    const deployment = { chainId: (await provider.getNetwork()).chainId, contract: await rollup.getAddress() };
    return { simulator, parameters, rollup, deployment, producer, genesis: await readHeader(rollup, 0) };
  };

  it('takes a deployment, a deposit, a batch with it and a withdrawal, and pays the claim', async () => {
    const { rollup, producer, genesis: parent, ...world } = await deployQuick();
    const receiver = HDNodeWallet.createRandom().address;
    const fee = L1_DEFAULTS.priorityFeeWei;
    await (await rollup.deposit(0, 1000n, 7n, receiver, { value: 1000n + fee })).wait();
    const ownerAndToken = packOwnerAndToken(BigInt(receiver), 0);
    const built = buildBatch(world, {
      parent,
      time: (await provider.getBlock('latest'))!.timestamp,
      chunks: [
        [
          record(RecordKind.deposit, [7n, ownerAndToken, 1000n]),
          record(RecordKind.withdraw, [0n, ownerAndToken, 400n]),
        ],
        [],
      ],
    });
    const { header, withdrawals } = built;
    const asProducer = rollup.connect(producer) as RollupContract;
    await (await asProducer.submitBatch(...submitArguments(built))).wait();
    expect(await rollup.headerHash(1)).to.equal(headerHash(header));

    const claim = { index: 0, ...withdrawals[0]!, siblings: withdrawalProof(withdrawals, 0) };
    await (await rollup.claimWithdrawals(header, [claim])).wait();
    expect(await provider.getBalance(receiver)).to.equal(400n);
  });

  it('takes a batch in a blob with the proofs of its cells, and refuses it with one more', async function () {
    this.timeout(120_000);
    const { rollup, genesis: parent, ...world } = await deployQuick();
    const kzg = await testKzg();
    const content = { parent, time: parent.time, chunks: [[transfer(1, 2), transfer(3, 4)], [transfer(5, 6)]] };
    const blob = await prepareBlob(kzg, blobOf(world, content));
    const { built, challenge } = buildBlobBatch(world, content, blob.versionedHash);
    const { proof } = await kzg.open(blob.blob, challenge);
    const opened = { ...built, opening: Buffer.concat([blob.commitment, proof]) };
    const manager = createTransactionManager({
      provider,
      signer: HDNodeWallet.fromPhrase(DEVELOPMENT_MNEMONIC, undefined, "m/44'/60'/0'/0/1").connect(provider),
      clock: systemClock,
      logger: silentLogger,
      pollMs: 20,
    });
    const call = {
      to: await rollup.getAddress(),
      data: rollup.interface.encodeFunctionData('submitBatch', submitArguments(opened)),
    };
    for (const blobs of [[], [blob, blob]]) {
      await rejects(manager.send({ ...call, blobs }), { code: 'L1_REJECTED' });
    }
    const { blobGasUsed } = await manager.send({ ...call, blobs: [blob] });
    expect(blobGasUsed).to.equal(131_072n);
    expect(await rollup.headerHash(1)).to.equal(headerHash(built.header));
  });

  describe('and Hardhat’s have the same precompiles:', () => {
    const lists: readonly [string, () => Promise<Call>][] = [
      ['anvil', async () => (transaction) => provider.call(transaction)],
      [
        'Hardhat',
        async () => {
          const { ethers } = await createL1();
          return (transaction) => ethers.provider.call(transaction);
        },
      ],
    ];
    for (const [l1, connect] of lists) {
      for (const name of ['ecAdd', 'ecMul', 'ecPairing', 'kzgPointEvaluation'] as const) {
        it(`${name} of ${l1} gives the results of the external vectors and refuses what must fail`, async () => {
          const { address, vectors, derived_must_fail } =
            loadVectors<PrecompileVectors>('evm_precompiles_bn254_kzg').precompiles[name];
          const call = await connect();
          const to = addressText(BigInt(address));
          for (const { name: title, input, expected } of vectors) {
            expect(await call({ to, data: `0x${input}` }), title).to.equal(`0x${expected}`);
          }
          for (const { name: title, input } of derived_must_fail ?? []) {
            const refused = await call({ to, data: `0x${input}` }).then(
              (result) => result === '0x',
              () => true,
            );
            expect(refused, title).to.equal(true);
          }
        });
      }
    }
  });
});
