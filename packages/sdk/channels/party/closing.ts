/**
 * A channel is closed by both: they make its state one that transfers can pay exactly, agree on the transfers, and sign the last
 * one first, so that nobody can be paid before the other has what pays it.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import {
  type Address,
  type Authorization,
  type Bytes32,
  isRollupError,
  isUsableKeyY,
  RollupError,
} from '@quittance/protocol';
import type { SignedTransfer } from '../../sign.ts';
import type { Clock } from '../../wallet/time.ts';
import type { Exchange } from '../exchange/index.ts';
import { type JointSigning, type Party, signJointly } from '../joint-key.ts';
import { amount, count, type Json, object } from '../read-json.ts';
import type { ChannelRecord } from '../record.ts';
import type { StateKeys } from '../side/index.ts';
import type { WirePeer } from '../wire/peer.ts';
import { closingTransfers, tidyingChange, untidy } from './closing-plan.ts';
import {
  type ChannelAccount,
  type ChannelClosing,
  type ChannelReceiver,
  type ClosingTransfer,
  decodeReceiver,
  encodeReceiver,
  type Kept,
} from './documents.ts';
import type { InTurn } from './in-turn.ts';
import { decodeCommitment, decodeShare, encodeCommitment, encodeShare } from './joint-json.ts';
import { bytes20 } from './opening.ts';
import { type ChannelRollup, closingIntent, closingMessage } from './rollup.ts';

/** What both sides of a close need. */
export interface ClosingParts {
  readonly exchange: Exchange;
  readonly keys: Pick<StateKeys, 'now'>;
  readonly clock: Clock;
  readonly accounts: Kept<ChannelAccount>;
  readonly closings: Kept<ChannelClosing>;
  readonly rollup: ChannelRollup;
  /** Where our money goes, in a token. */
  readonly receiver: (tokenId: number) => Promise<ChannelReceiver>;
  /** Looks at the account of a channel now. */
  readonly refresh: (vault: string) => Promise<void>;
  /** For what must not change between a look and what is written down by it. */
  readonly inTurn: InTurn;
}

/** Seconds from now that the transfers of a close are valid: time for a batch, and no more. */
export const CLOSING_VALIDITY = { least: 600, most: 86_400, usual: 3_600 } as const;
/** Seconds that must be left when a share of a transfer with another one behind it is given: that one must get there too. */
const LEAST_LEFT = 300;

/** A fee of more than so many times what we would pay is not paid. */
const MOST_FEE_TIMES = 10n;

/** How long a version that is on its way is waited for. */
const QUIET = { tries: 50, pauseMs: 200 } as const;
/** How often both tidy a state that changes meanwhile. */
const TIDY_TRIES = 4;

const refuse = (reason: string): RollupError<'CHANNEL_CHANGE_REFUSED'> =>
  new RollupError('CHANNEL_CHANGE_REFUSED', `the channel cannot be closed together now: ${reason}`, { reason });

function recordOf({ exchange }: Pick<ClosingParts, 'exchange'>, vault: string): ChannelRecord {
  const record = exchange.record(vault);
  if (record !== undefined) return record;
  throw new RollupError('NOT_FOUND', `there is no channel with vault ${vault} here`, { actual: vault });
}

function accountOf({ accounts }: ClosingParts, vault: string): ChannelAccount & { readonly index: number } {
  const account = accounts.get(vault);
  if (account?.index !== undefined) return { ...account, index: account.index };
  throw refuse('its account is not final on the rollup yet');
}

/** The id of what a state is tidied by. */
function tidyingId(vault: string, version: number): Bytes32 {
  return `0x${bytesToHex(sha256(utf8ToBytes(`quittance channel_tidy ${vault} ${version}`)))}`;
}

/** Our part of making the state one that can be closed. @throws RollupError CHANNEL_CHANGE_REFUSED when nothing helps. */
async function tidy({ exchange }: ClosingParts, vault: string, fee: bigint): Promise<void> {
  const { newest, capacity, party, isClosing } = recordOf({ exchange }, vault);
  if (isClosing) return;
  const change = tidyingChange({ state: newest.state, capacity, fee }, party, tidyingId(vault, newest.state.version));
  if (change !== undefined) await exchange.want(vault, change);
}

