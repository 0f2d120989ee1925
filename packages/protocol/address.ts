/** L1 addresses as text. */

import { RollupError } from './errors/index.ts';

const ADDRESS_PATTERN = /^0x[0-9a-fA-F]{40}$/;

/**
 * The address in lower case. Its checksum, if it has one, is not checked: L1 libraries do that.
 *
 * @throws RollupError INVALID_ADDRESS unless it is 0x and 40 hexadecimal digits.
 */
export function requireAddress(name: string, address: string): string {
  if (typeof address !== 'string' || !ADDRESS_PATTERN.test(address)) {
    throw new RollupError('INVALID_ADDRESS', `${name} is "${address}", expected 0x and 40 hexadecimal digits`, {
      name,
      actual: String(address),
    });
  }
  return address.toLowerCase();
}
