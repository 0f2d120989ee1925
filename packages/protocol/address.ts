/** L1 addresses as text: the one place that knows their form. */

import { RollupError } from './errors/index.ts';
import { requireBits } from './integers.ts';
import { OWNER_BITS } from './params.ts';

/** The form of an address, whatever its checksum. */
export const ADDRESS_PATTERN = /^0x[0-9a-fA-F]{40}$/;

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

/** An address, given as a number of 160 bits, in lower case. @throws RollupError OUT_OF_RANGE. */
export function addressText(address: bigint): string {
  return `0x${requireBits('address', address, OWNER_BITS).toString(16).padStart(40, '0')}`;
}

/** Whether two texts are one address: providers differ in the checksum. */
export function isSameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
