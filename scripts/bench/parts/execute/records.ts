/** Random records of all kinds, valid and broken in every way, through the reference engine and native ones. */

import {
  applyOperation,
  type Crypto,
  createReferenceEngine,
  type Engine,
  type ExecuteOptions,
  type Execution,
  FEE_TOKEN_COUNT,
  type Operation,
  RECORD_ERROR_CODES,
  RecordKind,
  wordCountOf,
} from '@quittance/protocol';
import { createNativeEngine, nativeHasher, nativeSignatureVerifier } from '../../../../native/index.ts';
import { BREAKERS } from '../../../../test/differential/breakers.ts';
import { draftAny } from '../../../../test/differential/drafts.ts';
import { ReachableRollup } from '../../../../test/differential/reachable.ts';
import { createRandom } from '../../../../test/support/property/random.ts';
import { batchOf, stateContent } from '../../../../test/support/rollup/engine-batch.ts';
import { collectFeeOperation } from '../../../../test/support/rollup/world.ts';
import type { RecordsJob, RecordsReport } from './jobs.ts';

const CRYPTO: Crypto = { hasher: nativeHasher, verifier: nativeSignatureVerifier };
/** Random records of a world: two chunks, besides the collection of their fees. */
const WORLD_RECORDS = 100;
const VALID_SHARE = 0.6;

const KIND_NAMES = new Map(Object.entries(RecordKind).map(([name, kind]) => [kind as number, name]));

/** A record as it comes in a batch, and what TypeScript's rules said of it when its turn came. */
interface Drawn {
  readonly operation: Operation;
  readonly code: string;
}

/** Whether OPERATION_BYTES can say it. */
const isPackable = ({ fields, words }: Operation): boolean => words.length === wordCountOf(fields.kind);

/** The next record of a world, which goes on with it when it is valid. Undefined: it would make money that L1 has not. */
function draw(world: ReachableRollup): Drawn | undefined {
  const { random, crypto, state, context } = world;
  const operation = random.chance(VALID_SHARE) ? draftAny(world) : BREAKERS[random.pick(RECORD_ERROR_CODES)](world);
  if (!isPackable(operation)) return undefined;
  const outcome = applyOperation(crypto, state, operation, context, world.fees);
  if (!outcome.valid) return { operation, code: outcome.invalid.code };
  return world.apply(outcome.effects) ? { operation, code: 'valid' } : undefined;
}

/** `count` records, and the collection of the fees that the valid ones paid. */
function drawChunk(world: ReachableRollup, count: number): Drawn[] {
  world.fees = Array.from({ length: FEE_TOKEN_COUNT }, () => 0n);
  const drawn: Drawn[] = [];
  while (drawn.length < count) {
    const next = draw(world);
    if (next !== undefined) drawn.push(next);
  }
  for (const [position, sum] of world.fees.entries()) {
    if (sum === 0n) continue;
    const token = world.context.feeTokens[position]!;
    const index = world.indices.find((candidate) => BigInt(world.state.get(candidate)!.tokenId) === token)!;
    const operation = collectFeeOperation(index);
    const outcome = applyOperation(world.crypto, world.state, operation, world.context, world.fees);
    if (!outcome.valid || !world.apply(outcome.effects)) throw new Error('fees were not collected');
    drawn.push({ operation, code: 'valid' });
  }
  return drawn;
}

/** All that an execution says. */
const contentOf = ({ refusals, chunks, changes }: Execution): string[] => [
  JSON.stringify(refusals),
  ...chunks.map(({ oldRoot, newRoot, commitment, trace }) =>
    [oldRoot, newRoot, commitment, trace && Buffer.from(trace.bytes).toString('latin1')].join(),
  ),
  Buffer.from(changes.bytes).toString('latin1'),
];

/** The first part in which two say different things; undefined when there is none. */
function differenceOf(one: readonly string[], other: readonly string[]): number | undefined {
  const length = Math.max(one.length, other.length);
  const position = Array.from({ length }, (_, at) => at).find((at) => one[at] !== other[at]);
  return position;
}

