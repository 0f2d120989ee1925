/** The sequencer and the watcher of a devnet: the commands that operators run, with settings of the devnet’s own. */

import type { AssertionChain, Kzg } from '@quittance/chain';
import { ETH_TOKEN_ID } from '@quittance/protocol';
import type { Sequencer } from '../../sequencer/index.ts';
import type { Storage } from '../../storage/index.ts';
import { resolveSettings } from '../config/resolve.ts';
import type { Settings } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { runSequencer } from '../sequencer/run.ts';
import { SEQUENCER_SETTINGS, type SequencerValues } from '../sequencer/settings.ts';
import { runWatch } from '../watch/run.ts';
import { WATCH_SETTINGS } from '../watch/settings.ts';
import type { DeployedRollup } from './deploy.ts';
import type { DevnetFolder } from './folder.ts';
import { type Part, startPart } from './part.ts';
import type { DevnetValues } from './settings.ts';

/** Least fees, in base units: small round numbers that a float16 holds. */
export const DEVNET_FEE = { eth: 10n ** 12n, token: 10n ** 15n } as const;

/** Someone waits at a screen: looks at L1 are cheap here. */
const POLL_MS = 200;
const SEAL_AFTER_SECONDS = 2;

/** What the services work on. */
export interface Ground {
  readonly context: Context;
  readonly values: DevnetValues;
  readonly folder: DevnetFolder;
  readonly l1Url: string;
  readonly deployed: DeployedRollup;
}

/** Values of a command’s settings, from these flags alone. */
function valuesOf<T>(settings: Settings, flags: Readonly<Record<string, string | undefined>>): T {
  const given = Object.entries(flags).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const sources = { flags: new Map(given), environment: {}, file: undefined };
  const resolved = Object.entries(resolveSettings(settings, sources));
  return Object.fromEntries(resolved.map(([key, { value }]) => [key, value])) as T;
}

/** The sequencer with what a liar needs of it. */
export interface SequencerPart extends Part<{ readonly url: string }> {
  /** Once it is up. */
  parts(): { readonly sequencer: Sequencer; readonly storage: Storage; readonly kzg: Kzg | undefined };
}

/** Starts the sequencer. Proving keys are made while it serves. @param keystore file with the producer’s key. */
export function startSequencer(
  { context, values, folder, l1Url, deployed }: Ground,
  keystore: string,
  wrapAssertions: (chain: AssertionChain) => AssertionChain,
): SequencerPart {
  const settings = valuesOf<SequencerValues>(SEQUENCER_SETTINGS, {
    l1Url,
    contract: deployed.contract,
    fromBlock: String(deployed.block),
    keystore,
    mode: values.mode,
    data: values.data,
    database: folder.database,
    port: String(values.port),
    prover: values.prover,
    feeTokens: `${ETH_TOKEN_ID}:${DEVNET_FEE.eth},${deployed.tokenId}:${DEVNET_FEE.token}`,
    sealAfter: String(SEAL_AFTER_SECONDS),
    metricsPort: '0',
    l1PollMs: String(POLL_MS),
    // That the sequencer loses a race against a liar is part of the show.
    logLevel: values.lie ? 'error' : 'warn',
  });
  let parts: ReturnType<SequencerPart['parts']> | undefined;
  const part = startPart<{ url: string }>('sequencer', context, (own) =>
    runSequencer(own, settings, {
      preparesBehind: true,
      wrapAssertions,
      onServing: (serving) => {
        parts = serving;
      },
    }),
  );
  return { ...part, parts: () => parts! };
}

/** Starts the devnet’s own watcher, which disputes lies. @param keystore file with its key. */
export function startWatcher({ context, values, folder, l1Url, deployed }: Ground, keystore: string): Part<unknown> {
  const settings = valuesOf<Parameters<typeof runWatch>[1]>(WATCH_SETTINGS, {
    l1Url,
    contract: deployed.contract,
    fromBlock: String(deployed.block),
    keystore,
    mode: 'challenge',
    database: folder.watcherDatabase,
    l1PollMs: '500',
    blobSource: values.data === 'blobs' ? `beacon:${l1Url}` : undefined,
    logLevel: 'error',
  });
  return startPart('watcher', context, (own) => runWatch(own, settings));
}
