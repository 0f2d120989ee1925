/** Files with which others check the sources of a deployment: addresses, and requests that Sourcify takes as they are. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJson } from '../process/output.ts';
import { readArtifact, readBuildInfo } from './artifacts.ts';
import type { FoundContract } from './discover.ts';

/** What stands where. */
export interface AddressBook {
  readonly chainId: bigint;
  readonly keyHash: string;
  readonly developmentKey: boolean;
  readonly parameters: Readonly<Record<string, string>>;
}

function write(folder: string, name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, `${JSON.stringify(JSON.parse(toJson(value)), null, 2)}\n`);
  return path;
}

/**
 * Writes addresses.json and, for each contract whose build is at hand, `<name>.sourcify.json`: the body for
 * POST https://sourcify.dev/server/v2/verify/<chain id>/<address>, whose `stdJsonInput` explorers take too.
 *
 * @returns the paths.
 */
export function writeSources(folder: string, book: AddressBook, contracts: readonly FoundContract[]): string[] {
  mkdirSync(folder, { recursive: true });
  const addresses = Object.fromEntries(contracts.map(({ name, address }) => [name, address]));
  const paths = [write(folder, 'addresses.json', { ...book, contracts: addresses })];
  for (const { name } of contracts) {
    const artifact = readArtifact(name);
    const build = readBuildInfo(artifact);
    if (build === undefined) continue;
    paths.push(
      write(folder, `${name}.sourcify.json`, {
        stdJsonInput: build.input,
        compilerVersion: build.solcLongVersion,
        contractIdentifier: `${artifact.inputSourceName ?? artifact.sourceName}:${name}`,
      }),
    );
  }
  return paths;
}
