/** What a folder needs to stand for a machine: the command on its path, and ports that are free. */

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Puts `quittance`, as it is in this checkout, into a folder. @returns the folder, for PATH. */
export function putCommand(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'quittance');
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'cli/main.ts')}" "$@"\n`);
  chmodSync(file, 0o755);
  return folder;
}

/** What commands wrote, and how the last one ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs lines that end with the first failure. Settings of whoever runs the tests are left out. */
export function runScript(script: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<Ran> {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('QUITTANCE_'));
  const env = { ...Object.fromEntries(clean), ...environment };
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
}
