/**
 * Makes test/vectors/signing.json: keys, messages, signatures and wire forms for implementers in other languages, from fixed
 * secrets. docs/reference/keys-and-signatures.md explains them.
 * usage: node scripts/generate/vectors.ts
 */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { domainOf, encodeRecord, portableHasher, referenceMessage, transferRecord } from '@quittance/protocol';
import {
  createKeyPair,
  encodeTransfer,
  type Intent,
  keyDerivationMessage,
  keyPairFromEthereumSignature,
  signIntent,
  signReference,
} from '@quittance/sdk';
import { getBytes, Wallet } from 'ethers';

const FILE = new URL('../../test/vectors/signing.json', import.meta.url);
const DEPLOYMENT = { chainId: 31_337n, contract: '0x00000000000000000000000000000000000f00d5' };

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;
const secretOf = (byte: number) => Uint8Array.from({ length: 32 }, (_, place) => (byte + 7 * place) & 0xff);

/** Keys from secrets. */
function keyVectors() {
  return [0, 1, 0x80, 0xff].map((byte) => {
    const secret = secretOf(byte);
    const { x, y } = createKeyPair(secret).publicKey;
    return { secret: hex(secret), x: String(x), y: String(y) };
  });
}

/** Keys from signatures of Ethereum accounts. */
async function walletVectors() {
  const message = keyDerivationMessage(DEPLOYMENT.chainId, DEPLOYMENT.contract);
  return Promise.all(
    [1, 2].map(async (byte) => {
      const wallet = new Wallet(hex(secretOf(byte)));
      const signature = await wallet.signMessage(message);
      const { secret, publicKey } = keyPairFromEthereumSignature(getBytes(signature));
      return {
        privateKey: wallet.privateKey,
        address: wallet.address,
        message,
        signature,
        secret: hex(secret),
        x: String(publicKey.x),
        y: String(publicKey.y),
      };
    }),
  );
}

/** One transfer of each kind. */
function intents(): Intent[] {
  const receiver = { keyY: createKeyPair(secretOf(9)).publicKey.y, owner: 0xb0bn };
  const account = { owner: 0xa11cen, tokenId: 1 };
  const common = { from: 2, amount: 250_000_000_000_000_000n, fee: 10n ** 12n, nonce: 5, validUntil: 1_800_000_000 };
  return [
    { kind: 'transfer', to: 3, receiver, ...common },
    { kind: 'transferToNew', receiver, ...common, validUntil: 0 },
    { kind: 'withdraw', account, ...common },
    { kind: 'move', account, destination: 4, keyY: receiver.keyY, ...common },
  ];
}

function transferVectors() {
  const keyPair = createKeyPair(secretOf(1));
  const domain = domainOf(DEPLOYMENT);
  return intents().map((intent) => {
    const bytes = new TextEncoder().encode('order 4711');
    const signed = signReference(keyPair, signIntent(keyPair, domain, intent), bytes);
    return {
      secret: hex(keyPair.secret),
      record: String(encodeRecord(transferRecord(intent).fields)),
      id: String(signed.id),
      referenceMessage: String(referenceMessage(portableHasher, signed.id, bytes)),
      // What rollup_sendTransfer takes.
      transfer: encodeTransfer(signed),
    };
  });
}

/** The file's content. */
export async function signingVectors(): Promise<object> {
  const { chainId, contract } = DEPLOYMENT;
  return {
    about: 'Made by scripts/generate/vectors.ts; explained in docs/reference/keys-and-signatures.md',
    deployment: { chainId: String(chainId), contract, domain: String(domainOf(DEPLOYMENT)) },
    keys: keyVectors(),
    wallets: await walletVectors(),
    transfers: transferVectors(),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(FILE, `${JSON.stringify(await signingVectors(), null, 2)}\n`);
}