/** A transfer of the close with its signature, as the sequencer takes it. */
function signedTransfer(
  parts: ClosingParts,
  vault: string,
  closing: ChannelClosing,
  transfer: ClosingTransfer,
): SignedTransfer {
  const { joint, index } = accountOf(parts, vault);
  const { domain } = parts.rollup;
  const intent = closingIntent(transfer, index, closing);
  const { r8, s } = transfer.signature!;
  const authorization: Authorization = { validUntil: closing.validUntil, keyX: joint.publicKey.x, r8, s };
  return { intent, domain, id: closingMessage(domain, intent), authorization };
}

/** Begins our part of the signature of a transfer. */
function beginSigning(parts: ClosingParts, vault: string, closing: ChannelClosing, position: number): JointSigning {
  const { joint, index } = accountOf(parts, vault);
  const intent = closingIntent(closing.transfers[position]!, index, closing);
  return signJointly(joint, closingMessage(parts.rollup.domain, intent));
}

/** Whether a transfer has another one behind it: our share of it lets the other party be paid. */
const hasOneBehind = ({ transfers }: ChannelClosing, position: number): boolean => position < transfers.length - 1;

/**
 * Keeps what both have signed; our share of it is given from then on.
 *
 * @param closing what was signed: another one that was agreed on meanwhile has other transfers.
 * @returns the close with it.
 */
function keepSignature(
  { closings, inTurn }: ClosingParts,
  vault: string,
  closing: ChannelClosing,
  { position, signature }: { readonly position: number; readonly signature: NonNullable<ClosingTransfer['signature']> },
): Promise<ChannelClosing> {
  return inTurn(vault, async () => {
    if (closings.get(vault) !== closing) throw refuse('another close of it was agreed on meanwhile');
    const transfers = closing.transfers.map((one, place) => (place === position ? { ...one, signature } : one));
    const shared = hasOneBehind(closing, position) ? { isShared: true } : {};
    const signed: ChannelClosing = { ...closing, ...shared, transfers };
    await closings.put(vault, signed);
    return signed;
  });
}

/** @throws RollupError CHANNEL_CHANGE_REFUSED when the transfer behind it might not get there any more. */
function requireTime({ keys }: Pick<ClosingParts, 'keys'>, closing: ChannelClosing, position: number): void {
  const left = closing.validUntil - keys.now();
  if (!hasOneBehind(closing, position) || left >= LEAST_LEFT) return;
  throw refuse(`it is valid for ${left} s more, which is too little to sign it; begin anew`);
}

/** What both agree on before anything is signed. */
interface Agreed extends Pick<ChannelClosing, 'version' | 'fee' | 'validUntil'> {
  /** Final balance of the account, as both have seen it. */
  readonly capacity: bigint;
}

/** @throws RollupError CHANNEL_CHANGE_REFUSED unless the channel is what the close says. */
function requireAsAgreed(
  parts: ClosingParts,
  vault: string,
  { version, capacity: agreed, fee }: Agreed,
  balance: bigint | undefined,
): void {
  const { newest, capacity } = recordOf(parts, vault);
  if (newest.state.version !== version) throw refuse(`its version is ${newest.state.version} here, not ${version}`);
  // Other transfers would be signed by each, and no joint signature come of it.
  if (agreed !== capacity) {
    throw refuse(`its account holds ${capacity} as seen here, not ${agreed}; try again in a minute`);
  }
  if (balance !== capacity) throw refuse('its balance is changing; try again in a minute');
  const reason = untidy({ state: newest.state, capacity, fee });
  if (reason !== undefined) throw refuse(reason);
}

/**
 * The close that both agree on, written down before anything of it is signed. Nothing in the channel changes from then on.
 *
 * @param isOpener whether we asked for it: then the other party says that nothing of ours is on its way any more.
 */
