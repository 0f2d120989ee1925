import { createProver } from '../../prover/index.ts';
import { World } from '../support/world.ts';

const w = new World('x');
for (let i = 0; i < 4; i++) w.fund(i % 2, 10n ** 18n);
const t0 = performance.now();
const { trace } = w.randomChunk(4);
console.log(
  'exec',
  performance.now() - t0,
  trace.slots.map((s) => s.operation.fields.kind),
);
const p = createProver({ profile: { name: 'test', slotsPerChunk: 4 }, backend: 'snarkjs' });
console.time('prep');
await p.prepare();
console.timeEnd('prep');
console.log(p.constraintCount);
const r = await p.proveChunk(trace, 123456789n);
console.log(r.timings, r.peakBytes);
await p.close();
