/** What the user of a devnet can choose. */

import * as parse from '../config/parse.ts';
import { named, optional, toggle, type Values, withDefault } from '../config/setting.ts';
import { prover } from '../config/settings.ts';
import { SEQUENCER_SETTINGS } from '../sequencer/settings.ts';

/** anvil's own. */
const DEFAULT_L1_PORT = 8_545;

const state = named(
  'devnetState',
  optional('<folder>', parse.text, 'keep everything there, and go on from it the next time; kept nowhere if not given'),
);

export const DEVNET_SETTINGS = {
  port: SEQUENCER_SETTINGS.port,
  l1Port: withDefault('<number>', parse.integer(0, 65_535), DEFAULT_L1_PORT, 'port of L1; 0 takes a free one'),
  profile: named(
    'devnetProfile',
    withDefault('<name>', parse.choice('quick', 'standard'), 'quick', 'shape of chunks and batches'),
  ),
  mode: named(
    'devnetMode',
    withDefault(
      '<mode>',
      parse.choice('zk', 'optimistic', 'hybrid'),
      'optimistic',
      'how batches become final: optimistic after a few seconds without a dispute, which needs no prover; zk by proofs; ' +
        'hybrid asserted at once and proven afterwards',
    ),
  ),
  data: named(
    'devnetData',
    withDefault('<where>', parse.choice('calldata', 'blobs'), 'calldata', 'where the records of batches go'),
  ),
  prover,
  lie: toggle(
    parse.flag,
    'now and then a second producer asserts a false batch, so that you can dispute it with `quittance watch`',
  ),
  state,
  detach: toggle(parse.flag, 'run in the background, and end when it is up; `quittance devnet stop` stops it'),
} as const;

export const STOP_SETTINGS = { state } as const;

export type DevnetValues = Values<typeof DEVNET_SETTINGS>;
