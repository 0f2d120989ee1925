/** Which blocks of a page tests have run: a page is proven by its test only if none is left. */

import { readDocument } from '../sources/markdown.ts';

const ran = new Set<string>();

/** Notes that the lines of a block were run, in whichever pieces. */
export function noteRan(script: string): void {
  ran.add(script);
}

/** The shell scripts of a how-to page that this process has not run, without those that say why they cannot run. */
export function blocksLeft(page: string): string[] {
  const blocks = readDocument(`docs/how-to/${page}`).matchAll(/^```sh\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, script]) => script!).filter((script) => !ran.has(script));
}
