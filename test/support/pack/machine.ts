/** A machine of a new user: nothing of the repository is in reach, and there is no cargo. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Tarball } from '../../../scripts/pack/tarball.ts';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What a program wrote, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder for everything that a test installs and runs, with a home of its own. */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'quittance-user-'));

  constructor() {
    this.makeFolder('home');
    // The Node that runs the tests, without the tools that lie beside it.
    const node = `#!/bin/sh\nexec '${process.execPath}' "$@"\n`; // exec: signals reach it
    writeFileSync(join(this.makeFolder('bin'), 'node'), node, { mode: 0o755 });
  }

  get environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(?:QUITTANCE_|XDG_|npm_|MOCHA_|NODE_OPTIONS|NODE_PATH)/.test(name),
    );
    return {
      ...Object.fromEntries(own),
      PATH: [join(this.folder, 'bin'), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
      HOME: join(this.folder, 'home'),
      // The registry of this machine, and what it has fetched before.
      npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
      npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
      npm_config_fetch_retries: '1',
    };
  }

  makeFolder(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** `npm install ./*.tgz` in a new folder, which it gives. @throws Error with what npm said. */
  async install(name: string, tarballs: readonly Tarball[]): Promise<string> {
    const folder = this.makeFolder(name);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const parameters = ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs.map(({ path }) => path)];
    const { code, stderr } = await this.run('npm', parameters, folder);
    if (code !== 0) throw new Error(`npm install ended with ${code}: ${stderr}`);
    return folder;
  }

  /** Runs a program to its end. */
  run(program: string, parameters: readonly string[], cwd: string): Promise<Ended> {
    const options = { cwd, env: this.environment, maxBuffer: MAX_OUTPUT_BYTES };
    return new Promise((settle) => {
      execFile(program, parameters, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        settle({ code, stdout, stderr: code === -1 ? `${error}\n${stderr}` : stderr });
      });
    });
  }

  /** Runs a command of what is installed in a folder. */
  npx(folder: string, ...parameters: string[]): Promise<Ended> {
    return this.run('npx', ['--no-install', ...parameters], folder);
  }

  /** Starts a program that goes on. */
  start(
    program: string,
    parameters: readonly string[],
    cwd: string,
    environment: Readonly<Record<string, string>>,
  ): ChildProcess {
    return spawn(program, parameters, {
      cwd,
      env: { ...this.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