async function agree(
  parts: ClosingParts,
  vault: string,
  agreed: Agreed,
  receivers: Readonly<Record<Party, ChannelReceiver>>,
  isOpener: boolean,
): Promise<ChannelClosing> {
  const { terms } = recordOf(parts, vault);
  const { joint } = accountOf(parts, vault);
  const account = await parts.rollup.account({ owner: vault, keyY: joint.publicKey.y, tokenId: terms.tokenId });
  return parts.inTurn(vault, async () => {
    const require = (): void => requireAsAgreed(parts, vault, agreed, account?.balance);
    requireUnshared(parts, vault);
    if (!isOpener) requireQuiet(parts, vault, agreed.version);
    require();
    if (!recordOf(parts, vault).isClosing) await parts.exchange.setClosing(vault);
    require();
    const { version, fee, validUntil, capacity } = agreed;
    const closable = { state: recordOf(parts, vault).newest.state, capacity, fee };
    const transfers = closingTransfers(closable, receivers, account!.nonce);
    const closing: ChannelClosing = { version, fee, validUntil, transfers, isFinal: false };
    await parts.closings.put(vault, closing);
    return closing;
  });
}

/** @throws RollupError CHANNEL_CHANGE_REFUSED unless both have signed this version, and nothing is on its way. */
function requireQuiet(parts: ClosingParts, vault: string, version: number): void {
  const { newest, proposal, asked } = recordOf(parts, vault);
  if (newest.state.version !== version) throw refuse(`its version is ${newest.state.version} here, not ${version}`);
  if (proposal !== undefined || asked.length > 0) throw refuse(UNSIGNED);
}

const UNSIGNED = 'a version of it is not signed yet; where that stays so, close it alone';

/**
 * Nothing of ours or theirs is on its way: the orderer stops first, so that the other one is never asked too late.
 *
 * @returns what it stopped at; undefined when that cannot be closed together, and nothing has stopped.
 */
async function stopOrdering(parts: ClosingParts, vault: string, fee: bigint) {
  for (let tries = 0; tries < QUIET.tries; tries += 1) {
    const { isOrderer, isClosing, proposal, asked, newest, capacity } = recordOf(parts, vault);
    if (asked.length === 0 && proposal === undefined) {
      if (untidy({ state: newest.state, capacity, fee }) !== undefined) return undefined;
      if (isOrderer && !isClosing) await parts.exchange.setClosing(vault);
      return { version: newest.state.version, capacity };
    }
    await parts.clock.sleep(QUIET.pauseMs);
  }
  throw refuse(UNSIGNED);
}

/** Both sides make the state one that can be closed, and nothing changes it any more. */
async function tidyBoth(parts: ClosingParts, peer: WirePeer, vault: string, fee: bigint) {
  for (let tries = 0; tries < TIDY_TRIES; tries += 1) {
    await tidy(parts, vault, fee);
    await peer.request('channel_tidy', { vault, fee: fee.toString() });
    const { newest, capacity } = recordOf(parts, vault);
    if (untidy({ state: newest.state, capacity, fee }) !== undefined) continue;
    const stopped = await stopOrdering(parts, vault, fee);
    if (stopped !== undefined) return stopped;
  }
  const { newest, capacity, isClosing } = recordOf(parts, vault);
  const reason = untidy({ state: newest.state, capacity, fee }) ?? 'its state changes all the time';
  throw refuse(
    isClosing ? `${reason}, and nothing changes it any more: wait for a lower fee, or close it alone` : reason,
  );
}

/** Signs a transfer with the other party; those behind it are signed. @returns the close with its signature. */
async function signNext(
  parts: ClosingParts,
  peer: WirePeer,
  vault: string,
  { closing, position }: { readonly closing: ChannelClosing; readonly position: number },
): Promise<ChannelClosing> {
  const signing = beginSigning(parts, vault, closing, position);
  const request = { vault, position, commitment: encodeCommitment(signing.commitment) };
  const { commitment, share } = object('an answer', await peer.request('channel_sign', request));
  const ourShare = signing.share(decodeCommitment(commitment));
  requireTime(parts, closing, position);
  const signed = await keepSignature(parts, vault, closing, {
    position,
    signature: signing.finish(decodeShare(share)),
  });
  await peer.request('channel_signed', { vault, position, share: encodeShare(ourShare) });
  return signed;
}

/**
 * Closes a channel with the other party. Resolves once all of it is signed; it is paid once it is final.
 *
 * @throws RollupError CHANNEL_CHANGE_REFUSED, CHANNEL_PEER_AWAY, NOT_FOUND, or as the other party refuses it.
 */
