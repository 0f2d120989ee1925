/** A receiver: L1 owner and rollup key together, so that no sequencer can slip in another key. */

import { isRollupError } from '@quittance/protocol';
import { formatReceiver, parseReceiver as parseText, type ReceiverKey } from '@quittance/sdk';
import type { Parse } from '../config/setting.ts';
import { UsageError } from '../process/errors.ts';

/** `owner:keyY` in hexadecimal: what `quittance wallet address` prints. */
export const receiverText = formatReceiver;

/** @throws UsageError for another form, or a key that nobody could sign with. */
export const parseReceiver: Parse<ReceiverKey> = (value) => {
  try {
    return parseText(value);
  } catch (error) {
    throw isRollupError(error) ? new UsageError(error.message) : error;
  }
};
