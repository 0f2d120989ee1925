/**
 * Makes docs/reference/ from what it describes: commands, settings, methods, paths, metrics, errors, contracts and the SDK.
 * usage: node scripts/generate/reference.ts [--check]
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandLinePage } from './reference/command-line.ts';
import { configurationPage } from './reference/configuration.ts';
import { contractsPage, eventsPage } from './reference/contracts.ts';
import { errorsPage } from './reference/errors.ts';
import { jsonRpcPage } from './reference/json-rpc.ts';
import { metricsPage } from './reference/metrics.ts';
import { restPage } from './reference/rest.ts';
import { sdkPage } from './reference/sdk.ts';

const FOLDER = new URL('../../docs/reference/', import.meta.url);
const MARK = '<!-- Made by scripts/generate/reference.ts. Do not edit. -->';

/** A page: its text, and what the list of pages says of it. */
export interface ReferencePage {
  readonly file: string;
  readonly about: string;
  readonly text: string;
}

/** All pages but the list of them. */
export function referencePages(): readonly ReferencePage[] {
  const pages: readonly (readonly [file: string, about: string, text: string])[] = [
    ['command-line.md', 'every command with its settings', commandLinePage()],
    ['configuration.md', 'every setting: flag, environment variable, key of the config file', configurationPage()],
    ['json-rpc.md', 'every method of a sequencer, with examples', jsonRpcPage()],
    ['rest.md', 'the same reads over HTTP GET', restPage()],
    ['sdk.md', 'what `@quittance/sdk` exports', sdkPage()],
    ['contracts.md', 'functions and errors of the contracts', contractsPage()],
    ['events.md', 'events of the contracts, and of subscriptions', eventsPage()],
    ['metrics.md', 'what Prometheus is told', metricsPage()],
    ['errors.md', 'every code, with its numbers and the way out', errorsPage()],
  ];
  return pages.map(([file, about, text]) => ({ file, about, text: `${MARK}\n\n${text.trim()}\n` }));
}

/** docs/reference/ by file name. */
export function referenceFiles(): ReadonlyMap<string, string> {
  const pages = referencePages();
  const list = pages.map(({ file, about }) => `- [${file.replace('.md', '')}](${file}): ${about}`).join('\n');
  const index = `${MARK}\n\n# Reference\n\nMade from the code by \`node scripts/generate/reference.ts\`; a test holds it to that.\n\n${list}\n\nWritten by hand:\n\n- [keys-and-signatures](keys-and-signatures.md): for implementers in other languages\n- [prover-api](prover-api.md): what a sequencer and its provers say to each other\n- [JSON-RPC: how it behaves](../rpc.md)\n- [the protocol](../protocol.md), exact\n`;
  return new Map([['README.md', index], ...pages.map(({ file, text }) => [file, text] as const)]);
}

/** Pages that are not as they would be made, by file name. */
export function stalePages(): string[] {
  const files = referenceFiles();
  const there = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith('.md')) : [];
  const isHandwritten = (name: string) => !readFileSync(new URL(name, FOLDER), 'utf8').startsWith(MARK);
  const surplus = there.filter((name) => !files.has(name) && !isHandwritten(name));
  const stale = [...files].filter(([name, text]) => {
    return !there.includes(name) || readFileSync(new URL(name, FOLDER), 'utf8') !== text;
  });
  return [...stale.map(([name]) => name), ...surplus];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = stalePages();
  if (process.argv.includes('--check')) {
    for (const name of stale) console.error(`docs/reference/${name} is stale: run node scripts/generate/reference.ts`);
    process.exit(stale.length === 0 ? 0 : 1);
  }
  mkdirSync(FOLDER, { recursive: true });
  const files = referenceFiles();
  for (const name of stale) {
    const text = files.get(name);
    if (text === undefined) rmSync(new URL(name, FOLDER));
    else writeFileSync(new URL(name, FOLDER), text);
  }
  console.log(stale.length === 0 ? 'nothing has changed' : `wrote ${stale.join(', ')}`);
}
