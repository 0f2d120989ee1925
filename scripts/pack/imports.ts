/** Which packages the files of a built package ask for: what its manifest has to name. */

import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

/** Quoted names in the places that ask for a package: imports, exports, `require`, `require.resolve`, types of `import()`. */
const SPECIFIER =
  /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire(?:\.resolve)?\s*\(\s*|\bresolve\s*\(\s*)(["'])([^"'\n]+)\1/g;
const PACKAGE = /^(?:@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*/;

/** `@noble/hashes/sha2.js` → `@noble/hashes`; undefined for files and for Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (/^[./]|^(?:node|file|data|https?):/.test(specifier)) return undefined;
  const name = PACKAGE.exec(specifier)?.[0];
  return name === undefined || builtinModules.includes(name) ? undefined : name;
}

/** The packages that a text of JavaScript or declarations asks for. Comments are no matter. */
export function packagesIn(text: string): Set<string> {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const names = [...code.matchAll(SPECIFIER)].map(([, , specifier]) => packageOf(specifier!));
  return new Set(names.filter((name) => name !== undefined));
}

/** The packages that the files below a folder ask for, sorted. */
export function importedPackages(folder: string, pattern = '**/*.{js,mjs,cjs,d.mts,d.cts}'): string[] {
  const found = new Set<string>();
  for (const path of globSync(pattern, { cwd: folder })) {
    for (const name of packagesIn(readFileSync(join(folder, path), 'utf8'))) found.add(name);
  }
  return [...found].sort();
}