export async function closeTogether(parts: ClosingParts, peer: WirePeer, vault: string): Promise<void> {
  const { keys, rollup } = parts;
  const { terms, party } = recordOf(parts, vault);
  accountOf(parts, vault);
  requireUnshared(parts, vault);
  await parts.refresh(vault);
  const fee = await rollup.fee(terms.tokenId);
  const ours = await parts.receiver(terms.tokenId);
  const stopped = await tidyBoth(parts, peer, vault, fee);
  const agreed = { ...stopped, fee, validUntil: keys.now() + CLOSING_VALIDITY.usual };
  const { version, capacity, validUntil } = agreed;
  const answer = await peer.request('channel_close', {
    ...{ vault, version, capacity: capacity.toString(), fee: fee.toString(), validUntil },
    receiver: encodeReceiver(ours),
  });
  const theirs = decodeReceiver(object('an answer', answer)['receiver']);
  await requireReceiver(parts, theirs, terms.tokenId);
  const receivers = party === 'a' ? { a: ours, b: theirs } : { a: theirs, b: ours };
  let closing = await agree(parts, vault, agreed, receivers, true);
  for (let position = closing.transfers.length - 1; position >= 0; position -= 1) {
    closing = await signNext(parts, peer, vault, { closing, position });
  }
  await submitClosing(parts, vault, closing);
}

/** Resolves when the sequencer has it, or another close of before has its nonce. */
async function submitOne(parts: ClosingParts, vault: string, closing: ChannelClosing, transfer: ClosingTransfer) {
  try {
    await parts.rollup.submit(signedTransfer(parts, vault, closing, transfer));
  } catch (error) {
    if (!isRollupError(error, 'NONCE_USED')) throw error;
  }
}

/** Sends what is signed of a close, in the order of its nonces. What the sequencer has already it has. */
export async function submitClosing(parts: ClosingParts, vault: string, closing: ChannelClosing): Promise<void> {
  let isInFront = true;
  for (const transfer of closing.transfers) {
    if (transfer.signature === undefined) {
      // Our share of it was given: the other party can have sent it, and keep it from us. What is behind it is ours.
      if (closing.isShared !== true) return;
      isInFront = false;
      continue;
    }
    const sent = submitOne(parts, vault, closing, transfer);
    if (isInFront) await sent;
    // Nobody waits for one in front of which another may be missing: the next look sends it again.
    else sent.catch(() => undefined);
  }
}

/** What somebody asks about a channel that it shares with us. */
type VaultOf = (read: Readonly<Record<string, Json>>) => string;

async function requireFee(parts: ClosingParts, vault: string, fee: bigint): Promise<void> {
  const usual = await parts.rollup.fee(recordOf(parts, vault).terms.tokenId);
  if (fee > usual * MOST_FEE_TIMES) throw refuse(`a fee of ${fee} is too high, ${usual} is usual`);
}

/** A receiver that the rollup would refuse would keep our own money from us. */
async function requireReceiver({ rollup }: ClosingParts, receiver: ChannelReceiver, tokenId: number): Promise<void> {
  const { index, keyY, owner } = receiver;
  if (index === undefined && isUsableKeyY(keyY) && owner !== 0n) return;
  if (index !== undefined && (await rollup.isAccount(index, { keyY, owner, tokenId }))) return;
  const what = index === undefined ? 'the key' : `account ${index}`;
  throw refuse(`${what} cannot be paid in token ${tokenId} with that key and owner`);
}

function requireValidity({ keys }: ClosingParts, validUntil: number): void {
  const left = validUntil - keys.now();
  const { least, most } = CLOSING_VALIDITY;
  if (left >= least && left <= most) return;
  throw refuse(`it is to be valid for ${left} s, ${least} to ${most} are possible`);
}

/**
 * Once we gave our share of a transfer, the one behind it must stay payable: with another close its signature would be gone.
 * Both have the same nonces, so one of them is enough.
 */
function requireUnshared({ closings, keys }: ClosingParts, vault: string): void {
  const closing = closings.get(vault);
  if (closing?.isShared !== true || closing.validUntil <= keys.now()) return;
  throw refuse(`a close of it is signed already, and valid until ${closing.validUntil} (Unix seconds)`);
}

