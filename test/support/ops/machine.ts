/**
 * The machine of an operator, in a folder: the commands of the how-to pages run on it as they stand there. Its sequencer is
 * a service that `systemctl stop` and `start` end and start; paths of a whole machine lie below the folder.
 */

import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDocument, sectionOf } from '../sources/markdown.ts';
import type { OpsRollup, Running } from './rollup.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What a page says of a machine, and is below the folder here. */
const MACHINE_PATHS = ['/var/lib/quittance-sequencer', '/etc/quittance', '/srv'];
const SERVICE = /^systemctl (start|stop) quittance-sequencer$/;

/** What commands wrote, and how the last one ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine with a sequencer that is not started yet. */
export interface Machine {
  readonly folder: string;
  readonly url: string;
  /** The sequencer, while it runs. */
  readonly sequencer: Running | undefined;
  /** Path here of a path of the page. */
  at(path: string): string;
  start(): Promise<Running>;
  stop(): Promise<number | null>;
  /** Runs lines as a script that ends with the first failure. @param replaced further words of the page, and what they are here. */
  run(script: string, replaced?: Readonly<Record<string, string>>): Promise<Ran>;
}

/** The scripts of a page, below a heading if one is given, without those that say why they cannot run. */
export function scriptsOf(page: string, heading?: string): string[] {
  const document = readDocument(`docs/how-to/${page}`);
  const text = heading === undefined ? document : sectionOf(document, heading);
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, script]) => script!);
}

/** A port that is free now: services have theirs in their settings. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function shell(script: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<Ran> {
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

/** A machine for the rollup. @param producer file with the key of the sequencer. @param settings of it, as in a config file. */
export async function createMachine(
  rollup: OpsRollup,
  producer: string,
  settings: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Machine> {
  const folder = join(rollup.folder, 'machine');
  const at = (path: string) => join(folder, path);
  for (const path of [...MACHINE_PATHS, '/bin', '/data']) mkdirSync(at(path), { recursive: true });
  symlinkSync(join(ROOT, 'ops'), at('ops'));
  writeFileSync(at('/bin/quittance'), `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'cli/main.ts')}" "$@"\n`);
  chmodSync(at('/bin/quittance'), 0o755);
  copyFileSync(producer, at('/etc/quittance/producer.keystore'));
  const port = await freePort();
  const metricsPort = await freePort();
  const config = { sequencerMode: 'optimistic', sealAfter: '1s', l1PollMs: 100, port, metricsPort, ...settings };
  writeFileSync(at('/etc/quittance/sequencer.json'), JSON.stringify(config));
  const url = `http://127.0.0.1:${port}`;
  const environment = { ...rollup.environment, PATH: `${at('/bin')}:${process.env['PATH']}` };
  let sequencer: Running | undefined;

  const translate = (script: string, replaced: Readonly<Record<string, string>>): string => {
    let text = script.replaceAll('http://127.0.0.1:3000', url);
    text = text.replaceAll('http://127.0.0.1:9101', `http://127.0.0.1:${metricsPort}`);
    for (const path of MACHINE_PATHS)
      text = text.replaceAll(new RegExp(`(?<![\\w.])${path}(?=/|\\s|$)`, 'gm'), at(path));
    for (const [word, here] of Object.entries(replaced)) text = text.replaceAll(word, here);
    return text;
  };

  async function start(): Promise<Running> {
    const files = [
      '--config',
      at('/etc/quittance/sequencer.json'),
      '--keystore',
      at('/etc/quittance/producer.keystore'),
    ];
    sequencer = await rollup.start(
      'sequencer',
      ...files,
      '--database',
      at('/var/lib/quittance-sequencer/sequencer.db'),
    );
    return sequencer;
  }

  async function stop(): Promise<number | null> {
    const code = await sequencer!.end('SIGTERM');
    sequencer = undefined;
    return code;
  }

  return {
    ...{ folder, url, at, start, stop },
    get sequencer() {
      return sequencer;
    },
    async run(script, replaced = {}) {
      const output = { stdout: '', stderr: '' };
      const pieces = translate(script, replaced).split(/^(systemctl .+)$/m);
      for (const piece of pieces.filter((text) => text.trim() !== '')) {
        const verb = SERVICE.exec(piece)?.[1];
        if (verb === 'start') await start();
        else if (verb === 'stop') await stop();
        else {
          const { code, stdout, stderr } = await shell(piece, folder, environment);
          output.stdout += stdout;
          output.stderr += stderr;
          if (code !== 0) return { code, ...output };
        }
      }
      return { code: 0, ...output };
    },
  };
}
