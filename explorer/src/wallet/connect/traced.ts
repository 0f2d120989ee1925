/** What a wallet is asked, as it happens: a page that says "confirm in your wallet" has to know that one is open. */

import type { Eip1193 } from './eip1193.ts';

/** A request that the person has to confirm in the wallet. */
export type Asked =
  | { readonly kind: 'signature' }
  | { readonly kind: 'transaction'; readonly to: string; readonly data: string; readonly value: bigint };

/** Told of each request and how it ended. */
export interface Trace {
  asked(request: Asked): void;
  /** @param hash of a transaction; undefined for a signature. */
  answered(request: Asked, hash: string | undefined): void;
  refused(request: Asked, error: unknown): void;
}

const SIGNING = new Set(['personal_sign', 'eth_signTypedData_v4']);

function askedBy(method: string, params: readonly unknown[]): Asked | undefined {
  if (SIGNING.has(method)) return { kind: 'signature' };
  if (method !== 'eth_sendTransaction') return undefined;
  const { to = '', data, input, value = '0x0' } = (params[0] ?? {}) as Record<string, string | undefined>;
  return { kind: 'transaction', to, data: data ?? input ?? '0x', value: BigInt(value) };
}

/** `provider`, with `trace` told of what the person is asked. */
export function traced(provider: Eip1193, trace: Trace): Eip1193 {
  return {
    on: (event, listener) => provider.on?.(event, listener),
    removeListener: (event, listener) => provider.removeListener?.(event, listener),
    async request(call) {
      const asked = askedBy(call.method, call.params ?? []);
      if (asked === undefined) return provider.request(call);
      trace.asked(asked);
      try {
        const answer = await provider.request(call);
        trace.answered(asked, asked.kind === 'transaction' ? String(answer) : undefined);
        return answer;
      } catch (error) {
        trace.refused(asked, error);
        throw error;
      }
    },
  };
}
