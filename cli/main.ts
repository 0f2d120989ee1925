#!/usr/bin/env node
/** The entry of the command line, and the only reader of argv and environment. */

import { ExitCode } from '@quittance/protocol';
import { CommanderError } from 'commander';
import { ALL_COMMANDS, allSettings, COMMANDS } from './commands.ts';
import { exitCodeOf, misuseOf } from './process/errors.ts';
import { createOutput, type Output } from './process/output.ts';
import { interruption } from './process/signals.ts';
import { createProgram } from './program.ts';

const environment = process.env;
const known = allSettings(COMMANDS);

function makeOutput(json: boolean, quiet: boolean): Output {
  return createOutput({
    json,
    quiet,
    color: process.stderr.isTTY === true && (environment['NO_COLOR'] ?? '') === '',
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  });
}

/** Whether what is wrong before any setting could be read is told as JSON. */
const isJson = process.argv.includes('--json') || environment['QUITTANCE_JSON'] === 'true';
let output = makeOutput(isJson, false);

const program = createProgram(ALL_COMMANDS, {
  environment,
  known,
  // A script that asked for JSON reads one object on stderr, and no usage beside it.
  onMisuse: (text) => void (isJson || process.stderr.write(text)),
  createContext({ json, quiet }) {
    output = makeOutput(json, quiet);
    return { output, signal: interruption((text) => output.say(text)) };
  },
});

/** Waits until what was written has left: process.exit would cut a pipe off. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

async function main(): Promise<number> {
  try {
    await program.parseAsync();
    return ExitCode.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return ExitCode.done;
      if (isJson) output.fail(misuseOf(error));
      return ExitCode.usage;
    }
    output.fail(error);
    return exitCodeOf(error);
  }
}

// A terminal that was closed takes no more words: what runs still ends cleanly.
process.stderr.on('error', () => undefined);
// A reader that closes the pipe early (head) is no error of ours.
process.stdout.on('error', () => process.exit(ExitCode.done));
const code = await main();
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);
