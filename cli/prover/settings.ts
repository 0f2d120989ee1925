/** What provers can be told. */

import * as parse from '../config/parse.ts';
import { named, optional, orNone, required, withDefault } from '../config/setting.ts';
import {
  prover as anyProver,
  chainId,
  contract,
  l1Url,
  logFormat,
  logLevel,
  profile,
  proverCommand,
  rollupKey,
  zkey,
} from '../config/settings.ts';
import { proverTokens } from '../sequencer/fleet-settings.ts';
import { SEQUENCER_SETTINGS } from '../sequencer/settings.ts';
import { parseReceiver } from '../wallet/receiver.ts';

/** Prover APIs of the nodes of one rollup. */
const url = named('proverUrls', {
  ...required(
    '<list>',
    parse.urls,
    'URL of the prover API of a sequencer; of all nodes of a cluster, separated by commas',
  ),
  sensitive: true,
});
const tokenFile = named(
  'proverTokenFile',
  required('<file>', parse.text, 'file with the token that `quittance prover token add` printed'),
);

/** Whoever proves for others cannot leave it to others. */
const prover = {
  ...anyProver,
  ...optional(
    '<name>',
    parse.choice('native', 'snarkjs', 'command'),
    'proving backend; by default native where it is built, else snarkjs',
  ),
};

/** Who calls a sequencer, and where. */
export const CLIENT_SETTINGS = { url, tokenFile } as const;

const { provingConcurrency } = SEQUENCER_SETTINGS;

export const START_SETTINGS = {
  ...CLIENT_SETTINGS,
  name: named(
    'proverName',
    optional('<name>', parse.text, 'what the operator sees of this machine; host and process if not given'),
  ),
  prover,
  proverCommand,
  zkey,
  provingConcurrency,
  l1Url: orNone(l1Url),
  chainId,
  contract: orNone(contract),
  logLevel,
  logFormat,
} as const;

export const BENCH_SETTINGS = {
  profile,
  prover,
  proverCommand,
  zkey,
  provingConcurrency,
  chunks: named(
    'benchChunks',
    withDefault('<count>', parse.integer(1, 1_000), 3, 'proofs that are timed, behind one that is not'),
  ),
} as const;

/** The file that a running sequencer reads. */
export const TOKEN_SETTINGS = { proverTokens, database: orNone(SEQUENCER_SETTINGS.database) } as const;

const name = named('tokenName', required('<name>', parse.text, 'name of the worker: letters, digits, dots and dashes'));

export const ADD_SETTINGS = {
  ...TOKEN_SETTINGS,
  name,
  payee: named(
    'proverPayee',
    optional(
      '<receiver>',
      parseReceiver,
      'whom its rewards go to, as `quittance wallet address` prints it; nothing is owed if not given',
    ),
  ),
  out: named('tokenOut', optional('<file>', parse.text, 'file that the token is written to, instead of being printed')),
} as const;

export const REVOKE_SETTINGS = { ...TOKEN_SETTINGS, name } as const;

export const JOIN_SETTINGS = {
  url: {
    ...url,
    help: 'URL of the prover API of the sequencer that leads: the token is known to that one only',
  },
  rollupKey: { ...rollupKey, ...required('<file>', parse.text, rollupKey.help) },
  owner: named('payoutOwner', required('<address>', parse.address, 'L1 address that may withdraw what is earned')),
  out: named('tokenOut', required('<file>', parse.text, 'file that the token is written to')),
  l1Url,
  chainId,
  contract,
} as const;
