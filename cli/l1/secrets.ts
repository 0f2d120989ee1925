/** Secrets come from files, or from a terminal without echo; never from flags or the environment. */

import { readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from '../process/errors.ts';
import type { Output } from '../process/output.ts';

/** No keystore and no password is larger. */
const MAX_SECRET_BYTES = 64 * 1024;

/** Readable by more people than its owner. */
const OTHERS_MASK = 0o077;

/** The text of a secret file, without the line's end. Warns when others can read it. @throws UsageError. */
export function readSecretFile(what: string, path: string, output: Output): string {
  let content: Buffer;
  try {
    const { mode, size } = statSync(path);
    if (size > MAX_SECRET_BYTES) throw new Error(`it has ${size} bytes, more than any secret`);
    if (process.platform !== 'win32' && (mode & OTHERS_MASK) !== 0) {
      output.warn(`other users of this machine can read ${path}: run chmod 600 ${path}`);
    }
    content = readFileSync(path);
  } catch (error) {
    throw new UsageError(`${what} ${path} cannot be read: ${(error as Error).message}`);
  }
  return content.toString('utf8').replace(/\r?\n$/, '');
}

/**
 * Asks on the terminal, without echo. @throws UsageError when there is no terminal: nobody would answer; an AbortError when the
 * user stops.
 */
async function askPasswords(...prompts: readonly string[]): Promise<string[]> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(
      'the keystore needs a password and there is no terminal to ask for it: give --password-file <file>',
    );
  }
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silence, terminal: true });
  const lines = reader[Symbol.asyncIterator]();
  try {
    const answers: string[] = [];
    for (const prompt of prompts) {
      process.stderr.write(prompt);
      const { done, value } = await lines.next();
      process.stderr.write('\n');
      // Ctrl-C or Ctrl-D.
      if (done === true) throw AbortSignal.abort().reason;
      answers.push(value);
    }
    return answers;
  } finally {
    reader.close();
  }
}

/** The password of a keystore. */
export async function readPassword(file: string | undefined, keystore: string, output: Output): Promise<string> {
  if (file !== undefined) return readSecretFile('the password file', file, output);
  const [password] = await askPasswords(`password of ${keystore}: `);
  return password!;
}

/** The password of a keystore that is to be made; who writes it on a terminal writes it twice. */
export async function choosePassword(file: string | undefined, keystore: string, output: Output): Promise<string> {
  if (file !== undefined) return readSecretFile('the password file', file, output);
  const [password, again] = await askPasswords(
    `password of ${keystore}, which is to be made: `,
    'the same once more: ',
  );
  if (password !== again) throw new UsageError('these are two passwords: nothing was written, try again');
  return password!;
}
