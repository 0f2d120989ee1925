/**
 * `./dev bench kzg [--json]`: what is computed about blobs, in JavaScript and by rust-eth-kzg, in one run on one thread
 * each: commitment, opening, its check, all cells with their proofs, the check of half of them, restoring from that half.
 */

import { parseArgs } from 'node:util';
import { createPortableKzg, type Kzg } from '@quittance/chain';
import { BLOB_BYTES } from '@quittance/protocol';
import { createNativeKzg } from '../../native/index.ts';
import { printResult } from './parts/options.ts';

const POINT = 12_345n;
const HALF = Array.from({ length: 64 }, (_, index) => 2 * index);

/** A full blob, each element of 248 bits. */
function fullBlob(): Uint8Array {
  return Uint8Array.from({ length: BLOB_BYTES }, (_, at) => (at % 32 === 0 ? 0 : (at * 2_654_435_761) >>> 24));
}

/** Milliseconds of each task. The first call of each makes tables and is not counted. */
async function measure(kzg: Kzg): Promise<Record<string, number>> {
  const blob = fullBlob();
  const commitment = await kzg.commitment(blob);
  const { y, proof } = await kzg.open(blob, POINT);
  const all = await kzg.cells(blob);
  const half = { cells: HALF.map((index) => all.cells[index]!), proofs: HALF.map((index) => all.proofs[index]!) };
  const tasks: Record<string, () => Promise<unknown>> = {
    commitment: () => kzg.commitment(blob),
    open: () => kzg.open(blob, POINT),
    verify: () => kzg.verify(commitment, POINT, y, proof),
    cells: () => kzg.cells(blob),
    verifyCells: () => kzg.verifyCells(commitment, HALF, half),
    restore: () => kzg.restore(HALF, half.cells),
  };
  const times: Record<string, number> = {};
  for (const [name, task] of Object.entries(tasks)) {
    const start = performance.now();
    await task();
    times[name] = performance.now() - start;
  }
  return times;
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const portable = await measure(await createPortableKzg());
const library = createNativeKzg();
const native = library === undefined ? undefined : await measure(library);
printResult({ portable, native }, { name: 'kzg', json: values.json, save: false, slots: 0 }, [
  ...Object.entries(portable).map(([name, ms]) => {
    const other = native?.[name];
    const ratio =
      other === undefined ? '' : `, by rust-eth-kzg ${other.toFixed(1)} ms: ${(ms / other).toFixed(0)} times as fast`;
    return `${name.padEnd(12)} in JavaScript ${ms.toFixed(1)} ms${ratio}`;
  }),
]);
