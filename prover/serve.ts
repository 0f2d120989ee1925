/** The other end of `WorkerPool`, in the worker. */

import { parentPort } from 'node:worker_threads';
import { isRollupError } from '@quittance/protocol';

/**
 * The other end of `WorkerPool`: answers each request with what `handle` returns. The buffers that it lists in
 * `transfer` are moved, not copied.
 */
export function serve<Request>(
  handle: (request: Request) => Promise<{ value: unknown; transfer?: readonly ArrayBuffer[] }>,
): void {
  parentPort!.on('message', async ({ id, request }: { id: number; request: Request }) => {
    try {
      const { value, transfer } = await handle(request);
      parentPort!.postMessage({ id, value }, [...(transfer ?? [])]);
    } catch (error) {
      const failure = isRollupError(error)
        ? { code: error.code, message: error.message, data: error.data }
        : { message: error instanceof Error ? error.message : String(error) };
      parentPort!.postMessage({ id, failure });
    }
  });
}
