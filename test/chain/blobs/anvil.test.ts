import { strict as assert } from 'node:assert';
import {
  createBeaconOrigin,
  createBlobSource,
  createProvider,
  createTransactionManager,
  EMPTY_BLOB,
  prepareBlob,
  type SidecarBlob,
  type TransactionManager,
} from '@quittance/chain';
import { BLOB_BYTES, type RollupError } from '@quittance/protocol';
import { HDNodeWallet, type JsonRpcProvider } from 'ethers';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import { randomBlob, testKzg } from '../../support/blobs/kzg.ts';
import { type Anvil, DEVELOPMENT_MNEMONIC, startAnvil } from '../../support/l1/anvil.ts';

/** Stores blobhash(0) and blobhash(1); reverts without a blob. */
const KEEPER = '0x6013' + '80600b6000396000f3' + '5f49806009575f5ffd5b5f5560014960015500';

describe('Chain: blobs on anvil', () => {
  let anvil: Anvil;
  let provider: JsonRpcProvider;
  let manager: TransactionManager;
  let blobs: SidecarBlob[];
  let keeper: string;

  before(async function () {
    this.timeout(120_000);
    anvil = await startAnvil();
    provider = createProvider({ url: anvil.url, chainId: 31_337n });
    const signer = HDNodeWallet.fromPhrase(DEVELOPMENT_MNEMONIC).connect(provider);
    manager = createTransactionManager({ provider, signer, clock: systemClock, logger: silentLogger, pollMs: 20 });
    keeper = (await (await signer.sendTransaction({ data: KEEPER })).wait())!.contractAddress!;
    const kzg = await testKzg();
    blobs = await Promise.all([1, 2].map((seed) => prepareBlob(kzg, randomBlob(`anvil ${seed}`))));
  });
  after(async () => {
    provider.destroy();
    await anvil.stop();
  });

  it('reach the contract by their hashes, and are read back', async function () {
    this.timeout(60_000);
    const { blockNumber, blobGasUsed } = await manager.send({ to: keeper, data: '0x', blobs });
    const versionedHashes = blobs.map(({ versionedHash }) => versionedHash);
    assert.equal(blobGasUsed, 2n * 131_072n);
    assert.deepEqual(
      await Promise.all([provider.getStorage(keeper, 0), provider.getStorage(keeper, 1)]),
      versionedHashes,
    );
    const { timestamp } = (await provider.getBlock(blockNumber))!;
    const origins = [createBeaconOrigin({ url: anvil.url })];
    const source = createBlobSource({ origins, kzg: await testKzg(), logger: silentLogger });
    const read = await source.getBlobs({ versionedHashes, blockNumber, timestamp });
    assert.deepEqual(
      read,
      blobs.map(({ blob }) => blob),
    );
    const other = { versionedHashes, blockNumber: blockNumber + 9, timestamp };
    await assert.rejects(source.getBlobs(other), (error: RollupError) => {
      assert.equal(error.code, 'BLOB_UNAVAILABLE');
      assert.equal(error.data['slot'], blockNumber + 9, 'anvil counts blocks, not slots');
      return true;
    });
  });

  it('are simulated with their hashes: a call that lacks them is not sent', async () => {
    const nonce = await provider.getTransactionCount(await providerAccount());
    await assert.rejects(manager.send({ to: keeper, data: '0x' }), { code: 'L1_REJECTED' });
    assert.equal(await provider.getTransactionCount(await providerAccount()), nonce);
    const withOne = await manager.estimate({ to: keeper, data: '0x', blobs: blobs.slice(0, 1) });
    assert.ok(withOne.gas > 21_000n);
  });

  it('of nothing but zeros are what a library makes of them, and L1 takes them', async () => {
    assert.deepEqual(await prepareBlob(await testKzg(), new Uint8Array(BLOB_BYTES)), EMPTY_BLOB);
    const { status, blobGasUsed } = await manager.send({
      to: await providerAccount(),
      data: '0x',
      blobs: [EMPTY_BLOB],
    });
    assert.deepEqual([status, blobGasUsed], [1, 131_072n]);
  });

  it('have a price', async () => {
    const { feePerGas, feePerBlobGas } = await manager.prices();
    assert.ok(feePerGas > 0n && feePerBlobGas! > 0n);
  });

  it('are replaced with doubled fees when they are stuck', async function () {
    this.timeout(60_000);
    await provider.send('evm_setAutomine', [false]);
    const signer = HDNodeWallet.fromPhrase(DEVELOPMENT_MNEMONIC).connect(provider);
    const hasty = createTransactionManager({
      ...{ provider, signer, clock: systemClock, logger: silentLogger, pollMs: 20 },
      stuckAfterMs: 300,
      maxReplacements: 2,
    });
    try {
      await assert.rejects(hasty.send({ to: keeper, data: '0x', blobs }), { code: 'TRANSACTION_STUCK' });
      const { pending } = (await provider.send('txpool_content', [])) as {
        pending: Record<string, Record<string, { maxFeePerBlobGas: string }>>;
      };
      const [transactions] = Object.values(pending);
      const [transaction, ...others] = Object.values(transactions!);
      assert.deepEqual(others, []);
      assert.equal(BigInt(transaction!.maxFeePerBlobGas), 8n, 'twice doubled from 2, twice the price of 1');
    } finally {
      await provider.send('evm_setAutomine', [true]);
      await provider.send('evm_mine', []);
    }
  });

  async function providerAccount(): Promise<string> {
    return HDNodeWallet.fromPhrase(DEVELOPMENT_MNEMONIC).getAddress();
  }
});
