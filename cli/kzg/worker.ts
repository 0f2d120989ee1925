/** The thread of `createThreadedKzg`. It imports no prover: snarkjs does not load in a thread. */

import { parentPort } from 'node:worker_threads';
import { createPortableKzg, type Kzg } from '@quittance/chain';
import type { WorkerReply } from '../../prover/index.ts';

/** A call of a method of Kzg. */
export type KzgRequest = { [Method in keyof Kzg]: readonly [Method, ...Parameters<Kzg[Method]>] }[keyof Kzg];

const kzg = createPortableKzg();

async function answer([method, ...args]: KzgRequest): Promise<unknown> {
  const call = (await kzg)[method] as (...args: unknown[]) => Promise<unknown>;
  return call(...args);
}

parentPort!.on('message', async ({ id, request }: { readonly id: number; readonly request: KzgRequest }) => {
  const reply: WorkerReply = await answer(request).then(
    (value) => ({ id, value }),
    (error: Error) => ({ id, failure: { message: error.message } }),
  );
  parentPort!.postMessage(reply);
});
