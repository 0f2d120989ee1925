/** For what logs: in a wallet nobody reads it, and what matters is thrown. */

import type { TransactionOptions } from '@quittance/chain';

/** Says nothing. */
export const SILENT: TransactionOptions['logger'] = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => SILENT,
};
