/** The tokens of an operator's own provers. */

import { existsSync, writeFileSync } from 'node:fs';
import { systemClock } from '../../runtime/index.ts';
import { addToken, readTokens, revokeToken } from '../../sequencer/index.ts';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { tokensFileOf } from '../sequencer/fleet.ts';
import { receiverText } from '../wallet/receiver.ts';
import type { ADD_SETTINGS, REVOKE_SETTINGS, TOKEN_SETTINGS } from './settings.ts';

/** The file of the tokens. @throws UsageError when nothing says which. */
function fileOf({ proverTokens, database }: Values<typeof TOKEN_SETTINGS>): string {
  if (proverTokens !== undefined) return proverTokens;
  if (database !== undefined) return tokensFileOf({ proverTokens, database });
  throw new UsageError('give --database of the sequencer, or --prover-tokens');
}

/** Writes a token where only its owner can read it. @throws UsageError when the file exists. */
export function writeToken(path: string, token: string): void {
  if (existsSync(path)) throw new UsageError(`${path} exists already: name another file for the token`);
  writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
}

export async function runAdd({ output }: Context, values: Values<typeof ADD_SETTINGS>): Promise<void> {
  const { name, payee, out } = values;
  const file = fileOf(values);
  if (out !== undefined && existsSync(out))
    throw new UsageError(`${out} exists already: name another file for the token`);
  const token = addToken(file, name, systemClock.nowMs(), payee);
  if (out !== undefined) writeToken(out, token);
  const whom = payee === undefined ? null : receiverText(payee);
  output.result(
    { name, file, payee: whom, ...(out === undefined ? { token } : { tokenFile: out }) },
    () => out ?? token,
  );
}

export async function runRevoke({ output }: Context, values: Values<typeof REVOKE_SETTINGS>): Promise<void> {
  const { name } = values;
  const file = fileOf(values);
  if (!revokeToken(file, name))
    throw new UsageError(`${file} has no token of "${name}"; \`quittance prover token list\` shows all`);
  output.result({ name, file, revoked: true }, () => `revoked the token of ${name}`);
}

export async function runList({ output }: Context, values: Values<typeof TOKEN_SETTINGS>): Promise<void> {
  const tokens = readTokens(fileOf(values)).map(({ name, createdMs, payee }) => ({
    name,
    created: new Date(createdMs).toISOString(),
    payee: payee === undefined ? null : receiverText(payee),
  }));
  output.result({ tokens }, () =>
    tokens.length === 0
      ? 'no prover has a token'
      : table([
          ['name', 'created', 'rewards go to'],
          ...tokens.map(({ name, created, payee }) => [name, created, payee ?? 'nobody']),
        ]),
  );
}
