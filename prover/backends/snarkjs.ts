/** Proves with snarkjs, in a process of its own. */

import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RollupError } from '@quittance/protocol';
import { createTaskQueue } from '../../runtime/index.ts';
import { isInterruption, throwIfCancelled } from '../cancel.ts';
import { decodeProof } from '../formats/proof-json.ts';
import { writeWitness } from '../formats/wtns.ts';
import type { TaskOptions } from '../types.ts';
import type { SnarkjsReply, SnarkjsRequest } from './snarkjs-child.ts';
import { type BackendResult, MAX_PENDING_PROOFS, type ProofJob, type ProverBackend } from './types.ts';

/** Heap of the child process. Measured: 3.0 GB in all for 654,464 constraints; buffers come on top of the heap. */
const DEFAULT_HEAP_MB = 4096;
const CHILD_PATH = fileURLToPath(new URL('./snarkjs-child.ts', import.meta.url));

/**
 * Proves with snarkjs in a child process of its own for each proof, one at a time, so that its memory is bounded and
 * given back. Progress is by stage; snarkjs reports nothing finer.
 */
export class SnarkjsBackend implements ProverBackend {
  readonly name = 'snarkjs';
  readonly #heapMb: number;
  readonly #queue = createTaskQueue(MAX_PENDING_PROOFS);

  constructor(heapMb: number = DEFAULT_HEAP_MB) {
    this.#heapMb = heapMb;
  }

  /** Nothing is shared: each child process reads the key. */
  async open(): Promise<void> {}

  prove(job: ProofJob, options: TaskOptions = {}): Promise<BackendResult> {
    return this.#queue.run(() => this.#proveOne(job, options));
  }

  close(): Promise<void> {
    return this.#queue.drain();
  }

  async #proveOne(job: ProofJob, { signal, onProgress }: TaskOptions): Promise<BackendResult> {
    throwIfCancelled(signal, 'proving');
    const folder = await mkdtemp(join(tmpdir(), 'quittance-snarkjs-'));
    try {
      const witnessPath = join(folder, 'witness.wtns');
      await writeWitness(witnessPath, job.witness);
      onProgress?.({ stage: 'prove', done: 0, total: 1 });
      const started = performance.now();
      const reply = await this.#runChild({ zkeyPath: job.provingKeyPath, witnessPath }, signal);
      if (!reply.ok) {
        throw new RollupError('PROVING_FAILED', `snarkjs made no proof: ${reply.message}`, { reason: reply.message });
      }
      onProgress?.({ stage: 'prove', done: 1, total: 1 });
      return {
        proof: decodeProof(reply.proof),
        stages: { prove: (performance.now() - started) / 1000 },
        peakBytes: reply.peakBytes,
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #runChild(request: SnarkjsRequest, signal: AbortSignal | undefined): Promise<SnarkjsReply> {
    const child = fork(CHILD_PATH, [], {
      // None of this process's own: with its `-e`, the child would run that program and start the next child.
      execArgv: [`--max-old-space-size=${this.#heapMb}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new Promise<SnarkjsReply>((settle, fail) => {
      const cancel = (): void => {
        child.kill('SIGKILL');
        fail(new RollupError('CANCELLED', 'proving was cancelled', { task: 'proving' }));
      };
      signal?.addEventListener('abort', cancel, { once: true });
      listen(child, settle, fail);
      child.once('close', () => signal?.removeEventListener('abort', cancel));
      child.send(request);
    });
  }
}

function listen(child: ChildProcess, settle: (reply: SnarkjsReply) => void, fail: (error: Error) => void): void {
  child.once('message', (reply) => settle(reply as SnarkjsReply));
  child.once('error', fail);
  child.once('close', (exitCode, signalName) => {
    if (isInterruption(signalName)) {
      fail(new RollupError('CANCELLED', `proving was interrupted by ${signalName}`, { task: 'proving' }));
    }
    const ending = signalName ? `was ended by ${signalName}` : `ended with code ${exitCode}`;
    settle({ ok: false, message: `the snarkjs process ${ending} before it had proven; is there enough memory?` });
  });
}
