/**
 * An L1 account whose key is elsewhere: a signer that answers `eth_signTransaction` and `eth_sign`, such as web3signer before a
 * key management service. What it answers is used for nothing but the signature, which is checked first.
 */

import { createProvider } from '@quittance/chain';
import { isSameAddress, RollupError } from '@quittance/protocol';
import {
  AbstractSigner,
  accessListify,
  getAddress,
  hexlify,
  isAddress,
  type JsonRpcProvider,
  type Provider,
  type Signature,
  Transaction,
  type TransactionLike,
  type TransactionRequest,
  toQuantity,
  toUtf8Bytes,
  verifyMessage,
} from 'ethers';

/** A person may have to press a button, a service to wake a module. */
const ANSWER_MS = 60_000;
/** Characters of what a signer says that are passed on. */
const MAX_REFUSAL = 300;

/** Asks the signer for an account. @throws RollupError SIGNER_UNREACHABLE or SIGNER_DECLINED. */
type Ask = (method: string, params: readonly unknown[], account: string) => Promise<unknown>;

/** What the signer said, wherever ethers puts the answer; undefined where none came. */
function refusalIn(error: unknown): string | undefined {
  const { error: inner, info } = error as { readonly error?: unknown; readonly info?: { readonly error?: unknown } };
  for (const place of [inner, info?.error, (info?.error as { readonly error?: unknown } | undefined)?.error]) {
    const { code, message } = (place ?? {}) as { readonly code?: unknown; readonly message?: unknown };
    if (typeof code === 'number' && typeof message === 'string') return message;
  }
  return undefined;
}

function createAsk(provider: JsonRpcProvider, host: string): Ask {
  return async (method, params, account) => {
    try {
      return await provider.send(method, [...params]);
    } catch (error) {
      const message = refusalIn(error);
      if (message !== undefined) {
        const text = `the signer at ${host} declined ${method}: ${message.slice(0, MAX_REFUSAL)}`;
        throw new RollupError('SIGNER_DECLINED', text, { account });
      }
      // Without the cause: ethers writes the URL, which may hold a key, into its errors.
      throw new RollupError('SIGNER_UNREACHABLE', `the signer at ${host} did not answer ${method}`, { host });
    }
  };
}

/** The transaction as `eth_signTransaction` takes it: everything is decided. */
function requestOf(transaction: Transaction, from: string): Record<string, unknown> {
  const { to, nonce, gasLimit, value, data, chainId, type, accessList, blobVersionedHashes } = transaction;
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas } = transaction;
  const quantities = { nonce, gas: gasLimit, value, chainId, type, gasPrice, maxFeePerGas, maxPriorityFeePerGas };
  const fields = Object.entries({ ...quantities, maxFeePerBlobGas }).filter(([, item]) => item !== null);
  return {
    from,
    ...(to === null ? {} : { to }),
    data,
    ...Object.fromEntries(fields.map(([name, item]) => [name, toQuantity(item as bigint | number)])),
    ...(accessList === null || accessList.length === 0 ? {} : { accessList: accessListify(accessList) }),
    ...(blobVersionedHashes === null ? {} : { blobVersionedHashes }),
  };
}

/** The signature in an answer: raw bytes, or as geth has it an object with them. undefined when it is none of this account's. */
function signatureOf(answer: unknown, wanted: Transaction, account: string): Signature | undefined {
  try {
    const raw = typeof answer === 'string' ? answer : (answer as { readonly raw: string }).raw;
    const { from, unsignedHash, signature } = Transaction.from(raw);
    const isOurs = from !== null && isSameAddress(from, account) && unsignedHash === wanted.unsignedHash;
    return isOurs && signature !== null ? signature : undefined;
  } catch {
    return undefined;
  }
}

function mismatch(account: string, what: string): RollupError<'SIGNER_MISMATCH'> {
  return new RollupError('SIGNER_MISMATCH', `the signer ${what}; nothing was sent`, { account });
}

/** A signer of ethers over an external one. */
class ExternalSigner extends AbstractSigner {
  readonly address: string;
  readonly #ask: Ask;

  constructor(address: string, ask: Ask, provider: Provider | null = null) {
    super(provider);
    this.address = address;
    this.#ask = ask;
  }

  override async getAddress(): Promise<string> {
    return this.address;
  }

  override connect(provider: Provider | null): ExternalSigner {
    return new ExternalSigner(this.address, this.#ask, provider);
  }

  override async signTransaction(request: TransactionRequest | Transaction): Promise<string> {
    // As ethers and Ignition give it: complete, and of no sender before it is signed.
    const transaction = Transaction.from(request as TransactionLike);
    const answer = await this.#ask('eth_signTransaction', [requestOf(transaction, this.address)], this.address);
    const signature = signatureOf(answer, transaction, this.address);
    if (signature === undefined) throw mismatch(this.address, `signed something else than ${this.address} was to send`);
    transaction.signature = signature;
    return transaction.serialized;
  }

  /** Asks twice: what is derived from a signature that is another one each time could not be found again. */
  override async signMessage(message: string | Uint8Array): Promise<string> {
    const data = hexlify(typeof message === 'string' ? toUtf8Bytes(message) : message);
    const sign = async (): Promise<string> => {
      const signature = String(await this.#ask('eth_sign', [this.address, data], this.address));
      if (isSignatureOf(signature, message, this.address)) return signature;
      throw mismatch(this.address, `gave no signature of ${this.address} for a text`);
    };
    const first = await sign();
    if (first === (await sign())) return first;
    throw mismatch(
      this.address,
      'signs one text in another way each time: no rollup key can follow from it, so give --rollup-key',
    );
  }

  override async signTypedData(): Promise<string> {
    throw mismatch(this.address, 'is asked for no typed data here');
  }
}

function isSignatureOf(signature: string, message: string | Uint8Array, account: string): boolean {
  try {
    return isSameAddress(verifyMessage(message, signature), account);
  } catch {
    return false;
  }
}

/** The account to use: the one that was named, or the only one that the signer has. @throws RollupError CONFIG_INVALID. */
async function chooseAccount(ask: Ask, wanted: string | undefined, host: string): Promise<string> {
  const answer = await ask('eth_accounts', [], wanted ?? '');
  const accounts = (Array.isArray(answer) ? answer : []).filter(isAddress).map((account) => getAddress(account));
  const name = 'signerAccount';
  if (wanted !== undefined) {
    if (accounts.includes(wanted)) return wanted;
    throw new RollupError('CONFIG_INVALID', `the signer at ${host} has no key of ${wanted}`, { name });
  }
  const [only] = accounts;
  if (only !== undefined && accounts.length === 1) return only;
  const count = `the signer at ${host} has ${accounts.length} accounts`;
  const message = only === undefined ? `${count}: give it a key` : `${count}: name one with --signer-account`;
  throw new RollupError('CONFIG_INVALID', message, { name });
}

/**
 * Opens an external signer. Its URL is never part of an error: it may hold a key.
 *
 * @param account which of its accounts; its only one if not given.
 * @throws RollupError SIGNER_UNREACHABLE, SIGNER_DECLINED, or CONFIG_INVALID when it does not have the account.
 */
export async function openExternalSigner(url: string, account: string | undefined): Promise<ExternalSigner> {
  // It is asked for no chain: each transaction names its own.
  const provider = createProvider({ url, chainId: 1n, timeoutMs: ANSWER_MS });
  const { host } = new URL(url);
  const ask = createAsk(provider, host);
  return new ExternalSigner(await chooseAccount(ask, account, host), ask);
}