/** An engine that is held to the reference. */
export interface NamedEngine {
  readonly name: string;
  readonly engine: Engine;
}

/** Native engines of 1, 2 and 7 threads. */
function nativeEngines(): NamedEngine[] {
  return [1, 2, 7].map((threads) => ({ name: `${threads} threads`, engine: createNativeEngine({ threads }) }));
}

/** What came of one world. */
interface WorldReport {
  readonly drawn: readonly Drawn[];
  readonly executed: number;
  readonly differences: readonly string[];
}

/** Executes a world's records by all engines: those that break rules are refused, the others executed. */
async function compareWorld(
  name: string,
  engines: readonly NamedEngine[],
  reference: Engine,
  records: number,
): Promise<WorldReport> {
  const world = new ReachableRollup(createRandom(name), CRYPTO);
  const accounts = [...world.state.accounts()];
  const first = Math.ceil(records / 2);
  const chunks = [drawChunk(world, first), drawChunk(world, records - first)];
  const differences: string[] = [];
  const run = async (engine: Engine, kept: readonly (readonly Drawn[])[], options: ExecuteOptions) => {
    const state = engine.createState(accounts);
    const batch = batchOf(world.context, ...kept.map((chunk) => chunk.map(({ operation }) => operation)));
    const execution = await engine.execute(state, batch, options);
    const { root, shards, rows } = stateContent(state);
    return {
      execution,
      content: [...contentOf(execution), [root, ...shards].join(), Buffer.from(rows).toString('latin1')],
    };
  };
  const compare = async (kept: readonly (readonly Drawn[])[], options: ExecuteOptions): Promise<Execution> => {
    const expected = await run(reference, kept, options);
    for (const { name: of, engine } of engines) {
      const { content } = await run(engine, kept, options);
      const part = differenceOf(content, expected.content);
      if (part === undefined) continue;
      differences.push(`${name}, ${of}: part ${part} of what ${options.onInvalid} gives differs`);
    }
    return expected.execution;
  };
  const options: ExecuteOptions = { signatures: 'verified', onInvalid: 'skip', traces: true, commitments: true };
  const { refusals } = await compare(chunks, options);
  const said = refusals.map(({ chunk, slot, code }) => `${chunk}/${slot}/${code}`).join();
  const expected = chunks.flatMap((chunk, at) =>
    chunk.flatMap(({ code }, slot) => (code === 'valid' ? [] : [`${at}/${slot}/${code}`])),
  );
  if (said !== expected.join()) differences.push(`${name}: the engines refuse ${said}, the rules ${expected.join()}`);
  const valid = chunks.map((chunk) => chunk.filter(({ code }) => code === 'valid'));
  const execution = await compare(valid, { ...options, onInvalid: 'stop' });
  if (execution.refusals.length > 0) differences.push(`${name}: valid records were refused`);
  if (execution.chunks.at(-1)?.newRoot !== world.state.root)
    differences.push(`${name}: the rules lead to another root`);
  return { drawn: chunks.flat(), executed: valid.flat().length, differences };
}

/** Runs through worlds until there were so many records. */
export async function compareRecords(
  { seed, firstWorld, records }: Pick<RecordsJob, 'seed' | 'firstWorld' | 'records'>,
  engines = nativeEngines(),
): Promise<RecordsReport> {
  const reference = createReferenceEngine(CRYPTO);
  const kinds: Record<string, number> = {};
  const differences: string[] = [];
  let [done, executed] = [0, 0];
  for (let number = firstWorld; done < records; number++) {
    const count = Math.min(WORLD_RECORDS, records - done);
    const report = await compareWorld(`${seed}/${number}`, engines, reference, count);
    for (const { operation, code } of report.drawn) {
      const kind = `${KIND_NAMES.get(operation.fields.kind) ?? 'reserved'}/${code}`;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    done += count;
    executed += report.executed;
    differences.push(...report.differences);
  }
  return { records: done, executed, kinds, differences };
}
