/** What load balancers and Prometheus ask. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock, Metrics, Readiness } from '../../runtime/index.ts';

/** Metrics are printed so often at most: that takes a millisecond or more. */
const PRINT_MS = 1_000;

/** They cost their address nothing: who watches must not lose sight in a flood. */
const FREE = { config: { units: 0 } } as const;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a request weighs; 0: nothing is asked of its address. */
    units?: number | ((request: FastifyRequest) => number);
  }
}

/** Adds /livez and /readyz. */
export function addHealth(server: FastifyInstance, readinessNow: () => Readiness): void {
  server.get('/livez', FREE, () => ({ live: true }));
  server.get('/readyz', FREE, (_request, reply) => {
    const readiness = readinessNow();
    if (!readiness.ready) void reply.code(503).header('retry-after', '5');
    return reply.send(readiness);
  });
}

/** The page of the metrics, printed anew once a second at most. */
export function createMetricsPage(metrics: Pick<Metrics, 'print'>, clock: Clock): Pick<Metrics, 'print'> {
  let printed: { readonly atMs: number; readonly page: ReturnType<Metrics['print']> } | undefined;
  return {
    print() {
      const nowMs = clock.nowMs();
      if (printed === undefined || Math.abs(nowMs - printed.atMs) >= PRINT_MS) {
        printed = { atMs: nowMs, page: metrics.print() };
      }
      return printed.page;
    },
  };
}

/** Adds /metrics, for operators who want it at the public port. */
export function addMetrics(server: FastifyInstance, { print }: Pick<Metrics, 'print'>): void {
  server.get('/metrics', FREE, async (_request, reply) => {
    const { contentType, text } = await print();
    return reply.type(contentType).send(text);
  });
}
