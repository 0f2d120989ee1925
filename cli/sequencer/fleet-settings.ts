/** What an operator can set of the fleet of provers. */

import * as parse from '../config/parse.ts';
import { optional, toggle, withDefault } from '../config/setting.ts';
import { verifyingKey } from '../config/settings.ts';

const LOOPBACK = '127.0.0.1';
const DEFAULT_WINDOW = 64;

/** Where the tokens of provers are, if not told. */
export const proverTokens = optional(
  '<file>',
  parse.text,
  'file with the hashed tokens of provers, written by `quittance prover token`; <database>.provers.json if not given',
);

export const FLEET_SETTINGS = {
  verifyingKey,
  proverPort: optional(
    '<number>',
    parse.integer(0, 65_535),
    'port of the prover API, for provers on other machines; 0 takes a free one, none is open if not given',
  ),
  proverHost: withDefault('<address>', parse.text, LOOPBACK, 'address on which the prover API listens'),
  proverTokens,
  provingWindow: withDefault(
    '<count>',
    parse.integer(1, 4_096),
    DEFAULT_WINDOW,
    'chunks, the oldest first and over several batches, that are given to provers at a time',
  ),
  proverReward: optional(
    '<reward>',
    parse.tokenAmount,
    'what a proof earns, in base units of a fee token, like 0:2000000000000: paid by the operator once its batch is final',
  ),
  proverMarket: toggle(parse.flag, 'anybody may prove for a reward: needs --prover-reward'),
} as const;
