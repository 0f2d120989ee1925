/** Why a destination takes nothing, or nothing of a token: found before anything is sent. */

import { type ImportTerms, type RollupReader, readImportTerms, readTokenAddress, readTokenId } from '@quittance/chain';
import type { JsonRpcApiProvider } from 'ethers';

/** What the destination says of itself, or why it takes nothing at all. @throws RollupError L1_UNREACHABLE. */
export async function termsOf(
  provider: JsonRpcApiProvider,
  address: string,
  maxFee: bigint,
): Promise<ImportTerms | string> {
  const terms = await readImportTerms(provider, address);
  if (terms === undefined) return `${address} is no rollup: it does not say what it takes`;
  const { priorityFee, isExodusActive } = terms;
  if (isExodusActive) return `${address} is in its exodus: owners can claim with \`quittance wallet claim --moves\``;
  if (priorityFee <= maxFee) return terms;
  return `${address} asks for ${priorityFee} wei a move: pay that with --max-fee, which is ${maxFee}`;
}

/**
 * Why it takes nothing of a token of the rollup that is left; undefined when it does.
 *
 * @throws RollupError L1_REJECTED or L1_UNREACHABLE.
 */
export async function tokenObstacle(
  { provider, reader }: { readonly provider: JsonRpcApiProvider; readonly reader: RollupReader },
  address: string,
  tokenId: number,
): Promise<string | undefined> {
  const token = await readTokenAddress(provider, reader.contract, tokenId);
  if ((await readTokenId(provider, address, token)) !== undefined) return undefined;
  const command = `quittance wallet register-token --contract ${address} --token-address ${token}`;
  return `${address} does not know token ${token}: anyone can register it with \`${command}\``;
}
