import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFile } from '../../prover/index.ts';
import { openCircuitTape } from '../../prover/witness/tape.ts';
import { type Logger, silentLogger } from '../../runtime/index.ts';
import { temporaryFolder } from '../prover/fixtures/folder.ts';
import { describeNative } from '../support/native.ts';

/** A logger that keeps its lines. */
function keepLines(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (message: string): void => {
      lines.push(`${level}: ${message}`);
    };
  return { logger: { ...silentLogger, info: keep('info'), warn: keep('warn') }, lines };
}

describeNative('native witness tapes in the build folder', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const compile = (name: string) =>
    compileFile(`tape-${name}`, fileURLToPath(new URL(`./circuits/${name}.circom`, import.meta.url)));

  async function tapePath(): Promise<string> {
    const [name] = await readdir(join(folder(), 'tapes'));
    return join(folder(), 'tapes', name!, 'witness.tape');
  }

  it('are made once, and again when they are damaged', async () => {
    const circuit = await compile('operators');
    const options = { buildDirectory: folder() };
    assert.ok(await openCircuitTape(circuit, options));
    const path = await tapePath();
    const { ino } = await stat(path);
    assert.ok(await openCircuitTape(circuit, options));
    assert.equal((await stat(path)).ino, ino, 'the second time nothing is made');

    const bytes = await readFile(path);
    const damaged = Buffer.from(bytes);
    damaged[bytes.length >> 1]! ^= 1;
    await writeFile(path, damaged);
    const { logger, lines } = keepLines();
    const tape = await openCircuitTape(circuit, { ...options, logger });
    assert.ok(tape);
    assert.match(lines.join('\n'), /warn: .*rebuilding/);
    assert.deepEqual(await readFile(path), bytes);
    assert.equal((await tape.calculate([{ a: 1n, b: 2n }])).length, tape.wireCount * 32);
  });

  it('leave a circuit that has none to circom, with one line in the log', async () => {
    const { logger, lines } = keepLines();
    const circuit = await compile('lookup');
    assert.equal(await openCircuitTape(circuit, { buildDirectory: folder(), logger }), undefined);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0]!, /^warn: witnesses of tape-lookup are made by circom's calculator: .*Lookup/);
  });
});
