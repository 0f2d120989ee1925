/** A receiver: L1 owner and rollup key together, so that no sequencer can slip in another key. */

import { ADDRESS_PATTERN, addressText, isUsableKeyY, RollupError } from '@quittance/protocol';
import { getAddress } from 'ethers';

/** Whose account it is, and whose signature spends from it. */
export interface ReceiverKey {
  /** L1 address as a number. */
  readonly owner: bigint;
  readonly keyY: bigint;
}

const KEY_PATTERN = /^0x[0-9a-fA-F]{64}$/;

/** `0x<owner>:0x<key>` in hexadecimal, in lower case. */
export function formatReceiver({ owner, keyY }: ReceiverKey): string {
  return `${addressText(owner)}:0x${keyY.toString(16).padStart(64, '0')}`;
}

/** Whether a text is an L1 address, whatever its checksum. */
export function isAddress(text: string): boolean {
  return ADDRESS_PATTERN.test(text);
}

/** The number of an L1 address. @throws RollupError INVALID_ADDRESS for another form or a wrong checksum, ZERO_OWNER for 0. */
export function parseOwner(text: string): bigint {
  let owner: bigint;
  try {
    owner = BigInt(getAddress(text));
  } catch {
    const message = `"${text}" is no L1 address: expected 0x and 40 hexadecimal digits with a right checksum, if with one`;
    throw new RollupError('INVALID_ADDRESS', message, { name: 'owner', actual: text });
  }
  if (owner !== 0n) return owner;
  throw new RollupError('ZERO_OWNER', 'the owner is address 0: what it withdraws would be burnt', { name: 'owner' });
}

/**
 * The parts of `0x<owner>:0x<key>`.
 *
 * @throws RollupError INVALID_ADDRESS or ZERO_OWNER for its owner, INVALID_KEY for a key that nobody could sign with.
 * @example const { owner, keyY } = parseReceiver(bob.receiver);
 */
export function parseReceiver(text: string): ReceiverKey {
  const [ownerText = '', keyText = '', ...rest] = text.split(':');
  if (!KEY_PATTERN.test(keyText) || rest.length > 0) {
    const message = `expected 0x<owner>:0x<key>, as the wallet of the receiver prints it, got "${text}"`;
    throw new RollupError('INVALID_KEY', message, { actual: text });
  }
  const owner = parseOwner(ownerText);
  const keyY = BigInt(keyText);
  if (isUsableKeyY(keyY)) return { owner, keyY };
  throw new RollupError('INVALID_KEY', `the key of ${text} is not a usable rollup key; check for a typo`, {
    actual: text,
  });
}
