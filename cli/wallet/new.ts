/** `quittance wallet new`: a fresh L1 account as an encrypted keystore. */

import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { Wallet } from 'ethers';
import * as parse from '../config/parse.ts';
import { required } from '../config/setting.ts';
import { ACCOUNT_SETTINGS, rollupKey } from '../config/settings.ts';
import { choosePassword } from '../l1/secrets.ts';
import { defineCommand } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';

/** Shorter ones fall to a dictionary. */
const MIN_PASSWORD_LENGTH = 8;

/** Readable by its owner only; never overwrites a file. */
function writeSecret(path: string, content: string): void {
  try {
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}`);
  }
}

export const walletNew = defineCommand({
  name: 'wallet new',
  summary: 'make a new L1 account as an encrypted keystore, and with --rollup-key an independent rollup key',
  notes: 'Without --rollup-key the rollup key is derived from the L1 account, so one backup covers both.',
  examples: [
    'quittance wallet new --keystore alice.json',
    'quittance wallet new --keystore alice.json --password-file password.txt',
  ],
  settings: {
    keystore: required('<file>', parse.text, 'keystore to write; must not exist'),
    passwordFile: {
      ...ACCOUNT_SETTINGS.passwordFile,
      help: 'file with its password; asked on a terminal if not given',
    },
    rollupKey: { ...rollupKey, help: 'file for an independent rollup key; must not exist' },
  },
  async run({ output }, values) {
    for (const path of [values.keystore, values.rollupKey]) {
      if (path !== undefined && existsSync(path)) throw new UsageError(`${path} exists already; name another file`);
    }
    const password = await choosePassword(values.passwordFile, values.keystore, output);
    if (password.length < MIN_PASSWORD_LENGTH) {
      throw new UsageError(`the password has ${password.length} characters and needs at least ${MIN_PASSWORD_LENGTH}`);
    }
    const wallet = new Wallet(`0x${randomBytes(32).toString('hex')}`);
    writeSecret(values.keystore, `${await wallet.encrypt(password)}\n`);
    if (values.rollupKey !== undefined) writeSecret(values.rollupKey, `0x${randomBytes(32).toString('hex')}\n`);
    output.say(`back up ${[values.keystore, values.rollupKey].filter(Boolean).join(' and ')} and the password`);
    output.result({ address: wallet.address, keystore: values.keystore }, () => wallet.address);
  },
});
