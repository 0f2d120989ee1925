/**
 * `./dev bench prove`: native against snarkjs on the same chunk, witness and verification included, each backend in
 * processes of its own. Seconds are from the executed chunk to the verified proof; keys are made before the clock.
 */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isNativeAvailable, nativeUnavailableReason } from '../../native/index.ts';
import type { BackendName } from '../../prover/index.ts';
import type { ProveReport } from './proveChild.ts';
import { printResult, readBenchOptions } from './support.ts';

const DEFAULT_SLOTS = 32;
const options = readBenchOptions('prove', DEFAULT_SLOTS);
if (!isNativeAvailable()) console.error(nativeUnavailableReason());

const snarkjs = await measure('snarkjs');
const native = isNativeAvailable() ? await measure('native') : null;
const result = {
  ratio: native && snarkjs.seconds / native.seconds,
  native: native && { seconds: native.seconds, peakBytes: native.peakBytes, stages: native.stages },
  snarkjs: { seconds: snarkjs.seconds, peakBytes: snarkjs.peakBytes, stages: snarkjs.stages },
  constraints: snarkjs.constraints,
  slots: options.slots,
};
printResult(result, options, [
  `${options.slots} slots, ${result.constraints} constraints`,
  `snarkjs  ${snarkjs.seconds.toFixed(2)} s, ${(snarkjs.peakBytes / 2 ** 30).toFixed(2)} GiB`,
  ...(native
    ? [
        `native   ${native.seconds.toFixed(2)} s, ${(native.peakBytes / 2 ** 30).toFixed(2)} GiB`,
        `ratio    ${(snarkjs.seconds / native.seconds).toFixed(1)}`,
      ]
    : []),
]);

/** Makes the keys in one process and proves in another, so that the set-up does not count as memory of the proof. */
async function measure(backend: BackendName): Promise<ProveReport> {
  await runChild(backend, 'prepare');
  return runChild(backend, 'prove');
}

function runChild(backend: BackendName, task: 'prepare' | 'prove'): Promise<ProveReport> {
  console.error(`${task === 'prepare' ? 'preparing' : 'proving with'} ${backend}`);
  const script = fileURLToPath(new URL('./proveChild.ts', import.meta.url));
  const child = fork(script, [backend, task, String(options.slots)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((settle, fail) => {
    child.once('message', (report) => settle(report as ProveReport));
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`the ${backend} process ended with code ${code}`)));
  });
}
