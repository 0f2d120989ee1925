/** `quittance prover join`: a token of an open market, for whoever signs with a payout key. */

import { existsSync } from 'node:fs';
import { createKeyPair, portableHasher, type Signature, signMessage } from '@quittance/protocol';
import { getBytes } from 'ethers';
import { joinMarket } from '../../prover/index.ts';
import { marketMessage } from '../../sequencer/index.ts';
import type { Values } from '../config/setting.ts';
import { withL1 } from '../l1/connect.ts';
import { readRollupSecret } from '../l1/rollup-key.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { receiverText } from '../wallet/receiver.ts';
import { warnOfPlainHttp } from './client.ts';
import type { JOIN_SETTINGS } from './settings.ts';
import { writeToken } from './token.ts';

export async function runJoin({ output, signal }: Context, values: Values<typeof JOIN_SETTINGS>): Promise<void> {
  const { url: urls, out, l1Url, chainId: expected, contract } = values;
  if (urls.length !== 1) {
    throw new UsageError(
      `name one --url, not ${urls.length}: a token of a market is known to the sequencer that gave it only`,
    );
  }
  if (existsSync(out)) throw new UsageError(`${out} exists already: name another file for the token`);
  warnOfPlainHttp(urls, output);
  const { secret, publicKey } = createKeyPair(getBytes(readRollupSecret(values.rollupKey, output)));
  const payee = { keyY: publicKey.y, owner: BigInt(values.owner) };
  // The chain's own word, so that a signature is of use for no other rollup.
  const rollup = await withL1({ url: l1Url, expected }, async ({ chainId }) => `${chainId}:${contract.toLowerCase()}`);
  const sign = (challenge: string): Signature =>
    signMessage(portableHasher, { secret, publicKey }, marketMessage(rollup, payee, challenge));
  const token = await joinMarket({ url: urls[0]!, payee, keyX: publicKey.x, sign, signal });
  writeToken(out, token);
  const receiver = receiverText(payee);
  output.result({ tokenFile: out, payee: receiver }, () => `${out}: rewards go to ${receiver}`);
}
