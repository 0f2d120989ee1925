/** Collects what a devnet says of itself. */

import { ETH_TOKEN_ID } from '@quittance/protocol';
import { type JsonRpcProvider, ZeroAddress } from 'ethers';
import type { DevnetAccount, DevnetConfigs } from './accounts.ts';
import { LOCAL_CHAIN_ID } from './anvil.ts';
import type { DevnetInfo } from './banner.ts';
import type { Ground } from './services.ts';
import { readAssertions } from './stage.ts';

const DECIMALS = 18;

/** Where the sequencer serves its explorer; null when this version has none. */
async function findExplorer(rpcUrl: string): Promise<string | null> {
  const url = new URL('/explorer/', rpcUrl).href;
  const answer = await fetch(url, { method: 'HEAD' });
  return answer.ok ? url : null;
}

/** Everything that is known once it is up. */
export interface Running {
  readonly ground: Ground;
  readonly provider: JsonRpcProvider;
  readonly rpcUrl: string;
  readonly accounts: readonly DevnetAccount[];
  readonly configs: DevnetConfigs;
}

/** What the banner and --json tell. */
export async function describe({ ground, provider, rpcUrl, accounts, configs }: Running): Promise<DevnetInfo> {
  const { l1Url, deployed, values } = ground;
  const assertions = await readAssertions(provider, deployed.contract);
  return {
    l1Url,
    rpcUrl,
    explorerUrl: await findExplorer(rpcUrl),
    contract: deployed.contract,
    chainId: Number(LOCAL_CHAIN_ID),
    deploymentBlock: deployed.block,
    assertions: assertions?.address ?? null,
    channels: deployed.channels,
    tokens: [
      { tokenId: ETH_TOKEN_ID, address: ZeroAddress, symbol: 'ETH', decimals: DECIMALS },
      { tokenId: deployed.tokenId, address: deployed.token, symbol: 'DUSD', decimals: DECIMALS },
    ],
    accounts: accounts.map(({ address, privateKey, receiver }) => ({ address, privateKey, receiver })),
    profile: values.profile,
    mode: values.mode,
    challengePeriodSeconds: values.mode === 'zk' ? null : (assertions?.challengePeriodSeconds ?? null),
    configs,
  };
}
