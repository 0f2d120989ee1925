/** Runs a page of the documentation as a reader would: its files are saved, its commands run, in their order, in one folder. */

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, putCommand, runScript } from '../process/machine.ts';
import { readDocument } from '../sources/markdown.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A block of code: `js pay.mjs` is a file of this name, `sh` a script. */
interface Block {
  readonly language: string;
  readonly name: string | undefined;
  readonly text: string;
}

/** The blocks of code of a page, by its path from the root. */
function blocksOf(page: string): Block[] {
  return [...readDocument(page).matchAll(/^```(\w+)(?: ([^\n]+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language, name, text]) => ({ language: language!, name, text: text! }),
  );
}

/** The shell scripts of a page, by its path from the root. */
export function scriptsOf(page: string): string[] {
  return blocksOf(page).flatMap(({ language, name, text }) => (language === 'sh' && name === undefined ? [text] : []));
}

/** A folder with `quittance` and the packages in reach; ports of the page are free ones here. */
async function createReader() {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-page-'));
  const bin = putCommand(join(folder, 'bin'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const ports: Readonly<Record<string, number>> = { '3000': await freePort(), '8545': await freePort() };
  const state = join(folder, 'devnet');
  const translate = (text: string) =>
    text
      .replaceAll(/127\.0\.0\.1:(3000|8545)/g, (_, port: string) => `127.0.0.1:${ports[port]}`)
      .replaceAll(
        /^quittance devnet --detach(.*)$/gm,
        `quittance devnet --detach$1 --port ${ports['3000']} --l1-port ${ports['8545']}`,
      )
      // A state of its own: others may run a devnet on this machine.
      .replaceAll(/^quittance devnet (?!.*--state)(.*)$/gm, `quittance devnet $1 --state ${state}`);
  const run = async (script: string): Promise<{ readonly code: number | null; readonly output: string }> => {
    const { code, stdout, stderr } = await runScript(script, folder, { PATH: `${bin}:${process.env['PATH']}` });
    return { code, output: `${stdout}${stderr}` };
  };
  return {
    save: (name: string, text: string) => writeFileSync(join(folder, name), translate(text)),
    run: (script: string) => run(translate(script)),
    async end() {
      await run(`quittance devnet stop --state ${state} || true`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Runs a page. @returns what all commands wrote. @throws Error with what a command wrote that failed.
 */
export async function runPage(page: string): Promise<string> {
  const reader = await createReader();
  let written = '';
  try {
    for (const { language, name, text } of blocksOf(page)) {
      if (language === 'js') reader.save(name!, text);
      if (language !== 'sh') continue;
      const { code, output } = await reader.run(text);
      written += output;
      if (code !== 0) throw new Error(`${page}: ended with ${code}:\n${text}\n${output}`);
    }
    return written;
  } finally {
    await reader.end();
  }
}
