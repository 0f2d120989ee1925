/** Proves with an external program. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Groth16Proof, isRollupError, RollupError } from '@quittance/protocol';
import { createTaskQueue } from '../../runtime/index.ts';
import { throwIfCancelled } from '../cancel.ts';
import { decodeProof, type ProofJson } from '../formats/proof-json.ts';
import { writeWitness } from '../formats/wtns.ts';
import type { TaskOptions } from '../types.ts';
import { type BackendResult, MAX_PENDING_PROOFS, type ProofJob, type ProverBackend } from './types.ts';

/** A prover that somebody else wrote, called as rapidsnark is. */
export interface ProverCommand {
  readonly program: string;
  /** Before the four files: `.zkey`, `.wtns`, `proof.json` and `public.json` to write. */
  readonly parameters: readonly string[];
  /** It is killed after this long. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 3_600_000;
/** A proof in decimal has about 1 kB. */
const MAX_PROOF_BYTES = 65_536;
/** What is kept of the end of its stderr. */
const STDERR_BYTES = 4_096;

/**
 * A command line as words: `program parameter …`, separated by blanks. No shell reads it, and there are no quotes.
 *
 * @throws RollupError CONFIG_INVALID when it is blank.
 */
export function parseProverCommand(line: string): ProverCommand {
  const [program, ...parameters] = line.trim().split(/\s+/);
  if (!program) throw new RollupError('CONFIG_INVALID', 'the prover command is empty', { command: line });
  return { program, parameters };
}

/** Proves with an external program, one proof at a time. Nothing that it says is trusted: the prover verifies. */
export class CommandBackend implements ProverBackend {
  readonly name = 'command';
  readonly #command: ProverCommand;
  readonly #queue = createTaskQueue(MAX_PENDING_PROOFS);

  constructor(command: ProverCommand) {
    this.#command = command;
  }

  /** The program reads the files itself. */
  async open(): Promise<void> {}

  prove(job: ProofJob, options: TaskOptions = {}): Promise<BackendResult> {
    return this.#queue.run(() => this.#proveOne(job, options));
  }

  close(): Promise<void> {
    return this.#queue.drain();
  }

  async #proveOne(job: ProofJob, { signal, onProgress }: TaskOptions): Promise<BackendResult> {
    throwIfCancelled(signal, 'proving');
    const folder = await mkdtemp(join(tmpdir(), 'quittance-prover-'));
    try {
      const paths = ['witness.wtns', 'proof.json', 'public.json'].map((name) => join(folder, name));
      const [witnessPath, proofPath] = paths as [string, string, string];
      await writeWitness(witnessPath, job.witness);
      onProgress?.({ stage: 'prove', done: 0, total: 1 });
      const started = performance.now();
      await run(this.#command, [job.provingKeyPath, ...paths], signal);
      onProgress?.({ stage: 'prove', done: 1, total: 1 });
      const proof = await readProof(proofPath, this.#command.program);
      return { proof, stages: { prove: (performance.now() - started) / 1000 } };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Runs the program to its end. @throws RollupError CONFIG_INVALID, PROVING_FAILED, TIMEOUT, CANCELLED. */
async function run(command: ProverCommand, files: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const { program, parameters, timeoutMs = DEFAULT_TIMEOUT_MS } = command;
  // A group of its own, so that what it starts ends with it.
  const child = spawn(program, [...parameters, ...files], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let said = '';
  child.stderr!.on('data', (piece: Buffer) => {
    said = (said + piece.toString('utf8')).slice(-STDERR_BYTES);
  });
  const failed = (reason: string): RollupError => {
    const ending = said.trim() === '' ? '' : `:\n${said.trim()}`;
    return new RollupError('PROVING_FAILED', `${program} made no proof: it ${reason}${ending}`, { reason, program });
  };
  await new Promise<void>((settle, fail) => {
    const stop = (error: RollupError): void => {
      killGroup(child);
      fail(error);
    };
    const cancel = () => stop(new RollupError('CANCELLED', 'proving was cancelled', { task: 'proving' }));
    const timer = setTimeout(
      () =>
        stop(new RollupError('TIMEOUT', `${program} had not finished after ${timeoutMs} ms`, { timeoutMs, program })),
      timeoutMs,
    );
    const kill = () => killGroup(child);
    process.once('exit', kill);
    signal?.addEventListener('abort', cancel, { once: true });
    child.once('error', (cause) => {
      const message = `the prover command ${program} cannot be run: ${cause.message}`;
      fail(new RollupError('CONFIG_INVALID', message, { program }, { cause }));
    });
    child.once('close', (exitCode, signalName) => {
      if (exitCode === 0) settle();
      else fail(failed(signalName ? `was ended by ${signalName}` : `ended with code ${exitCode}`));
    });
    const tidy = () => {
      clearTimeout(timer);
      process.off('exit', kill);
      signal?.removeEventListener('abort', cancel);
    };
    child.once('close', tidy);
    child.once('error', tidy);
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Reads a proof of a bounded size. @throws RollupError PROVING_FAILED when there is none. */
async function readProof(path: string, program: string): Promise<Groth16Proof> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new RollupError('PROVING_FAILED', `${program} made no proof: ${reason}`, { reason, program }, { cause });
  };
  const file = await open(path, 'r').catch(() => refuse('it wrote no proof.json'));
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_PROOF_BYTES + 1), 0, MAX_PROOF_BYTES + 1, 0);
    if (bytesRead > MAX_PROOF_BYTES) refuse(`its proof.json has more than ${MAX_PROOF_BYTES} bytes`);
    return decodeProof(JSON.parse(buffer.toString('utf8', 0, bytesRead)) as ProofJson);
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('its proof.json is not JSON', error);
    if (isRollupError(error, 'PROOF_UNREADABLE'))
      return refuse(`its proof.json is not a proof: ${error.message}`, error);
    throw error;
  } finally {
    await file.close();
  }
}
