/** The last words of a `./dev start` that stays up: everything with which a wallet goes on from there. */

import { createPerson, l1Wallet } from '../../cli/devnet/people.ts';
import type { LocalRollup } from './rollup.ts';

/** People that are named. */
const SHOWN_PEOPLE = 2;

/** Where everything is, and the keys of accounts with money. @param people how many the scenario had. */
export function servingText(
  { api, l1Url, deployed }: Pick<LocalRollup, 'l1Url' | 'deployed'> & { readonly api: { readonly url: string } },
  people: number,
): string {
  const { contract, channels, block, token, tokenId } = deployed;
  const funded = Array.from({ length: Math.min(people, SHOWN_PEOPLE) }, (_, number) => {
    const { owner, l1Position, keyPair } = createPerson(number);
    return [
      `  ${owner} on L1: private key ${l1Wallet(l1Position).privateKey}`,
      `    in the rollup: secret 0x${Buffer.from(keyPair.secret).toString('hex')}`,
    ];
  });
  return [
    `serving JSON-RPC on ${api.url} (L1: ${l1Url}); Ctrl-C ends`,
    `contract ${contract} since block ${block}; token ${tokenId} (DUSD) ${token}`,
    `channels ${channels}`,
    'accounts with money:',
    ...funded.flat(),
    `next: ./dev quittance rebuild --l1-url ${l1Url} --contract ${contract} --from-block ${block}`,
  ].join('\n');
}
