/** Accounts whose key an external signer has: what it answers is checked before anything is sent. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { hexlify, Transaction, type TransactionLike, Wallet } from 'ethers';
import { openAccount } from '../../cli/l1/account.ts';
import { openExternalSigner } from '../../cli/l1/external-signer.ts';
import { openRollupKey } from '../../cli/l1/rollup-key.ts';
import { createOutput } from '../../cli/process/output.ts';
import { assertRejects } from '../support/assertions.ts';
import { type SignerFaults, startExternalSigner } from '../support/l1/external-signer.ts';
import type { RpcStub } from '../support/l1/rpc-stub.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';

const owner = new Wallet(`0x${'11'.repeat(32)}`);
const other = new Wallet(`0x${'22'.repeat(32)}`);
const CONTRACT = '0x00000000000000000000000000000000000000c0';
const deployment = { chainId: 31_337n, contract: CONTRACT };
const silent = createOutput({ json: false, quiet: true, color: false, stdout: () => {}, stderr: () => {} });
const COMMON = { chainId: 31_337, to: CONTRACT, nonce: 7, gasLimit: 90_000, value: 3n, data: '0x1234' } as const;
const FEES = { maxFeePerGas: 20n, maxPriorityFeePerGas: 2n } as const;
const BLOB = new Uint8Array(131_072);

/** One of each kind that is sent here. */
const transactions: Readonly<Record<string, TransactionLike>> = {
  'without a fee market': { ...COMMON, type: 0, gasPrice: 20n },
  'with a fee market': { ...COMMON, ...FEES, type: 2 },
  'that makes a contract': { ...COMMON, ...FEES, type: 2, to: null },
  'with blobs': {
    ...{ ...COMMON, ...FEES, type: 3, maxFeePerBlobGas: 5n },
    blobVersionedHashes: [`0x01${'ab'.repeat(31)}`],
    blobs: [{ data: hexlify(BLOB), commitment: `0x${'c1'.repeat(48)}`, proof: `0x${'d1'.repeat(48)}` }],
  },
};

describe('CLI: an external signer', () => {
  const started: RpcStub[] = [];
  const start = async (wallets: readonly Wallet[], faults?: SignerFaults): Promise<string> => {
    const signer = await startExternalSigner(wallets, faults);
    started.push(signer);
    return signer.url;
  };
  const open = async (faults?: SignerFaults) => openExternalSigner(await start([owner], faults), undefined);
  afterEach(async () => {
    for (const signer of started.splice(0)) await signer.stop();
  });

  for (const [kind, transaction] of Object.entries(transactions)) {
    for (const isLikeGeth of [false, true]) {
      it(`signs a transaction ${kind} as its key at hand would${isLikeGeth ? ', answering as geth does' : ''}`, async () => {
        const signer = await open({ isLikeGeth });
        assert.equal(signer.address, owner.address);
        const signed = await signer.signTransaction(Transaction.from(transaction));
        assert.equal(signed, await owner.signTransaction(Transaction.from(transaction)));
      });
    }
  }

  for (const [field, change] of Object.entries<(transaction: Transaction) => void>({
    to: (transaction) => {
      transaction.to = other.address;
    },
    value: (transaction) => {
      transaction.value += 1n;
    },
    data: (transaction) => {
      transaction.data = '0x1235';
    },
    nonce: (transaction) => {
      transaction.nonce += 1;
    },
    'the fee': (transaction) => {
      transaction.maxFeePerGas = 21n;
    },
    'the chain': (transaction) => {
      transaction.chainId = 1n;
    },
  })) {
    it(`is refused when it changes ${field} of a transaction`, async () => {
      const signer = await open({ change });
      await assertRejects(
        signer.signTransaction(Transaction.from(transactions['with a fee market']!)),
        'SIGNER_MISMATCH',
      );
    });
  }

  it('gives the same rollup key as the key at hand', async () => {
    const signer = await open();
    const [elsewhere, here] = await Promise.all([
      openRollupKey(undefined, signer, deployment, silent),
      openRollupKey(undefined, owner, deployment, silent),
    ]);
    assert.deepEqual(elsewhere.publicKey, here.publicKey);
  });

  it('gives no rollup key when it signs one text in another way each time', async () => {
    const signer = await open({ isRandom: true });
    await assertRejects(openRollupKey(undefined, signer, deployment, silent), 'SIGNER_MISMATCH');
  });

  it('is asked for an account: its only one, or the one that was named', async () => {
    await assertRejects(openExternalSigner(await start([]), undefined), 'CONFIG_INVALID');
    const two = await start([owner, other]);
    await assertRejects(openExternalSigner(two, undefined), 'CONFIG_INVALID');
    assert.equal((await openExternalSigner(two, other.address)).address, other.address);
    await assertRejects(openExternalSigner(await start([owner]), other.address), 'CONFIG_INVALID');
  });

  it('refuses in its own words, and signs no typed data', async () => {
    const signer = await open({ refusal: 'policy: no transfers today' });
    await assert.rejects(
      signer.signTransaction(Transaction.from(transactions['with a fee market']!)),
      /no transfers today/,
    );
    await assertRejects(signer.signMessage('text'), 'SIGNER_DECLINED');
    await assertRejects(signer.signTypedData(), 'SIGNER_MISMATCH');
  });

  it('is not reached: said without the path of its URL, which may hold a key', async () => {
    const url = 'http://127.0.0.1:9/keykeykey';
    // With its cause, as a log has it.
    await assert.rejects(openExternalSigner(url, undefined), (error: Error) => !inspect(error).includes('keykey'));
    const signer = await openExternalSigner(
      `${await start([owner], { refusal: 'x'.repeat(5_000) })}/?key=keykey`,
      undefined,
    );
    await assert.rejects(signer.signMessage('text'), (error: Error) => {
      return error.message.length < 500 && !inspect(error).includes('keykey');
    });
    await assertRejects(openExternalSigner(url, undefined), 'SIGNER_UNREACHABLE');
  });

  it('is one account, a keystore another: one of both has to be given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-signer-'));
    try {
      const keystore = writePrivate(folder, 'key', owner.privateKey);
      const values = { passwordFile: undefined, signerUrl: undefined, signerAccount: undefined };
      assert.equal((await openAccount({ ...values, keystore }, silent)).address, owner.address);
      const signerUrl = await start([owner]);
      await assert.rejects(
        openAccount({ ...values, keystore, signerUrl }, silent),
        /either --keystore or --signer-url/,
      );
      await assert.rejects(openAccount({ ...values, keystore: undefined }, silent), /no L1 account was named/);
      const network = ['--l1-url', 'http://127.0.0.1:9', '--contract', CONTRACT];
      const { code, stderr } = await runCli(['wallet', 'address', ...network]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /--keystore <file>.*--signer-url/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
