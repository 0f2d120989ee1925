/** The packages that have the native core as a file: one for each platform that it was built for. */

import { copyFileSync, existsSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Manifest, nativeManifest, type Platform, platformName } from './manifest.ts';
import { writeManifest } from './tarball.ts';

/** What `./dev build` makes here. */
const BUILT_HERE = 'build/native/quittance.node';
/** Where a release puts what was built on other machines: `<platform>/quittance.node`, named as `linux-arm64-gnu`. */
const BUILT_ELSEWHERE = 'build/prebuilt';

/** An addon, and where it runs. */
export interface Prebuilt {
  readonly platform: Platform;
  readonly path: string;
}

/** Whether this process runs on musl: its report then names no glibc. */
const isMusl = (): boolean => {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
};

/** The platform that this process runs on. */
export function ownPlatform(): Platform {
  const { platform: os, arch: cpu } = process;
  return os === 'linux' ? { os, cpu, libc: isMusl() ? 'musl' : 'glibc' } : { os, cpu };
}

/** `linux-x64-gnu` → its parts. @throws Error for another form. */
export function parsePlatform(name: string): Platform {
  const [, os, cpu, libc] = /^(linux|darwin|win32)-([a-z0-9]+)(?:-(gnu|musl))?$/.exec(name) ?? [];
  if (os === undefined || cpu === undefined || (os === 'linux') !== (libc !== undefined)) {
    throw new Error(`${name} names no platform: expected linux-x64-gnu, darwin-arm64 or the like`);
  }
  return libc === undefined ? { os, cpu } : { os, cpu, libc: libc === 'gnu' ? 'glibc' : 'musl' };
}

/** The addons that can be packed: this machine's own, if it was built, and what lies in build/prebuilt. */
export function findPrebuilt(): Prebuilt[] {
  const elsewhere = globSync(`${BUILT_ELSEWHERE}/*/quittance.node`).map((path) => ({
    platform: parsePlatform(basename(dirname(path))),
    path,
  }));
  const own = ownPlatform();
  const hasOwn = elsewhere.some(({ platform }) => platformName(platform) === platformName(own));
  if (hasOwn || !existsSync(BUILT_HERE)) return elsewhere;
  return [{ platform: own, path: BUILT_HERE }, ...elsewhere];
}

/** Stages the package of one addon and gives its folder. */
export function stageNative({ platform, path }: Prebuilt, root: Manifest, staging: string): string {
  const folder = resolve(staging, `native-${platformName(platform)}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(path, join(folder, 'quittance.node'));
  copyFileSync('LICENSE', join(folder, 'LICENSE'));
  writeManifest(folder, nativeManifest(platform, root));
  return folder;
}
