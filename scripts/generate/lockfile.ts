/**
 * Completes package-lock.json with the optional packages of other platforms. npm leaves out those that a registry
 * mirror does not have, and then `npm ci` refuses the lock. Entries made here have no integrity hash: only platforms
 * other than the one that made the lock fetch them.
 *
 * usage, after a change of dependencies:
 *   rm package-lock.json && npm install --package-lock-only && node scripts/generate/lockfile.ts
 */

import { readFileSync, writeFileSync } from 'node:fs';

const LOCK_FILE = 'package-lock.json';

interface LockedPackage {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const OPERATING_SYSTEMS = ['android', 'darwin', 'linux', 'win32'];
/** Architectures as package names have them, and as Node does. */
const ARCHITECTURES: Readonly<Record<string, string>> = { arm64: 'arm64', x64: 'x64', amd64: 'x64' };

/** Platform of a package named like `cli-linux-x64-musl`. @throws Error when the name does not tell it. */
function platformOf(name: string): Required<Pick<LockedPackage, 'os' | 'cpu'>> & Pick<LockedPackage, 'libc'> {
  const words = name.split(/[/-]/);
  const os = words.find((word) => OPERATING_SYSTEMS.includes(word));
  const cpu = words.map((word) => ARCHITECTURES[word]).find((architecture) => architecture !== undefined);
  if (os === undefined || cpu === undefined) throw new Error(`${name}: the name does not tell the platform`);
  return { os: [os], cpu: [cpu], ...(words.includes('musl') ? { libc: ['musl'] } : {}) };
}

const lock = JSON.parse(readFileSync(LOCK_FILE, 'utf8')) as { packages: Record<string, LockedPackage> };
const added: string[] = [];
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (`node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages) continue;
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true };
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1)));
writeFileSync(LOCK_FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'nothing was missing' : `added ${added.join(', ')}`);
