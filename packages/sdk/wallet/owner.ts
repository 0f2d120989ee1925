/** The L1 account of a wallet: from a signer, words or a private key. */

import { RollupError } from '@quittance/protocol';
import { HDNodeWallet, hexlify, type Signer, Wallet } from 'ethers';
import { secretBytes } from './rollup-key.ts';
import { toSigner } from './signers.ts';
import type { WalletOptions, WalletSigner } from './types.ts';

/** The account; where its key is at hand, also as a signer of ethers that can be connected to a node. */
export interface Owner {
  readonly signer: WalletSigner;
  /** Undefined where somebody else has the key. */
  readonly local: Signer | undefined;
}

/** A key that is at hand cannot send before it is connected, which is done where transactions are. */
function ownerOf(local: HDNodeWallet | Wallet): Owner {
  const { address } = local;
  return {
    local,
    signer: {
      address,
      signMessage: (message) => local.signMessage(message),
      sendTransaction: async (call) => (await local.sendTransaction(call)).hash,
    },
  };
}

function fromMnemonic(mnemonic: string, accountIndex: number): Owner {
  try {
    return ownerOf(HDNodeWallet.fromPhrase(mnemonic.trim(), undefined, `m/44'/60'/0'/0/${accountIndex}`));
  } catch {
    throw new RollupError('CONFIG_INVALID', 'the mnemonic is none: check its words and their number', {
      name: 'mnemonic',
    });
  }
}

function fromSecret(secret: string): Owner {
  try {
    return ownerOf(new Wallet(hexlify(secretBytes('secret', secret))));
  } catch (error) {
    if (error instanceof RollupError) throw error;
    throw new RollupError('INVALID_KEY', 'the secret is no private key: it is 0 or not below the order of the curve');
  }
}

/** Whether it is a wallet of ethers, of whichever copy of the library, with its key at hand. */
function isLocal(signer: unknown): signer is Wallet {
  const { signingKey, connect } = (signer ?? {}) as { readonly signingKey?: unknown; readonly connect?: unknown };
  return typeof signingKey === 'object' && typeof connect === 'function';
}

/**
 * The account that the options name.
 *
 * @throws RollupError CONFIG_INVALID unless exactly one of signer, mnemonic and secret is given; INVALID_KEY for a secret that is
 * none; SIGNER_REFUSED.
 */
export async function openOwner({ signer, mnemonic, secret, accountIndex = 0 }: WalletOptions): Promise<Owner> {
  const given = [signer, mnemonic, secret].filter((one) => one !== undefined);
  if (given.length !== 1) {
    const message = `give one of signer, mnemonic and secret, not ${given.length} of them`;
    throw new RollupError('CONFIG_INVALID', message, { name: 'signer, mnemonic, secret' });
  }
  if (mnemonic !== undefined) return fromMnemonic(mnemonic, accountIndex);
  if (secret !== undefined) return fromSecret(secret);
  if (isLocal(signer)) return ownerOf(signer);
  return { signer: await toSigner(signer), local: undefined };
}
