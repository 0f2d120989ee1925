/** A tower over the contracts of channels, on Hardhat's network. */

import { createChannelsReader, createRollupReader } from '@quittance/chain';
import type { ChannelState } from '@quittance/protocol';
import type { Party } from '@quittance/sdk/channels';
import type { JsonRpcApiProvider, Signer } from 'ethers';
import {
  createTower,
  createTowerSender,
  type Tower,
  type TowerOptions,
  type WatchedState,
} from '../../../channels/index.ts';
import { createMetrics, type Logger, silentLogger } from '../../../runtime/index.ts';
import type { DeployedRollup } from '../contracts/deployment.ts';
import { l1Clock } from '../l1/clock.ts';
import type { ChannelWorld } from './world.ts';

export const GWEI = 10n ** 9n;

/** Both have signed it. */
export function watched(
  { terms, vault, sign }: Pick<ChannelWorld, 'terms' | 'vault' | 'sign'>,
  state: ChannelState,
  more: { readonly party?: Party; readonly secrets?: readonly string[] } = {},
): WatchedState {
  const [a, b] = sign(state);
  return { terms, vault, state, signatures: [a!, b!], secrets: [], ...more };
}

/** What a test says of a tower. */
export interface TowerSetup {
  readonly states: () => readonly WatchedState[];
  readonly signer: Signer;
  readonly provider?: JsonRpcApiProvider;
  readonly options?: Partial<TowerOptions>;
  readonly logger?: Logger;
}

/** A tower, and what it told. */
export async function towerOf(
  { ethers, deployment }: DeployedRollup,
  { contract }: ChannelWorld,
  { states, signer, options = {}, logger = silentLogger, ...setup }: TowerSetup,
): Promise<{ readonly tower: Tower; readonly alerts: { readonly kind: string; readonly message: string }[] }> {
  const own = ethers.provider as unknown as JsonRpcApiProvider;
  const provider = setup.provider ?? own;
  const { chainId, contract: rollup } = deployment;
  const alerts: { readonly kind: string; readonly message: string }[] = [];
  const maxFeePerGas = 500n * GWEI;
  const clock = await l1Clock(own);
  const common = { provider, clock, logger };
  const tower = await createTower({
    reader: createChannelsReader({ provider, chainId, contract: contract.channels, rollup }),
    rollup: createRollupReader({ provider, chainId, contract: rollup }),
    sources: [{ name: 'the test', newest: async () => ({ states: states(), problems: [] }) }],
    sender: await createTowerSender({ ...common, signer, maxFeePerGas }),
    clock,
    logger,
    metrics: createMetrics(),
    post: async (body) => void alerts.push(JSON.parse(body) as { kind: string; message: string }),
    fromBlock: 0,
    maxFeePerGas,
    ...options,
  });
  return { tower, alerts };
}
