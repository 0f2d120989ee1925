/** Builds the explorer into build/explorer if it has changed. usage: node scripts/explorer.ts */

import { ensureExplorer } from './explorer/build.ts';

await ensureExplorer();
