/** All settings that more than one command knows. One name means one thing everywhere. */

import type { ProfileName } from '@quittance/protocol';
import { LOG_FORMATS } from '../../runtime/index.ts';
import * as parse from './parse.ts';
import { optional, required, toggle, withDefault } from './setting.ts';

/** Settings of every command. */
export const COMMON = {
  json: toggle(parse.flag, 'print the result as one JSON line'),
  quiet: toggle(parse.flag, 'no progress on stderr, only warnings and errors'),
} as const;

/** Processes that keep on. */
export const logLevel = withDefault(
  '<level>',
  parse.choice('debug', 'info', 'warn', 'error'),
  'info',
  'lowest level that is logged',
);

export const logFormat = optional(
  '<form>',
  parse.choice(...LOG_FORMATS),
  'how log lines are written; text on a terminal and json elsewhere if not given',
);

/** L1 and the contract. */
export const l1Url = {
  ...required('<url>', parse.url, 'JSON-RPC of an L1 node'),
  sensitive: true,
};
export const chainId = optional('<id>', parse.baseUnits, 'chain id that L1 must have; asked of the node if not given');
export const contract = required('<address>', parse.address, 'address of the rollup contract');
export const channels = required('<address>', parse.address, 'address of the contract of payment channels');
export const fromBlock = withDefault(
  '<number>',
  parse.integer(0, Number.MAX_SAFE_INTEGER),
  0,
  'block of the deployment, or one before it',
);

/** Keys. */
const keystore = optional(
  '<file>',
  parse.text,
  'key of the L1 account: an Ethereum keystore (JSON), or a file with the key in hexadecimal',
);
const passwordFile = optional('<file>', parse.text, 'file with the password of the keystore');

/** The key elsewhere. */
const signerUrl = {
  ...optional('<url>', parse.url, 'JSON-RPC of a signer that has the key (web3signer, clef), in place of --keystore'),
  sensitive: true,
};
const signerAccount = optional('<address>', parse.address, 'which account of the signer; its only one if not given');

/** Whose transactions a command sends: a key in a file, or one that a signer has. */
export const ACCOUNT_SETTINGS = { keystore, passwordFile, signerUrl, signerAccount } as const;

/** The sequencer. */
export const rpcUrl = { ...required('<url>', parse.url, 'JSON-RPC of the sequencer'), sensitive: true };

/** Circuits. */
export const profile = withDefault<ProfileName>('<name>', parse.profileName, 'standard', 'shape of chunks and batches');
export const zkey = optional('<file>', parse.text, 'proving key of a ceremony, in place of the development key');
export const prover = optional(
  '<name>',
  parse.choice('native', 'snarkjs', 'command', 'none'),
  'proving backend; by default native where it is built, else snarkjs; none leaves it to the provers of --prover-port',
);
export const verifyingKey = optional(
  '<file>',
  parse.text,
  'verification_key.json that `quittance ceremony verify` printed',
);
export const proverCommand = optional(
  '<command>',
  parse.text,
  'external prover of the backend "command", called as rapidsnark is: <command> key.zkey witness.wtns proof.json public.json',
);
export const rollupKey = optional(
  '<file>',
  parse.text,
  'rollup key as 64 hexadecimal digits; derived from the L1 account if not given',
);
