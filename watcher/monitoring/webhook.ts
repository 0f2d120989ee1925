/** Posts alerts to a URL. */

import { RollupError } from '@quittance/protocol';

/** How long one delivery may take. */
const WEBHOOK_TIMEOUT_MS = 5_000;

/** Posts JSON to a URL. The URL may contain a key, so it never appears in an error. */
export function createWebhook(url: string): (body: string, signal?: AbortSignal) => Promise<void> {
  return async (body, signal) => {
    const timeout = AbortSignal.timeout(WEBHOOK_TIMEOUT_MS);
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      const reason = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
      throw new RollupError('WEBHOOK_FAILED', `the webhook did not answer: ${reason}`, { reason });
    }
    await response.body?.cancel();
    if (response.ok) return;
    throw new RollupError('WEBHOOK_FAILED', `the webhook answered ${response.status}`, { status: response.status });
  };
}
