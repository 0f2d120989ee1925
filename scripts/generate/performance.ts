/**
 * Makes docs/performance.md from the measurements in docs/performance/*.json, which `./dev bench <name> --save` writes.
 * usage: node scripts/generate/performance.ts [--check]
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { channelsSection } from './performance/channels.ts';
import { clusterSection } from './performance/cluster.ts';
import { crashSection } from './performance/crash.ts';
import { fraudSection } from './performance/fraud.ts';
import { l1Section } from './performance/l1.ts';
import { reorgSection } from './performance/reorg.ts';
import { batchSection, circuitSection, growthSection, kernelsSection, proveSection } from './performance/sections.ts';
import { simSection } from './performance/sim.ts';
import { stateKeysSection } from './performance/state-keys.ts';
import type { Measured } from './performance/table.ts';
import {
  acceptSection,
  executeSection,
  fleetSection,
  hostileSection,
  journalSection,
  rebuildSection,
  recoverSection,
} from './performance/throughput.ts';

const FOLDER = new URL('../../docs/performance/', import.meta.url);
const DOCUMENT = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

const INTRODUCTION = `<!-- Made by scripts/generate/performance.ts from docs/performance/*.json. Do not edit. -->

# Performance

How fast and how large proofs are, and what they cost on L1. Every number below was measured by a command of this repository on the machine that stands above its table; a bench with \`--save\` writes its result to \`docs/performance/\`, and \`node scripts/generate/performance.ts\` makes this page.

## Method

- Seconds are wall-clock time from the executed chunk to the verified proof: witness, proof and both verifications (the prover's own and the strict one) included, keys and compiled circuits made before. Where backends are compared, they prove the same chunk in the same run, each in a process of its own.
- Memory is the peak resident size of the process that proves. Pages of the mapped key file count, although the system can take them back at any time.
- *Load* is the mean number of runnable processes in the minute before the bench started: on a machine with as many others as cores, divide by what is left. Numbers at a load above 0.5 are upper bounds.
- *CPU seconds* are those of all cores together: they hardly depend on the load, and divided by the cores they are the least that the wall-clock time can be.
- The native prover uses eight lanes of AVX512-IFMA where the CPU has them; \`QUITTANCE_DISABLE_IFMA=1\` takes the scalar path.
- Keys are INSECURE development keys; a key of a ceremony has the same size and costs the same.
`;

/** The whole document. */
export function performanceDocument(): string {
  const sections = [
    batchSection(read('batch-single'), read('batch-standard')),
    proveSection(read('prove')),
    growthSection(read('growth')),
    kernelsSection(read('kernels')),
    stateKeysSection(read('state-keys')),
    circuitSection(read('circuit')),
    l1Section(read('l1')),
    executeSection(read('execute')),
    acceptSection(read('accept')),
    hostileSection(read('accept-hostile')),
    journalSection(read('journal')),
    rebuildSection(read('rebuild')),
    recoverSection(read('recover')),
    crashSection(read('crash')),
    fleetSection(read('fleet')),
    fraudSection(read('fraud')),
    reorgSection(read('reorg')),
    clusterSection(read('cluster')),
    simSection(read('sim')),
    channelsSection(read('channels')),
  ];
  return `${[INTRODUCTION.trim(), ...sections.filter((section) => section !== '')].join('\n\n')}\n`;
}

// biome-ignore lint/suspicious/noExplicitAny: each section knows what its bench writes.
function read(name: string): Measured<any> | undefined {
  const url = new URL(`${name}.json`, FOLDER);
  return existsSync(url) ? JSON.parse(readFileSync(url, 'utf8')) : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const document = performanceDocument();
  if (!process.argv.includes('--check')) {
    writeFileSync(DOCUMENT, document);
  } else if (readFileSync(DOCUMENT, 'utf8') !== document) {
    console.error('docs/performance.md is not what its measurements say: run node scripts/generate/performance.ts');
    process.exit(1);
  }
}
