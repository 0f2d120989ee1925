/** A receiver: L1 owner and rollup key together, so that no sequencer can slip in another key. */

import { ADDRESS_PATTERN, addressText, isUsableKeyY } from '@quittance/protocol';
import { address } from '../config/parse.ts';
import type { Parse } from '../config/setting.ts';
import { UsageError } from '../process/errors.ts';

export interface Receiver {
  readonly owner: bigint;
  readonly keyY: bigint;
}

const KEY_PATTERN = /^0x[0-9a-fA-F]{64}$/;

/** `owner:keyY` in hexadecimal: what `quittance wallet address` prints. */
export function receiverText({ owner, keyY }: Receiver): string {
  return `${addressText(owner)}:0x${keyY.toString(16).padStart(64, '0')}`;
}

/** @throws UsageError for another form, or a key that nobody could sign with. */
export const parseReceiver: Parse<Receiver> = (value) => {
  const [ownerText = '', keyText = '', ...rest] = value.split(':');
  if (!ADDRESS_PATTERN.test(ownerText) || !KEY_PATTERN.test(keyText) || rest.length > 0) {
    throw new UsageError(
      `expected 0x<owner>:0x<key>, as \`quittance wallet address\` of the receiver prints it, got "${value}"`,
    );
  }
  const owner = BigInt(address(ownerText));
  const keyY = BigInt(keyText);
  if (owner === 0n) throw new UsageError('the owner is address 0: what it withdraws would be burnt');
  if (!isUsableKeyY(keyY)) throw new UsageError(`the key of ${value} is not a usable rollup key; check for a typo`);
  return { owner, keyY };
};
