/** The ten accounts of the devnet's user, with files that commands take: a key, and a config that names it. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KeyPair, keyDerivationMessage, keyPairFromEthereumSignature } from '@quittance/sdk';
import { getBytes, type HDNodeWallet } from 'ethers';
import { receiverText } from '../wallet/receiver.ts';
import { LOCAL_CHAIN_ID } from './anvil.ts';
import type { DeployedRollup } from './deploy.ts';
import { DEVNET_POSITIONS, l1Wallet } from './people.ts';

/** As many as anvil shows. */
const ACCOUNT_COUNT = 10;

/** One account on L1 and in the rollup. */
export interface DevnetAccount {
  readonly address: string;
  /** The L1 account's, from which the wallet derives the rollup key. */
  readonly privateKey: string;
  /** `0x<owner>:0x<key>`. */
  readonly receiver: string;
  readonly keyY: bigint;
}

/** The key that the wallet of an L1 account derives for this contract (cli/l1/rollup-key.ts). */
export async function rollupKeyOf(wallet: HDNodeWallet, contract: string): Promise<KeyPair> {
  const signature = await wallet.signMessage(keyDerivationMessage(LOCAL_CHAIN_ID, contract));
  return keyPairFromEthereumSignature(getBytes(signature));
}

/** The account at a position of the development mnemonic. */
export async function accountAt(position: number, contract: string): Promise<DevnetAccount> {
  const wallet = l1Wallet(position);
  const keyY = (await rollupKeyOf(wallet, contract)).publicKey.y;
  const receiver = receiverText({ owner: BigInt(wallet.address), keyY });
  return { address: wallet.address, privateKey: wallet.privateKey, receiver, keyY };
}

/** The user's accounts, in the order in which anvil lists them. */
export async function userAccounts(contract: string): Promise<DevnetAccount[]> {
  const accounts: DevnetAccount[] = [];
  for (let position = 0; position < ACCOUNT_COUNT; position++) accounts.push(await accountAt(position, contract));
  return accounts;
}

/** Where everything of the devnet is reached. */
export interface DevnetEndpoints {
  readonly l1Url: string;
  readonly rpcUrl: string;
  readonly deployed: DeployedRollup;
  readonly data: 'calldata' | 'blobs';
}

/** Config files by whom they are for. */
export interface DevnetConfigs {
  /** Of the user's accounts, in their order. */
  readonly accounts: readonly string[];
  /** Of `quittance watch`, which disputes as an account that nobody else uses. */
  readonly challenger: string;
}

/** Writes an L1 key as a file for its owner only. @returns its path. */
export function writeKey(folder: string, name: string, privateKey: string): string {
  const path = join(folder, `${name}.key`);
  writeFileSync(path, `${privateKey}\n`, { mode: 0o600 });
  return path;
}

/** Writes key and config files into `folder`, over those of an earlier run: ports may have changed. */
export function writeConfigs(
  folder: string,
  { l1Url, rpcUrl, deployed, data }: DevnetEndpoints,
  accounts: readonly DevnetAccount[],
): DevnetConfigs {
  mkdirSync(folder, { recursive: true });
  const common = {
    l1Url,
    contract: deployed.contract,
    channels: deployed.channels,
    fromBlock: deployed.block,
    // anvil serves the blobs of its blocks as a beacon node does.
    ...(data === 'blobs' ? { blobSource: `beacon:${l1Url}` } : {}),
  };
  const write = (name: string, settings: object): string => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, `${JSON.stringify({ ...common, ...settings }, null, 2)}\n`);
    return path;
  };
  const challengerKey = writeKey(folder, 'challenger', l1Wallet(DEVNET_POSITIONS.challenger).privateKey);
  return {
    accounts: accounts.map(({ privateKey }, position) =>
      write(`account${position}`, { rpcUrl, keystore: writeKey(folder, `account${position}`, privateKey) }),
    ),
    challenger: write('challenger', {
      keystore: challengerKey,
      watcherMode: 'challenge',
      watcherDatabase: join(folder, 'challenger.db'),
    }),
  };
}
