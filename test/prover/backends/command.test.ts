import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chunkPublicInputs, publicInputsOf } from '@quittance/protocol';
import { chooseBackend } from '../../../prover/backends/choose.ts';
import { CommandBackend, parseProverCommand } from '../../../prover/backends/command.ts';
import { createProver, type Prover, type ProverCommand, verifyProof } from '../../../prover/index.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { CHALLENGE, SLOTS, smallChunk } from '../fixtures/chunk.ts';
import { temporaryFolder } from '../fixtures/folder.ts';

const SCRIPT = fileURLToPath(new URL('../../support/process/external-prover.ts', import.meta.url));
const command = (behavior: string, timeoutMs?: number): ProverCommand => ({
  program: process.execPath,
  parameters: [SCRIPT, behavior],
  timeoutMs,
});

describe('prover: an external command', function () {
  this.timeout(240_000);
  const folder = temporaryFolder();
  const trace = smallChunk();
  const open: Prover[] = [];
  const proverOf = (behavior: string): Prover => {
    const profile = { name: 'test', slotsPerChunk: SLOTS };
    const prover = createProver({ profile, backend: 'command', command: command(behavior) });
    open.push(prover);
    return prover;
  };
  after(() => Promise.all(open.map((prover) => prover.close())));

  it('proves a chunk that verifies, from our .zkey and .wtns', async () => {
    const prover = proverOf('prove');
    const { proof, timings } = await prover.proveChunk(trace, CHALLENGE);
    await verifyProof(prover.verifyingKey, publicInputsOf(chunkPublicInputs(trace, CHALLENGE)), proof);
    assert.equal(prover.backend, 'command');
    assert.ok(timings['prove']! > 0);
  });

  it('lets no invalid proof out, however well formed', async () => {
    const error = await assertRejects(proverOf('swap').proveChunk(trace, CHALLENGE), 'PROOF_INVALID');
    assert.equal(error.data['reason'], 'pairing');
  });

  const job = { layoutPath: 'none', provingKeyPath: 'none', witness: new Uint8Array(64) };

  it('reports the exit code and what the program said', async () => {
    const error = await assertRejects(new CommandBackend(command('fail')).prove(job), 'PROVING_FAILED');
    assert.equal(error.data['reason'], 'ended with code 3');
    assert.match(error.message, /out of luck/);
  });

  for (const [behavior, reason] of [
    ['silent', 'it wrote no proof.json'],
    ['text', 'its proof.json is not JSON'],
    ['huge', 'its proof.json has more than 65536 bytes'],
  ] as const) {
    it(`refuses a program of which it can say: ${reason}`, async () => {
      const error = await assertRejects(new CommandBackend(command(behavior)).prove(job), 'PROVING_FAILED');
      assert.equal(error.data['reason'], reason);
    });
  }

  it('refuses JSON that is no proof', async () => {
    const error = await assertRejects(new CommandBackend(command('null')).prove(job), 'PROVING_FAILED');
    assert.match(error.message, /its proof\.json is not a proof/);
  });

  it('kills a program that takes too long', async () => {
    const error = await assertRejects(new CommandBackend(command('hang', 500)).prove(job), 'TIMEOUT');
    assert.equal(error.data['timeoutMs'], 500);
  });

  it('kills the program when the task is cancelled', async () => {
    const signal = AbortSignal.timeout(300);
    await assertRejects(new CommandBackend(command('hang')).prove(job, { signal }), 'CANCELLED');
    await assertRejects(new CommandBackend(command('prove')).prove(job, { signal }), 'CANCELLED');
  });

  it('says so when the program cannot be run', async () => {
    const backend = new CommandBackend({ program: '/nowhere/prover', parameters: [] });
    await assertRejects(backend.prove(job), 'CONFIG_INVALID');
  });

  it('leaves no files behind', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder();
    try {
      await assertRejects(new CommandBackend(command('fail')).prove(job), 'PROVING_FAILED');
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
    assert.deepEqual(await readdir(folder()), []);
  });

  it('reads a command line as words, without a shell', () => {
    assert.deepEqual(parseProverCommand(' /opt/prover  --threads 2 $HOME;ls '), {
      program: '/opt/prover',
      parameters: ['--threads', '2', '$HOME;ls'],
    });
    assertCode(() => parseProverCommand('  '), 'CONFIG_INVALID');
  });

  it('goes with a command only, and the other backends without one', () => {
    assertCode(() => chooseBackend('command'), 'CONFIG_INVALID');
    assertCode(() => chooseBackend('snarkjs', { command: command('prove') }), 'CONFIG_INVALID');
    assertCode(() => chooseBackend('command', { command: command('prove'), blinding: true }), 'CONFIG_INVALID');
  });
});
