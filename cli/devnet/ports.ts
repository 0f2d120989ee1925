/** Ports, looked at before anything is started. */

import { createServer } from 'node:net';
import { UsageError } from '../process/errors.ts';

const LOOPBACK = '127.0.0.1';

/** Why a port cannot be listened on; undefined when it can. */
function problemOf(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(undefined)));
  });
}

/**
 * Makes sure that a port of this machine can be listened on. 0 stands for any free one.
 *
 * @throws UsageError naming the flag to choose another with.
 */
export async function requireFreePort(flag: string, port: number, what: string): Promise<void> {
  if (port === 0) return;
  const problem = await problemOf(port);
  if (problem === undefined) return;
  const reason =
    problem === 'EADDRINUSE'
      ? 'is taken by another process'
      : problem === 'EACCES'
        ? 'is not yours to listen on'
        : `cannot be listened on (${problem})`;
  throw new UsageError(`port ${port} ${reason}: give ${flag} another one for ${what}, or 0 for any free one`);
}
