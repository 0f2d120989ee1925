/**
 * Makes packages/chain/typed-abi/ of the compiled contracts: ABIs that viem, wagmi and abitype infer types from.
 * usage: node scripts/generate/abi.ts [--check]
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ARTIFACTS = new URL('../../build/contracts/artifacts/contracts/', import.meta.url);
const FOLDER = new URL('../../packages/chain/typed-abi/', import.meta.url);

/** Contracts that wallets, watchers and dashboards call, with the file and the name of their ABI, and a view for the example. */
const CONTRACTS = [
  {
    contract: 'Rollup',
    file: 'rollup.ts',
    name: 'rollupAbi',
    about: 'the rollup: deposits, exits, claims, batches',
    view: 'finalState',
  },
  {
    contract: 'Assertions',
    file: 'assertions.ts',
    name: 'assertionsAbi',
    about: 'optimistic mode: assertions, disputes, bonds',
    view: 'pendingRange',
  },
  {
    contract: 'channels/Channels',
    file: 'channels.ts',
    name: 'channelsAbi',
    about: 'payment channels: lonely closes, challenges, payouts',
    view: 'bond',
  },
  {
    contract: 'channels/Preimages',
    file: 'channels-preimages.ts',
    name: 'preimagesAbi',
    about: 'the contract that says when a secret of a channel was shown',
    view: 'revealedAt',
  },
] as const;

/** A value in an ABI: what types are inferred from, and nothing else. */
interface AbiValue {
  readonly name?: string;
  readonly type: string;
  readonly indexed?: boolean;
  readonly components?: readonly AbiValue[];
}

interface AbiItem {
  readonly type: string;
  readonly name?: string;
  readonly stateMutability?: string;
  readonly inputs?: readonly AbiValue[];
  readonly outputs?: readonly AbiValue[];
}

/** Without internalType, which nothing that reads an ABI needs, and which doubles it. */
function typedValue({ name = '', type, indexed, components }: AbiValue): AbiValue {
  return {
    name,
    type,
    ...(indexed === undefined ? {} : { indexed }),
    ...(components === undefined ? {} : { components: components.map(typedValue) }),
  };
}

function typedItem({ type, name, stateMutability, inputs = [], outputs }: AbiItem): AbiItem {
  return {
    type,
    ...(name === undefined ? {} : { name }),
    ...(stateMutability === undefined ? {} : { stateMutability }),
    inputs: inputs.map(typedValue),
    ...(outputs === undefined ? {} : { outputs: outputs.map(typedValue) }),
  };
}

/** The generated files by name. */
export function abiFiles(): ReadonlyMap<string, string> {
  return new Map(
    CONTRACTS.map(({ contract, file, name, about, view }) => {
      const artifact = readFileSync(new URL(`${contract}.sol/${contract.split('/').at(-1)}.json`, ARTIFACTS), 'utf8');
      const { abi } = JSON.parse(artifact) as { abi: readonly AbiItem[] };
      // Nobody calls its constructor, and its types would be those of a deployment.
      const items = abi
        .filter(({ type }) => type !== 'constructor')
        .map((item) => `  ${JSON.stringify(typedItem(item))},`);
      const text = [
        `/** Made by scripts/generate/abi.ts of the compiled contract. Do not edit. */`,
        '',
        `/**`,
        ` * The ABI of ${about}; as a constant, so that viem and what is built on it infer types from it.`,
        ` *`,
        ` * @example client.readContract({ abi: ${name}, address, functionName: '${view}' });`,
        ` */`,
        `export const ${name} = [`,
        ...items,
        '] as const;',
        '',
      ].join('\n');
      return [file, text] as const;
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = [...abiFiles()].filter(([file, text]) => {
    try {
      return readFileSync(new URL(file, FOLDER), 'utf8') !== text;
    } catch {
      return true;
    }
  });
  if (process.argv.includes('--check')) {
    if (stale.length > 0)
      throw new Error(`stale: ${stale.map(([file]) => file).join(', ')}; run scripts/generate/abi.ts`);
  } else {
    for (const [file, text] of stale) writeFileSync(new URL(file, FOLDER), text);
    console.log(stale.length === 0 ? 'nothing has changed' : `wrote ${stale.map(([file]) => file).join(', ')}`);
  }
}
