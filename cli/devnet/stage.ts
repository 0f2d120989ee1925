/** What a devnet stands on before its sequencer starts: contracts, a token, and money on its way to the accounts. */

import { setTimeout as sleep } from 'node:timers/promises';
import { createAssertionReader } from '@quittance/chain';
import { ETH_TOKEN_ID, PROFILES } from '@quittance/protocol';
import type { JsonRpcProvider } from 'ethers';
import { decodeVerifyingKey } from '../../prover/index.ts';
import type { Sequencer } from '../../sequencer/index.ts';
import { UsageError } from '../process/errors.ts';
import { shippedKey } from '../setup/key.ts';
import { accountAt, type DevnetAccount, userAccounts } from './accounts.ts';
import { LOCAL_CHAIN_ID } from './anvil.ts';
import { FIRST_MONEY } from './banner.ts';
import { type DeployedRollup, deployLocally, localSigner } from './deploy.ts';
import { depositFor, type LocalDeposit, mintTo } from './deposits.ts';
import { DEVNET_POSITIONS, l1Wallet } from './people.ts';
import { admitProducer } from './producers.ts';
import type { DevnetValues } from './settings.ts';
import { overridesOf } from './terms.ts';

const POLL_MS = 100;
/** For fees, and for what the liar's devnet pays itself. */
const OWN_ETH = 10n ** 18n;
const OWN_TOKEN = 10n ** 18n;

/** Both tokens for each account and for the operator's fees; ETH for those between whom the devnet pays itself. */
async function firstDeposits(deployed: DeployedRollup, accounts: readonly DevnetAccount[], lie: boolean) {
  const { contract, tokenId } = deployed;
  const { producer, payer, payee } = DEVNET_POSITIONS;
  const to = ({ address, keyY }: DevnetAccount, id: number, amount: bigint): LocalDeposit => {
    return { receiver: { owner: address, keyY }, tokenId: id, amount };
  };
  const operator = await accountAt(producer, contract);
  const own = lie ? [await accountAt(payer, contract), await accountAt(payee, contract)] : [];
  return [
    to(operator, ETH_TOKEN_ID, OWN_ETH),
    to(operator, tokenId, OWN_TOKEN),
    ...own.map((account) => to(account, ETH_TOKEN_ID, OWN_ETH)),
    ...accounts.flatMap((account) => [
      to(account, ETH_TOKEN_ID, FIRST_MONEY.eth),
      to(account, tokenId, FIRST_MONEY.token),
    ]),
  ];
}

/** Deploys everything and deposits for everyone. The verifying key comes with this version: no circuit is compiled for it. */
export async function layFoundations(
  provider: JsonRpcProvider,
  values: DevnetValues,
  signal: AbortSignal,
): Promise<DeployedRollup> {
  const { producer, funder, adversary } = DEVNET_POSITIONS;
  const key = shippedKey(values.profile);
  if (key === undefined) throw new UsageError(`there is no development key of profile ${values.profile}`);
  const overrides = { ...overridesOf(values), producer: l1Wallet(producer).address };
  const deployed = await deployLocally(provider, PROFILES[values.profile], decodeVerifyingKey(key), overrides, signal);
  const signer = localSigner(provider, funder);
  const place = { provider, deployed };
  const accounts = await userAccounts(deployed.contract);
  await depositFor(place, signer, await firstDeposits(deployed, accounts, values.lie));
  const owners = accounts.map(({ address }) => address);
  await mintTo(place, signer, owners, FIRST_MONEY.tokenOnL1);
  if (values.lie) await admitProducer(provider, deployed.contract, l1Wallet(adversary).address);
  return deployed;
}

/** Makes sure that the chain which was kept has the contract. @throws UsageError if not. */
export async function requireStanding(
  provider: JsonRpcProvider,
  { contract }: Pick<DeployedRollup, 'contract'>,
  folder: string,
): Promise<void> {
  if ((await provider.getCode(contract)) !== '0x') return;
  throw new UsageError(
    `the L1 kept in ${folder} does not have the contract ${contract}: remove the folder to start over`,
  );
}

/** Resolves when every account can pay: its deposits are in a batch. @throws the signal’s reason. */
export async function untilFunded(
  sequencer: Sequencer,
  accounts: readonly DevnetAccount[],
  signal: AbortSignal,
): Promise<void> {
  const hasMoney = ({ address }: DevnetAccount): boolean =>
    sequencer.queries.accountsOf(BigInt(address), 'latest', 2, -1).length === 2;
  while (!accounts.every(hasMoney)) {
    await sequencer.pollL1();
    await sleep(POLL_MS, undefined, { signal });
  }
  await sequencer.sealNow();
}

/** Address of the Assertions contract and its challenge period; undefined in a rollup without optimistic mode. */
export async function readAssertions(
  provider: JsonRpcProvider,
  contract: string,
): Promise<{ readonly address: string; readonly challengePeriodSeconds: number } | undefined> {
  const terms = await createAssertionReader({ provider, chainId: LOCAL_CHAIN_ID, contract }).connect();
  return terms === undefined
    ? undefined
    : { address: terms.address, challengePeriodSeconds: terms.challengePeriodSeconds };
}
