/** Keys made by the addon: its own format, and .zkey files sooner than in TypeScript. */

import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exportZkey, importZkey, setupDevelopment } from '../../native/index.ts';
import type { KeyImporter } from '../keys/ceremony-key.ts';
import type { KeyMaker, Setup } from '../keys/development-key.ts';
import type { VerifyingKeyJson } from '../keys/verifying-key.ts';
import { nativeImportNeeds, nativeSetupNeeds, nativeZkeyNeeds } from '../resources.ts';
import type { OnProgress, TaskOptions } from '../types.ts';
import { portableKeyMaker } from './portable.ts';

/** INSECURE keys in the native prover's format. */
export const nativeKeyMaker: KeyMaker = {
  format: 'native',
  fileName: 'INSECURE-development.key',
  needs: nativeSetupNeeds,
  setUp: async ({ layoutPath }, seed, { path, unfinished }, options) => {
    // The addon continues what it finds there; the name is the same in every process.
    await mkdir(unfinished, { recursive: true });
    const unfinishedPath = join(unfinished, 'proving.key');
    const verifyingKey = await setUpNative(layoutPath, seed, unfinishedPath, options);
    await rename(unfinishedPath, path);
    return verifyingKey;
  },
};

/** Ceremony keys in the native prover's format. */
export const nativeKeyImporter: KeyImporter = {
  format: 'ceremony-native',
  fileName: 'ceremony.key',
  needs: nativeImportNeeds,
  importKey: async ({ layoutPath }, zkeyPath, provingKeyPath, options) =>
    JSON.parse(
      await importZkey({ layoutPath, zkeyPath, provingKeyPath, ...nativeOptions(options) }),
    ) as VerifyingKeyJson,
};

/** The keys of `portableKeyMaker`, made natively. */
export const nativeZkeyMaker: KeyMaker = {
  ...portableKeyMaker,
  needs: nativeZkeyNeeds,
  setUp: (async ({ layoutPath }, seed, { path }, options) => {
    const provingKeyPath = `${path}.native`;
    try {
      const verifyingKey = await setUpNative(layoutPath, seed, provingKeyPath, options);
      await exportZkey({ layoutPath, provingKeyPath, zkeyPath: path, ...nativeOptions(options) });
      return verifyingKey;
    } finally {
      await rm(provingKeyPath, { force: true });
    }
  }) satisfies Setup,
};

async function setUpNative(
  layoutPath: string,
  seed: string,
  provingKeyPath: string,
  options: TaskOptions,
): Promise<VerifyingKeyJson> {
  const verifyingKeyPath = `${provingKeyPath}.json`;
  try {
    await setupDevelopment({ layoutPath, seed, provingKeyPath, verifyingKeyPath, ...nativeOptions(options) });
    return JSON.parse(await readFile(verifyingKeyPath, 'utf8')) as VerifyingKeyJson;
  } finally {
    await rm(verifyingKeyPath, { force: true });
  }
}

/** The addon's options do not admit undefined. */
function nativeOptions({ signal, onProgress }: TaskOptions): { signal?: AbortSignal; onProgress?: OnProgress } {
  return { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
}
