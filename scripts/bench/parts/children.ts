import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a script of this folder in a process of its own and resolves with the message that it sends. */
export function runChild<Report>(
  script: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Report> {
  console.error([script.replace('.ts', ''), ...parameters].join(' '));
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), parameters, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  });
  return new Promise((settle, fail) => {
    child.once('message', (report) => settle(report as Report));
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`${script} ended with code ${code}`)));
  });
}
