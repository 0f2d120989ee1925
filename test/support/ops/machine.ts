/**
 * The machine of an operator, in a folder: the commands of the how-to pages run on it as they stand there. Its sequencer is
 * a service that `systemctl stop` and `start` end and start; paths of a whole machine lie below the folder.
 */

import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noteRan } from '../docs/ran.ts';
import { freePort, putCommand, type Ran, runScript } from '../process/machine.ts';
import { readDocument, sectionOf } from '../sources/markdown.ts';
import type { OpsRollup, Running } from './rollup.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What a page says of a machine, and is below the folder here. */
const MACHINE_PATHS = ['/var/lib/quittance-sequencer', '/etc/quittance', '/srv'];
const SERVICE = /^systemctl (start|stop) quittance-sequencer$/;

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
  putCommand(at('/bin'));
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
    // Only the pages about a copy of a node have one: on others that port is of another rollup.
    if (settings['copyPort'] !== undefined) {
      text = text.replaceAll('http://127.0.0.1:3002', `http://127.0.0.1:${settings['copyPort']}`);
    }
    for (const path of MACHINE_PATHS)
      text = text.replaceAll(new RegExp(`(?<![\\w.])${path}(?=/|\\s|$)`, 'gm'), at(path));
    for (const [word, here] of Object.entries(replaced)) {
      // A port that another one begins with is another port.
      const pieces = text.split(word);
      text = pieces.reduce((done, piece) => `${done}${/\d$/.test(word) && /^\d/.test(piece) ? word : here}${piece}`);
    }
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
      noteRan(script);
      const output = { stdout: '', stderr: '' };
      const pieces = translate(script, replaced).split(/^(systemctl .+)$/m);
      for (const piece of pieces.filter((text) => text.trim() !== '')) {
        const verb = SERVICE.exec(piece)?.[1];
        if (verb === 'start') await start();
        else if (verb === 'stop') await stop();
        else {
          const { code, stdout, stderr } = await runScript(piece, folder, environment);
          output.stdout += stdout;
          output.stderr += stderr;
          if (code !== 0) return { code, ...output };
        }
      }
      return { code: 0, ...output };
    },
  };
}
