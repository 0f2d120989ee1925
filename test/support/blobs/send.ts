/** Transactions with blobs on the in-process L1, which takes them only signed and in the form of EIP-4844. */

import { type Kzg, versionedHashOf } from '@quittance/chain';
import { BLOB_ELEMENTS, BLOB_FIELD_MODULUS, type Bytes32 } from '@quittance/protocol';
import {
  concat,
  HDNodeWallet,
  hexlify,
  type Signer,
  sha256,
  Transaction,
  type TransactionResponse,
  toBeHex,
  toUtf8Bytes,
} from 'ethers';
import type { L1 } from '../contracts/deployment.ts';
import { testKzg } from './kzg.ts';

/** The accounts of Hardhat. */
const MNEMONIC = 'test test test test test test test test test test test junk';
const ACCOUNT_COUNT = 20;
/** Enough for an assertion of the test deployments: the L1 executes no estimate of a blob's transaction. */
const GAS_LIMIT = 8_000_000n;

/** A blob with the proof that the pool of EIP-4844 asks for. */
export interface ProvenBlob {
  readonly blob: Uint8Array;
  readonly commitment: Uint8Array;
  readonly versionedHash: Bytes32;
  readonly proof: Uint8Array;
}

/** EIP-4844's compute_challenge: the proof of a whole blob is one at this point. */
const blobChallenge = (blob: Uint8Array, commitment: Uint8Array): bigint =>
  BigInt(sha256(concat([toUtf8Bytes('FSBLOBVERIFY_V1_'), toBeHex(BLOB_ELEMENTS, 16), blob, commitment]))) %
  BLOB_FIELD_MODULUS;

/** Commits to a blob and proves it. */
export async function proveBlob(blob: Uint8Array, kzg?: Kzg): Promise<ProvenBlob> {
  const used = kzg ?? (await testKzg());
  const commitment = await used.commitment(blob);
  const { proof } = await used.open(blob, blobChallenge(blob, commitment));
  return { blob, commitment, versionedHash: versionedHashOf(commitment), proof };
}

async function walletOf(signer: Signer): Promise<HDNodeWallet> {
  const address = await signer.getAddress();
  for (let index = 0; index < ACCOUNT_COUNT; index += 1) {
    const wallet = HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${index}`);
    if (wallet.address === address) return wallet;
  }
  throw new Error(`${address} is no account of Hardhat's`);
}

/** What a transaction with blobs does. */
export interface BlobCall {
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
}

/** Sends blobs along with a call. Rejects with the contract's own error when it refuses. */
export async function sendWithBlobs(
  { ethers }: Pick<L1, 'ethers'>,
  signer: Signer,
  call: BlobCall,
  blobs: readonly ProvenBlob[],
): Promise<TransactionResponse> {
  const wallet = await walletOf(signer);
  const { provider } = ethers;
  const { chainId } = await provider.getNetwork();
  const transaction = Transaction.from({
    type: 3,
    chainId,
    nonce: await signer.getNonce(),
    ...call,
    value: call.value ?? 0n,
    gasLimit: GAS_LIMIT,
    maxFeePerGas: 10n ** 11n,
    maxPriorityFeePerGas: 1n,
    maxFeePerBlobGas: 10n ** 11n,
  });
  transaction.blobVersionedHashes = blobs.map(({ versionedHash }) => versionedHash);
  transaction.blobs = blobs.map(({ blob, commitment, proof }) => ({
    data: hexlify(blob),
    commitment: hexlify(commitment),
    proof: hexlify(proof),
  }));
  transaction.signature = wallet.signingKey.sign(transaction.unsignedHash);
  const hash: string = await provider.send('eth_sendRawTransaction', [transaction.serialized]);
  return (await provider.getTransaction(hash))!;
}
