/** KZG in JavaScript on a thread of its own: it computes for seconds, and the process has other things to do. */

import type { Kzg } from '@quittance/chain';
import type { KzgRequest } from './worker.ts';

/** Computes one thing after the other; the thread ends with the process. */
export async function createThreadedKzg(): Promise<Kzg> {
  // Loaded where it is needed only: most platforms have the native one.
  const { WorkerPool } = await import('../../prover/index.ts');
  const pool = new WorkerPool(new URL('./worker.ts', import.meta.url), undefined, 1);
  const call = <Result>(...request: KzgRequest): Promise<Result> => pool.run<Result>(request);
  return {
    commitment: (...args) => call('commitment', ...args),
    open: (...args) => call('open', ...args),
    verify: (...args) => call('verify', ...args),
    cells: (...args) => call('cells', ...args),
    verifyCells: (...args) => call('verifyCells', ...args),
    restore: (...args) => call('restore', ...args),
  };
}
