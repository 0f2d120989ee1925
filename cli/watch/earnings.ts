/** `quittance watch earnings`: what an account has earned and lost by disputes, read from L1 alone. */

import { createAssertionReader, translateChainError } from '@quittance/chain';
import { isSameAddress, RollupError } from '@quittance/protocol';
import { type Earnings, earningsOf } from '../../watcher/index.ts';
import type { Values } from '../config/setting.ts';
import { addressOf } from '../l1/account.ts';
import { connectRollup, type L1, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import type { EARNINGS_SETTINGS } from './settings.ts';
import { etherText } from './view.ts';

/** Receipts that are asked for: the gas of more transactions is not added up. */
const MAX_RECEIPTS = 1_000;

/** Wei that the account paid for gas in these transactions; those of others among them cost it nothing. */
async function gasOf({ provider }: L1, account: string, hashes: readonly string[]) {
  let [gasWei, transactions] = [0n, 0];
  for (const hash of hashes.slice(0, MAX_RECEIPTS)) {
    const receipt = await provider.getTransactionReceipt(hash).catch((error: unknown) => {
      throw translateChainError('reading a receipt', error);
    });
    if (receipt === null || !isSameAddress(receipt.from, account)) continue;
    gasWei += receipt.fee;
    transactions += 1;
  }
  return { gasWei, transactions };
}

interface Story extends Omit<Earnings, 'transactionHashes'> {
  readonly account: string;
  readonly gasWei: bigint;
  readonly transactions: number;
  readonly creditWei: bigint;
}

/** Ether with its sign. */
const signed = (wei: bigint): string => (wei < 0n ? `−${etherText(-wei)}` : etherText(wei));

function textOf(story: Story): string {
  const { account, lies, disputes, assertions, earnedWei, lostWei, gasWei, transactions } = story;
  const rows = [
    ['account', account],
    ['disputes', `${disputes.opened} opened, ${disputes.lost} lost`],
    ['batches asserted', `${assertions.made}, ${assertions.lost} lost`],
    ['earned', etherText(earnedWei)],
    ['lost', etherText(lostWei)],
    ['gas', `${etherText(gasWei)} in ${transactions} transactions`],
    ['together', signed(earnedWei - lostWei - gasWei)],
    ['staked now', etherText(story.stakedWei)],
    ['to collect', etherText(story.creditWei)],
  ];
  const shown = lies.map(
    ({ batch, asserter, reward, blockNumber, transactionHash }) =>
      `showed the lie in batch ${batch} of ${asserter}: ${etherText(reward)}, block ${blockNumber}, ${transactionHash}`,
  );
  return [table(rows), ...shown].join('\n');
}

/** Reads every event since the deployment. @throws RollupError NO_OPTIMISTIC_MODE, L1_UNREACHABLE. */
export async function runEarnings({ output }: Context, values: Values<typeof EARNINGS_SETTINGS>): Promise<void> {
  const { contract, fromBlock } = values;
  const account = values.account ?? (await addressOf(values, output));
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const reader = await connectRollup(l1, contract);
    const assertions = createAssertionReader({ ...l1, contract });
    const constants = await assertions.connect();
    if (constants === undefined) {
      throw new RollupError('NO_OPTIMISTIC_MODE', `the rollup ${contract} has no optimistic mode`, { contract });
    }
    const { number } = await reader.head();
    const { transactionHashes, ...earnings } = earningsOf(
      account,
      await assertions.events(fromBlock, number),
      constants,
    );
    const spent = await gasOf(l1, account, transactionHashes);
    const creditWei = await assertions.creditOf(account);
    const story = { account, ...earnings, ...spent, creditWei };
    output.result(story, () => textOf(story));
  });
}
