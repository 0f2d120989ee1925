/**
 * `./dev bench l1 [--json] [--save] [--only name,name]`: what a transfer costs on L1 in each way that a batch gets there,
 * on anvil, with real proofs; today and under EIP-7976 and EIP-8037. Ends with code 1 when one costs more than its limit.
 * Everything takes about half an hour on two cores, nearly all of it the eleven proofs of `single`.
 */

import { parseArgs } from 'node:util';
import { runChild } from './parts/children.ts';
import { L1_JOBS, type L1Mode, overLimits } from './parts/l1-modes.ts';
import { printResult } from './parts/options.ts';

function readOptions() {
  const names = L1_JOBS.flatMap(({ batches }) => batches.map(({ name }) => name));
  try {
    const boolean = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({ options: { json: boolean, save: boolean, only: { type: 'string' } } });
    const only = values.only?.split(',') ?? names;
    const unknown = only.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`--only takes some of ${names.join(', ')}, not ${unknown}`);
    return { json: values.json, save: values.save, only };
  } catch (error) {
    console.error(`usage: ./dev bench l1 [--json] [--save] [--only name,name]: ${(error as Error).message}`);
    process.exit(2);
  }
}

const options = readOptions();
const modes: Record<string, L1Mode> = {};
for (const job of L1_JOBS) {
  const batches = job.batches.filter(({ name }) => options.only.includes(name));
  if (batches.length === 0) continue;
  Object.assign(modes, await runChild('./l1-child.ts', [JSON.stringify({ ...job, batches })]));
}
printResult({ modes }, { ...options, name: 'l1', slots: 0 }, [
  ...Object.entries(modes).map(
    ([name, mode]) =>
      `${name.padEnd(24)} ${mode.proofs} proofs, ${mode.blobs} blobs, ${mode.bytes} bytes of calldata: ` +
      `${mode.gasPerTransfer} gas a transfer, ${mode.gasPerTransferEip7976} under EIP-7976, ${mode.gasPerTransferEip8037} under EIP-8037`,
  ),
]);
const over = overLimits(modes);
for (const sentence of over) console.error(sentence);
process.exit(over.length === 0 ? 0 : 1);
