/** Questions on a terminal. Where there is none nobody would answer, so what is missing is an error. */

import { createInterface } from 'node:readline';
import { flagOf, type Parse } from '../config/setting.ts';
import { UsageError } from '../process/errors.ts';

/** Whoever answers. */
export interface Asker {
  /** One line. @throws an AbortError when the user stops. */
  ask(question: string): Promise<string>;
  say(text: string): void;
  close(): void;
}

/** Someone at a terminal; undefined without one. Questions go to stderr: stdout is for the result. */
export function askerOnTerminal(): Asker | undefined {
  const { stdin, stderr } = process;
  if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined;
  const lines = createInterface({ input: stdin, output: stderr, terminal: true });
  // Lines that come before their question is asked, as of who pastes several, are kept for it.
  const written = lines[Symbol.asyncIterator]();
  return {
    async ask(question) {
      lines.setPrompt(question);
      lines.prompt();
      const { done, value } = await written.next();
      // Ctrl-C or Ctrl-D.
      if (done === true) throw AbortSignal.abort().reason;
      return value;
    },
    say: (text) => void stderr.write(`${text}\n`),
    close: () => lines.close(),
  };
}

/** A question: under which key the answer is given without being asked, and what stands for no answer. */
export interface Question<T> {
  readonly key: string;
  readonly text: string;
  readonly parse: Parse<T>;
  /** Taken when nothing is written, and where nobody can be asked. */
  readonly fallback?: string;
}

/** The answer that was given before, or is given now. Asks again for one that cannot be. @throws UsageError without a terminal. */
export async function answerOf<T>(
  asker: Asker | undefined,
  given: T | undefined,
  { key, text, parse, fallback }: Question<T>,
): Promise<T> {
  if (given !== undefined) return given;
  if (asker === undefined) {
    if (fallback !== undefined) return parse(fallback);
    throw new UsageError(`${key} is missing and there is no terminal to ask on: give ${flagOf(key)} (${text})`);
  }
  for (;;) {
    const line = (await asker.ask(`${text}${fallback === undefined ? '' : ` [${fallback}]`}: `)).trim();
    try {
      return parse(line === '' && fallback !== undefined ? fallback : line);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      asker.say(error.message);
    }
  }
}
