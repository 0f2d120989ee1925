/** The wallet of the SDK for a command: keys from files, L1 and the sequencer from settings. */

import { createWallet, type Wallet, type WalletOptions } from '@quittance/sdk';
import type { Values } from '../config/setting.ts';
import { chooseCrypto } from '../crypto.ts';
import { type L1Account, openAccount } from '../l1/account.ts';
import { withL1 } from '../l1/connect.ts';
import { readRollupSecret } from '../l1/rollup-key.ts';
import type { Context } from '../process/command.ts';
import { type REPLAY_SETTINGS, replay } from '../rebuild/replay.ts';
import type { WALLET_SETTINGS } from './session.ts';

/** What a command may add to the settings of all wallet commands. */
export interface WalletExtras extends Partial<Values<typeof REPLAY_SETTINGS>> {
  readonly rpcUrl?: string | undefined;
}

/** How the rollup is rebuilt here: natively, from snapshots and all places of blobs. */
function rebuildBy(context: Context, values: WalletExtras): NonNullable<WalletOptions['l1']>['rebuild'] {
  const { fromBlock, blobSource, snapshot, state, rpcUrl } = values;
  if (fromBlock === undefined || blobSource === undefined) return undefined;
  return ({ reader, claims }) => {
    if (rpcUrl === undefined) context.output.say('reading everything from L1');
    return replay(context, reader, { fromBlock, blobSource, snapshot, state }, claims);
  };
}

/**
 * Opens the wallet of a command, and closes it at the end.
 *
 * @throws UsageError or RollupError as `openAccount` and `createWallet`.
 */
export async function withWallet<T>(
  context: Context,
  values: Values<typeof WALLET_SETTINGS> & WalletExtras,
  use: (wallet: Wallet, keystore: L1Account) => Promise<T>,
): Promise<T> {
  const { l1Url: url, chainId: expected, contract, fromBlock, rpcUrl, rollupKey } = values;
  const signer = await openAccount(values, context.output);
  return withL1({ url, expected }, async (l1) => {
    const rebuild = rebuildBy(context, values);
    const wallet = await createWallet({
      signer: signer.connect(l1.provider),
      l1: { url, contract, ...(fromBlock === undefined ? {} : { fromBlock }), ...(rebuild && { rebuild }) },
      crypto: chooseCrypto(),
      ...(rpcUrl === undefined ? {} : { rpcUrl }),
      ...(rollupKey === undefined ? {} : { rollupSecret: readRollupSecret(rollupKey, context.output) }),
    });
    try {
      return await use(wallet, signer);
    } finally {
      wallet.close();
    }
  });
}
