/** One job of `./dev bench l1` in this process: node l1-child.ts <job as JSON>. Real transfers, real proofs, anvil. */

import { PROFILES } from '@quittance/protocol';
import { createPerson } from '../../../cli/devnet/people.ts';
import { batchCost, transactionsOf } from '../../devnet/measure.ts';
import { createProgress } from '../../devnet/progress.ts';
import { type LocalRollup, startRollup } from '../../devnet/rollup.ts';
import { runWallets } from '../../devnet/run-wallets.ts';
import { depositAll, finalize, planTransfers, SCENARIO_SIZES } from '../../devnet/scenario-parts.ts';
import { l1Gas } from './l1-costs.ts';
import type { L1Job, L1Mode } from './l1-modes.ts';

const job = JSON.parse(process.argv[2]!) as L1Job;
const progress = createProgress();
const { people } = SCENARIO_SIZES[job.profile];

/** Sends the transfers, waits until they are final, and counts what that cost. */
async function measure(rollup: LocalRollup, transfers: number): Promise<L1Mode> {
  await runWallets({ url: rollup.api.url, transfers: planTransfers(rollup, people, transfers) }, (sent) =>
    progress.update(sent, transfers),
  );
  const numbers = await finalize(rollup, progress, `${transfers} transfers`);
  if (numbers.length !== 1) throw new Error(`${transfers} transfers took ${numbers.length} batches, not one`);
  const cost = await batchCost(rollup, numbers[0]!);
  const hashes = await transactionsOf(rollup, numbers[0]!);
  const receipts = await Promise.all(hashes.map(async (hash) => (await rollup.provider.getTransactionReceipt(hash))!));
  const gas = await l1Gas(rollup.provider, receipts);
  const sent = await Promise.all(hashes.map(async (hash) => (await rollup.provider.getTransaction(hash))!.data));
  const perTransfer = (value: number) => Number((value / cost.transfers).toFixed(1));
  return {
    transfers: cost.transfers,
    proofs: job.mode === 'zk' ? cost.chunks : 0,
    gasPerTransfer: perTransfer(gas.today),
    gasPerTransferEip7976: perTransfer(gas.eip7976),
    gasPerTransferEip8037: perTransfer(gas.eip8037),
    blobs: cost.blobs,
    bytes: sent.reduce((sum, data) => sum + (data.length - 2) / 2, 0),
  };
}

const rollup = await startRollup({
  profile: PROFILES[job.profile],
  backend: 'native',
  port: 0,
  progress,
  mode: job.mode,
  data: job.data,
});
const owners = Array.from({ length: people }, (_, number) => createPerson(number));
await depositAll(rollup, owners, progress);
await finalize(rollup, progress, 'deposits');
const modes: Record<string, L1Mode> = {};
for (const { name, transfers } of job.batches) modes[name] = await measure(rollup, transfers);
await rollup.stop();
process.send!(modes, () => process.exit(0));