/** What is asked before anything is signed. */
function createAgreeing(parts: ClosingParts, vaultOf: VaultOf) {
  async function answerTidy(params: Json): Promise<null> {
    const read = object('a request', params);
    const vault = vaultOf(read);
    const fee = amount('a fee', read['fee']);
    await requireFee(parts, vault, fee);
    await tidy(parts, vault, fee);
    return null;
  }

  async function answerClose(params: Json) {
    const read = object('a close', params);
    const vault = vaultOf(read);
    const version = count('a version', read['version'], 48);
    const capacity = amount('a capacity', read['capacity']);
    const fee = amount('a fee', read['fee']);
    const validUntil = count('a time', read['validUntil'], 40);
    const theirs = decodeReceiver(read['receiver']);
    requireValidity(parts, validUntil);
    requireUnshared(parts, vault);
    requireQuiet(parts, vault, version);
    await requireFee(parts, vault, fee);
    const { terms, party } = recordOf(parts, vault);
    await requireReceiver(parts, theirs, terms.tokenId);
    const ours = await parts.receiver(terms.tokenId);
    await parts.refresh(vault);
    const receivers = party === 'a' ? { a: ours, b: theirs } : { a: theirs, b: ours };
    await agree(parts, vault, { version, capacity, fee, validUntil }, receivers, false);
    return { receiver: encodeReceiver(ours) };
  }

  return { channel_tidy: answerTidy, channel_close: answerClose };
}

/** What is asked to sign what was agreed on. */
function createSigningAnswers(parts: ClosingParts, vaultOf: VaultOf) {
  const signings = new Map<string, { readonly signing: JointSigning; readonly closing: ChannelClosing }>();
  function placeOf(params: Json) {
    const read = object('a request', params);
    const vault = vaultOf(read);
    const closing = parts.closings.get(vault);
    const position = count('a position', read['position'], 1);
    if (closing === undefined || position >= closing.transfers.length) throw refuse('nothing was agreed on');
    return { read, vault, closing, position, name: `${vault} ${position}` };
  }

  const answerSign = (params: Json) => parts.inTurn(placeOf(params).vault, () => giveShare(params));

  async function giveShare(params: Json) {
    const { read, vault, closing, position, name } = placeOf(params);
    // The one behind it must be signed here: it may be the one that pays us.
    const isNext = closing.transfers.slice(position + 1).every(({ signature }) => signature !== undefined);
    if (!isNext) throw refuse('the transfer behind it is not signed yet');
    requireTime(parts, closing, position);
    const theirs = decodeCommitment(read['commitment']);
    const signing = beginSigning(parts, vault, closing, position);
    // Written down before the share is given.
    const isShared = hasOneBehind(closing, position);
    const shared = isShared ? { ...closing, isShared } : closing;
    if (isShared) await parts.closings.put(vault, shared);
    const share = signing.share(theirs);
    signings.set(name, { signing, closing: shared });
    return { commitment: encodeCommitment(signing.commitment), share: encodeShare(share) };
  }

  async function answerSigned(params: Json): Promise<null> {
    const { read, vault, position, name } = placeOf(params);
    const begun = signings.get(name);
    signings.delete(name);
    if (begun === undefined) throw refuse('its signature was not begun on this connection');
    const signature = begun.signing.finish(decodeShare(read['share']));
    await keepSignature(parts, vault, begun.closing, { position, signature });
    return null;
  }

  return { channel_sign: answerSign, channel_signed: answerSigned };
}

/** The other side's requests about closes, on one connection. @param isTheirs whether a channel is with who is there. */
export function createClosingAnswers(parts: ClosingParts, isTheirs: (record: ChannelRecord) => boolean) {
  const vaultOf: VaultOf = (read) => {
    const vault = bytes20(read['vault']);
    if (!isTheirs(recordOf(parts, vault))) throw refuse('it is a channel with somebody else');
    return vault;
  };
  return { ...createAgreeing(parts, vaultOf), ...createSigningAnswers(parts, vaultOf) };
}

/** Whom a channel is with. */
export const otherParty = ({ party, terms }: ChannelRecord): Address => terms[party === 'a' ? 'b' : 'a'];
