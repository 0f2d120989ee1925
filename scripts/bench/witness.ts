/**
 * `./dev bench witness [--slots N] [--seed S]`: witnesses of N random slots of all kinds, natively and by circom's
 * calculator, compared bit for bit; milliseconds per slot of both, natively from packed traces as the prover does and from
 * values by name. Ends with code 1 when a wire differs.
 */

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { packTrace, RecordKind } from '@quittance/protocol';
import { isNativeAvailable, nativeHasher, nativeSignatureVerifier } from '../../native/index.ts';
import { chunkSlotInputs, chunkTileInputs, compileCircuit, WitnessCalculator } from '../../prover/index.ts';
import { openCircuitTape } from '../../prover/witness/tape.ts';
import type { PackedInputs } from '../../prover/witness/types.ts';
import { portableCrypto, World } from '../../test/support/rollup/world.ts';

const SLOTS_PER_CHUNK = 64;
const KIND_NAMES = new Map(Object.entries(RecordKind).map(([name, kind]) => [kind as number, name]));

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    slots: { type: 'string', default: '256' },
    seed: { type: 'string', default: 'bench' },
  },
});
const slotCount = Number(values.slots);
if (!Number.isSafeInteger(slotCount) || slotCount < 1) {
  console.error('usage: ./dev bench witness [--json] [--slots N] [--seed S]');
  process.exit(2);
}

const circuit = await compileCircuit('slot');
const tape = await openCircuitTape(circuit);
if (tape === undefined) {
  console.error('the native core is not built, or the slot has no tape');
  process.exit(1);
}
const module = await WebAssembly.compile(new Uint8Array(await readFile(circuit.wasmPath)));
const calculator = await WitnessCalculator.create(module);
const crypto = isNativeAvailable() ? { hasher: nativeHasher, verifier: nativeSignatureVerifier } : portableCrypto;

const kinds: Record<string, number> = {};
let [nativeMs, nativeCpuMs, namedMs, circomMs, done, mismatches] = [0, 0, 0, 0, 0, 0];
for (let chunk = 0; done < slotCount; chunk++) {
  const world = new World(`${values.seed}-${chunk}`, { crypto });
  const { trace } = world.randomChunk(SLOTS_PER_CHUNK);
  const packed = packTrace(crypto.hasher, trace);
  const challenge = world.random.bits(128);
  const count = Math.min(SLOTS_PER_CHUNK, slotCount - done);
  let start = performance.now();
  const inputs = chunkSlotInputs(trace, challenge).slice(0, count);
  const named = await tape.calculate(inputs);
  namedMs += performance.now() - start;
  for (const { operation } of trace.slots.slice(0, inputs.length)) {
    const kind = KIND_NAMES.get(operation.fields.kind) ?? String(operation.fields.kind);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  const cpu = process.cpuUsage();
  start = performance.now();
  const slots = chunkTileInputs(packed, challenge)['slot'] as PackedInputs;
  const witnesses = await tape.calculatePacked(slots.elements(tape.inputs, 0, count));
  nativeMs += performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  nativeCpuMs += (user + system) / 1000;
  if (Buffer.compare(named, witnesses) !== 0) {
    mismatches += 1;
    console.error(`seed ${values.seed}-${chunk}: the witnesses from the trace are not those from values by name`);
  }
  const wireBytes = tape.wireCount * 32;
  for (const [index, input] of inputs.entries()) {
    start = performance.now();
    const expected = calculator.calculate(input);
    circomMs += performance.now() - start;
    const actual = witnesses.subarray(index * wireBytes, (index + 1) * wireBytes);
    if (Buffer.compare(expected, actual) === 0) continue;
    mismatches += 1;
    const byte = expected.findIndex((value, position) => value !== actual[position]);
    console.error(`seed ${values.seed}-${chunk}, slot ${index}: wire ${Math.floor(byte / 32)} differs`);
  }
  done += inputs.length;
  if (!values.json && (chunk + 1) % 16 === 0) console.log(`${done} slots compared, ${mismatches} differ`);
}

const result = {
  slots: done,
  kinds,
  mismatches,
  wires: tape.wireCount,
  threads: availableParallelism(),
  /** From a packed trace to the witness. */
  nativeMsPerSlot: nativeMs / done,
  /** All threads, the encoding of inputs and the memory for the result included. */
  nativeCpuMsPerSlot: nativeCpuMs / done,
  /** The same from values by name. */
  namedMsPerSlot: namedMs / done,
  circomMsPerSlot: circomMs / done,
  ratio: circomMs / nativeMs,
};
if (!values.json) {
  console.log(
    `native  ${result.nativeMsPerSlot.toFixed(3)} ms per slot on ${result.threads} threads, ${result.nativeCpuMsPerSlot.toFixed(3)} ms of CPU`,
  );
  console.log(`named   ${result.namedMsPerSlot.toFixed(3)} ms per slot from values by name`);
  console.log(`circom  ${result.circomMsPerSlot.toFixed(3)} ms per slot on one`);
}
console.log(JSON.stringify(result));
process.exit(mismatches === 0 ? 0 : 1);
