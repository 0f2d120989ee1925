/** What a devnet says of itself when it is up, for people and for programs. */

import { formatEther } from 'ethers';
import { table } from '../process/output.ts';
import type { DevnetConfigs } from './accounts.ts';
import { quoted } from './program-name.ts';
import type { DevnetValues } from './settings.ts';

/** A token as the banner names it. */
export interface DevnetToken {
  readonly tokenId: number;
  readonly address: string;
  readonly symbol: string;
  readonly decimals: number;
}

/** Everything that a program needs to use a devnet: the first line of stdout with --json. */
export interface DevnetInfo {
  readonly l1Url: string;
  readonly rpcUrl: string;
  /** null where this version comes without the explorer. */
  readonly explorerUrl: string | null;
  readonly contract: string;
  readonly chainId: number;
  readonly deploymentBlock: number;
  readonly assertions: string | null;
  /** Contract of payment channels. */
  readonly channels: string;
  readonly tokens: readonly DevnetToken[];
  readonly accounts: readonly { readonly address: string; readonly privateKey: string; readonly receiver: string }[];
  readonly profile: DevnetValues['profile'];
  readonly mode: DevnetValues['mode'];
  /** Seconds in which an asserted batch can be disputed; null in mode zk. */
  readonly challengePeriodSeconds: number | null;
  /** Config files for commands: of each account, and of a challenger. */
  readonly configs: DevnetConfigs;
}

/** What each account has at first, in base units. */
export const FIRST_MONEY = { eth: 100n * 10n ** 18n, token: 10_000n * 10n ** 18n, tokenOnL1: 1_000_000n * 10n ** 18n };

/** When a batch is final, in words. */
function finality({ mode, challengePeriodSeconds: period }: DevnetInfo): string {
  if (mode === 'zk') return 'zk: a batch is final with its proofs';
  if (mode === 'hybrid') return 'hybrid: asserted at once, final with its proofs';
  return `optimistic: a batch is final ${period} s after it was asserted, unless it is disputed`;
}

function places(info: DevnetInfo): string[][] {
  return [
    ['L1', `${info.l1Url} (chain id ${info.chainId})`],
    ['JSON-RPC', info.rpcUrl],
    ['Explorer', info.explorerUrl ?? 'none: it is not built here'],
    ['Contract', `${info.contract} (block ${info.deploymentBlock})`],
    ['Assertions', info.assertions ?? 'none'],
    ['Channels', info.channels],
    ...info.tokens.map(({ tokenId, symbol, address }) => [
      `Token ${tokenId}`,
      tokenId === 0 ? symbol : `${symbol} ${address} (anyone can mint it)`,
    ]),
    ['Finality', finality(info)],
  ];
}

/** Three commands that work when they are pasted. */
function nextCommands(info: DevnetInfo, program: string, isLying: boolean): string[] {
  const { configs, accounts, mode } = info;
  const first = quoted(configs.accounts[0]!);
  const third = isLying
    ? `watch --config ${quoted(configs.challenger)}`
    : `wallet withdraw --config ${first} --amount 1${mode === 'optimistic' ? ' --wait final' : ''}`;
  return [
    `wallet balance --config ${first}`,
    `wallet send --config ${first} --to ${accounts[1]!.receiver} --amount 1.5`,
    third,
  ].map((command) => `  ${program} ${command}`);
}

/** How the banner is to be written. */
export interface BannerOptions {
  /** What the person calls us (`programName`). */
  readonly program: string;
  readonly isLying: boolean;
  /** What else must be known, a line each. */
  readonly notes: readonly string[];
}

/** The banner. */
export function banner(info: DevnetInfo, { program, isLying, notes }: BannerOptions): string {
  const accounts = info.accounts.flatMap(({ address, privateKey, receiver }, position) => [
    `(${position}) ${address}`,
    `    private key ${privateKey}`,
    `    receiver    ${receiver}`,
  ]);
  const money = `${formatEther(FIRST_MONEY.eth)} ETH and ${formatEther(FIRST_MONEY.token)} DUSD`.replaceAll('.0', '');
  return [
    'A rollup on this machine. Its keys are public: never send real money to these addresses.',
    '',
    table(places(info)),
    '',
    `Accounts (at first ${money} in the rollup, and more on L1)`,
    ...accounts,
    '',
    ...notes,
    ...(notes.length === 0 ? [] : ['']),
    'Next, in another terminal:',
    ...nextCommands(info, program, isLying),
  ].join('\n');
}
