/** `quittance channel watch`: a watchtower as a process, or for one look. */

import { createChannelsReader } from '@quittance/chain';
import { isRollupError, RollupError } from '@quittance/protocol';
import { createClient, type SequencerClient } from '@quittance/sdk';
import { formatEther } from 'ethers';
import {
  createFolderSource,
  createStateJudge,
  createStoreFileSource,
  createTower,
  createTowerSender,
  type StateSource,
  type Tower,
  type TowerReport,
  type VaultAccounts,
} from '../../channels/index.ts';
import { createMetrics, type Logger, type Readiness, startMetricsServer, systemClock } from '../../runtime/index.ts';
import { createWebhook } from '../../watcher/index.ts';
import { openAccount } from '../l1/account.ts';
import { connectRollup, isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import { addBuildInfo } from '../process/build-info.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { openLog, warningsOf } from '../process/log.ts';
import { table } from '../process/output.ts';
import { type Cleanup, createCleanup } from '../sequencer/cleanup.ts';
import { createVaultClaims } from './claims.ts';
import type { WatchValues } from './settings.ts';

/** An older head than this means that a node of a public chain is not synced. */
const MAX_HEAD_AGE_SECONDS = 300;
/** Looks of one `--once`: each move can make the next one possible. */
const MOST_LOOKS = 16;
/** Without a complete look for so long it is not ready. */
const STALE_AFTER_MS = 300_000;
/** Gas of a challenge, at most. Source: docs/channels.md, Costs. */
const CHALLENGE_GAS = 80_000n;

/** Accounts of vaults, by the word of the sequencer. The first page has those that were there first. */
function accountsOf(client: Pick<SequencerClient, 'call'>): VaultAccounts {
  return {
    async ofVault(vault, tokenId) {
      const all = await client.call('rollup_getAccounts', { owner: vault, tag: 'latest' });
      const own = all.filter((account) => account.tokenId === tokenId);
      return own.map(({ index, balance }) => ({ index, balance: BigInt(balance) }));
    },
  };
}

/** A tower with what it was made of. */
interface OpenTower {
  readonly tower: Tower;
  readonly account: string;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}

/** Where states come from. @throws UsageError when that is nowhere. */
function sourcesOf(
  { store, states }: WatchValues,
  contract: { readonly chainId: bigint; readonly channels: string },
  vaultOf: Parameters<typeof createStateJudge>[1],
): StateSource[] {
  const judge = createStateJudge(contract, vaultOf);
  return [
    ...(store === undefined ? [] : [createStoreFileSource({ file: store, ...contract, clock: systemClock })]),
    ...(states === undefined ? [] : [createFolderSource(states, { judge, contract, clock: systemClock })]),
  ];
}

async function openTower(
  context: Context,
  values: WatchValues,
  l1: L1,
  logger: Logger,
  cleanup: Cleanup,
): Promise<OpenTower> {
  const { maxFeePerGas, fromBlock, mode, receiver, revealBefore, webhookUrl, rpcUrl } = values;
  const isGuard = mode === 'guard';
  const signer = (await openAccount(values, context.output)).connect(l1.provider);
  const { contract: rollup } = values;
  const reader = createChannelsReader({
    ...l1,
    contract: values.channels,
    ...(rollup === undefined ? {} : { rollup }),
  });
  const constants = await reader.connect();
  const rollupReader = await connectRollup(l1, constants.rollup);
  const sender = await createTowerSender({ ...l1, signer, clock: systemClock, logger, maxFeePerGas });
  const metrics = createMetrics('quittance', true);
  addBuildInfo(metrics, 'tower', mode);
  const contract = { chainId: l1.chainId, channels: constants.contract };
  const client = rpcUrl === undefined || isGuard ? undefined : createClient({ url: rpcUrl });
  const sources = sourcesOf(values, contract, reader.vaultOf);
  const tower = await createTower({
    ...{
      reader,
      rollup: rollupReader,
      sender,
      logger,
      metrics,
      fromBlock,
      revealBefore,
      receiver,
      maxFeePerGas,
      isGuard,
    },
    clock: systemClock,
    sources,
    maxHeadAgeSeconds: values.maxHeadAge ?? (isLocalChain(l1.chainId) ? undefined : MAX_HEAD_AGE_SECONDS),
    accounts: client && accountsOf(client),
    claims: isGuard ? undefined : createVaultClaims({ reader: rollupReader, provider: l1.provider, fromBlock }),
    ...(webhookUrl === undefined ? {} : { post: createWebhook(webhookUrl) }),
  });
  // What cannot be read at all is said at once, not at the first look and ever after.
  await Promise.all(sources.map((source) => source.newest(true)));
  await sayFunds(context, sender);
  return { tower, account: sender.account, logger, cleanup };
}

/** What a challenge costs, and a warning when the account has less. */
async function sayFunds(
  { output }: Context,
  { account, funds }: Pick<Awaited<ReturnType<typeof createTowerSender>>, 'account' | 'funds'>,
): Promise<void> {
  const { balance, feePerGas } = await funds();
  const cost = CHALLENGE_GAS * feePerGas;
  output.say(`a challenge costs up to ${formatEther(cost)} ETH at today’s price`);
  if (balance < cost) output.warn(`${account} has ${formatEther(balance)} ETH: too little for a challenge; fund it`);
}

const timeText = (seconds: number | undefined): string =>
  seconds === undefined ? '' : new Date(seconds * 1_000).toISOString();

function reportText({ channels, problems }: TowerReport, actions: TowerReport['actions']): string {
  const rows = channels.map(({ vault, phase, version, standing, move, until }) => {
    const own = actions.filter((action) => action.vault === vault).map((action) => `${action.move}: ${action.result}`);
    const next = own.length > 0 ? own.join(', ') : move;
    return [vault, phase, String(version), standing === undefined ? '' : String(standing), next, timeText(until)];
  });
  return [
    table([['channel', 'close', 'our version', 'on L1', 'move', 'next at'], ...rows]),
    ...problems.map(({ where, message }) => `! ${where}: ${message}`),
  ].join('\n');
}

/** Looks until nothing more can be done now. @throws RollupError TIMEOUT while an old state stands, L1_UNREACHABLE. */
async function lookOnce({ output, signal }: Context, { tower, account }: OpenTower): Promise<void> {
  let report = await tower.look(signal);
  const actions = [...report.actions];
  for (let looks = 1; looks < MOST_LOOKS && report.actions.some(({ result }) => result === 'done'); looks++) {
    report = await tower.look(signal);
    actions.push(...report.actions);
  }
  const { head, channels, problems, isComplete } = report;
  output.result({ account, block: head.number, channels, actions, problems, isComplete }, () =>
    reportText(report, actions),
  );
  const old = channels.filter(({ phase }) => phase === 'old');
  if (old.length > 0) {
    const message = `${old.length} channels are closed with an old state that is not challenged yet: run it again at once`;
    throw new RollupError('TIMEOUT', message, { channels: old.map(({ vault }) => vault).join() });
  }
  if (isComplete) return;
  const why = problems.map(({ where, message }) => `${where}: ${message}`).join('; ');
  throw new RollupError('L1_UNREACHABLE', `not every channel could be looked at: ${why}`);
}

/** What cannot pass, and what nobody mends by waiting. */
const isFatal = (error: unknown): boolean =>
  !isRollupError(error) || error.code === 'INVARIANT_BROKEN' || error.code === 'L1_WRONG_CHAIN';

async function serveMetrics(
  { host, metricsPort }: WatchValues,
  { tower, cleanup }: OpenTower,
  readiness: () => Readiness,
): Promise<string | undefined> {
  if (metricsPort === undefined) return undefined;
  const server = await startMetricsServer({ host, port: metricsPort, metrics: tower.metrics, readiness }).catch(
    (error: unknown) => {
      throw new UsageError(`cannot listen on ${host}:${metricsPort}: ${(error as Error).message}`);
    },
  );
  cleanup.add('the metrics', () => server.stop());
  return server.url;
}

/** Whether every channel was seen not long ago. */
function createReadiness() {
  let seenMs: number | undefined;
  let last = 'the first look is not done';
  return {
    looked({ isComplete, problems }: TowerReport): void {
      if (isComplete) seenMs = systemClock.monotonicMs();
      else last = problems.at(-1)?.message ?? 'a look was not complete';
    },
    failed(error: unknown): void {
      last = (error as Error).message;
    },
    state(): Readiness {
      if (seenMs === undefined) return { ready: false, reason: 'STARTING', message: last };
      const ageMs = systemClock.monotonicMs() - seenMs;
      if (ageMs <= STALE_AFTER_MS) return { ready: true };
      const message = `the last complete look ended ${Math.floor(ageMs / 1_000)} s ago: ${last}`;
      return { ready: false, reason: 'STALE', message };
    },
  };
}

/** Watches until it is interrupted. @throws what makes going on wrong. */
async function watchOn(context: Context, values: WatchValues, open: OpenTower): Promise<void> {
  const { tower, account } = open;
  const { output, signal } = context;
  const readiness = createReadiness();
  const metricsUrl = await serveMetrics(values, open, readiness.state);
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  let isFirst = true;
  const loop = tower.start({
    intervalMs: values.l1PollMs,
    onReport(report) {
      readiness.looked(report);
      if (!isFirst || !report.isComplete) return;
      isFirst = false;
      const { head, channels } = report;
      const { mode, channels: contract } = values;
      const view = {
        mode,
        contract,
        account,
        block: head.number,
        channels: channels.length,
        metricsUrl: metricsUrl ?? null,
      };
      output.result(
        view,
        () => `watching over ${channels.length} channels: L1 block ${head.number}, account ${account}`,
      );
    },
    onFailure(error) {
      readiness.failed(error);
      if (isFatal(error)) fail(error);
    },
  });
  const stop = () => end();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await ended;
  } finally {
    signal.removeEventListener('abort', stop);
    await loop.stop();
  }
}

/** Watches, or looks once. */
export async function runChannelWatch(context: Context, values: WatchValues): Promise<void> {
  const { store, states, once, mode, receiver } = values;
  if (store === undefined && states === undefined) {
    throw new UsageError(
      'nothing to watch over: give --store <file> of your channels, or --states <path> of exported ones',
    );
  }
  if (mode === 'guard' && receiver !== undefined)
    throw new UsageError('--mode guard pays nobody: --receiver has no use there');
  const logger = once ? warningsOf(context.output) : openLog(context, values);
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const cleanup = createCleanup(logger);
    try {
      const open = await openTower(context, values, l1, logger, cleanup);
      if (once) await lookOnce(context, open);
      else await watchOn(context, values, open);
    } finally {
      await cleanup.run();
    }
  });
}
