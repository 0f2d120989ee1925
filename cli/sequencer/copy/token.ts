/** The token for which copies of a database are given. */

import { readSecretFile } from '../../l1/secrets.ts';
import { UsageError } from '../../process/errors.ts';
import type { Output } from '../../process/output.ts';

/** Shorter ones can be guessed. */
const MIN_TOKEN_LENGTH = 32;

/** The token in a file. @throws UsageError when it is none. */
export function readCopyToken(path: string, output: Output): string {
  const token = readSecretFile('the token file', path, output).trim();
  if (/^[\x21-\x7e]+$/.test(token) && token.length >= MIN_TOKEN_LENGTH) return token;
  throw new UsageError(
    `the token in ${path} must be ${MIN_TOKEN_LENGTH} or more visible characters: \`openssl rand -hex 32\` makes one`,
  );
}
