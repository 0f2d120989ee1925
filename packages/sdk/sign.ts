/** Signing transfers. Source: docs/protocol.md, Signature. */

import {
  type Authorization,
  type Hasher,
  isUsableKeyY,
  type KeyPair,
  OWNER_BITS,
  portableHasher,
  RollupError,
  referenceMessage,
  requireBits,
  requireFieldElement,
  type Signature,
  signMessage,
  TOKEN_ID_BITS,
  TREE_CAPACITY,
  transactionMessage,
  transferRecord,
} from '@quittance/protocol';

/** What all transfers state. */
interface TransferCommon {
  /** Index of the paying account. */
  readonly from: number;
  /** Base units; must have an exact float40 encoding. */
  readonly amount: bigint;
  /** Base units of the account's token; must have an exact float16 encoding. */
  readonly fee: bigint;
  /** Nonce of the paying account. */
  readonly nonce: number;
  /** Unix seconds, 0 = never expires. */
  readonly validUntil: number;
}

/** Pays an existing account: its key and owner are signed too, since an index alone could be reassigned. */
export interface TransferIntent extends TransferCommon {
  readonly kind: 'transfer';
  readonly to: number;
  readonly receiver: { readonly keyY: bigint; readonly owner: bigint };
}

/** Pays a key that has no account yet; the sequencer picks the index. */
export interface TransferToNewIntent extends TransferCommon {
  readonly kind: 'transferToNew';
  readonly receiver: { readonly keyY: bigint; readonly owner: bigint };
}

/** Pays the account's owner on L1. `account` is the paying account: its owner and token go into the record. */
export interface WithdrawIntent extends TransferCommon {
  readonly kind: 'withdraw';
  readonly account: { readonly owner: bigint; readonly tokenId: number };
}

/**
 * Pays a key of the account's owner in another rollup, by number in the list of destinations on L1: read there which contract
 * it is. If that contract does not take it, the owner can claim it on L1. `locateMoves` says how far it is.
 *
 * @example
 * const destinations = createDestinations({ provider, contract, confirmations: 64 }); // of @quittance/chain
 * const [there] = await destinations.find('0x…'); // which rollup: the signature covers its number only
 * const signature = await wallet.signMessage(keyDerivationMessage(chainId, there.address));
 * const { publicKey } = keyPairFromEthereumSignature(getBytes(signature)); // the key of the same wallet there
 * const move = signIntent(keyPair, BigInt(domain), {
 *   kind: 'move', account: { owner: BigInt(account.owner), tokenId: account.tokenId },
 *   destination: there.number, keyY: publicKey.y,
 *   from: account.index, amount: 10n ** 18n, fee: 10n ** 12n, nonce: account.nonce, validUntil: 0,
 * });
 * await client.send(move);
 */
export interface MoveIntent extends TransferCommon {
  readonly kind: 'move';
  readonly account: { readonly owner: bigint; readonly tokenId: number };
  readonly destination: number;
  /** y of the key there. */
  readonly keyY: bigint;
}

export type Intent = TransferIntent | TransferToNewIntent | WithdrawIntent | MoveIntent;

/** A signed intent. */
export interface SignedTransfer {
  readonly intent: Intent;
  /** Domain of the deployment that it was signed for. */
  readonly domain: bigint;
  /** Transaction id: the hash that was signed. */
  readonly id: bigint;
  readonly authorization: Authorization;
  /** What the payment is for, with the payer's signature over it and the id. */
  readonly reference?: Signature & { readonly bytes: Uint8Array };
}

function receiverOf(intent: Intent): { keyY: bigint; owner: bigint } {
  if (intent.kind === 'withdraw') return { keyY: 0n, owner: 0n };
  return intent.kind === 'move' ? { keyY: intent.keyY, owner: 0n } : intent.receiver;
}

/** Bits of the index of a leaf: the tree is smaller than the record's 32 bits. */
const LEAF_INDEX_BITS = Math.log2(TREE_CAPACITY);

function requireUsableKey(keyY: bigint): void {
  requireFieldElement('receiver.keyY', keyY);
  if (isUsableKeyY(keyY)) return;
  const message = 'the receiver’s key is no generator of the prime subgroup: nobody could spend from it';
  throw new RollupError('INVALID_KEY', message, { actual: keyY });
}

/** @throws RollupError OUT_OF_RANGE when what is no number was given, as by who forgot the fee. */
function requireGiven(name: 'amount' | 'fee', value: unknown): void {
  if (typeof value === 'bigint') return;
  const way = name === 'fee' ? '; rollup_estimateFee says what a transfer costs' : '';
  const message = `${name} is a value of type ${typeof value}, expected a bigint of base units${way}`;
  throw new RollupError('OUT_OF_RANGE', message, { name, actual: typeof value, expected: 'bigint' });
}

/** Checks what would lose money or be refused anyway, before a key signs it. */
function requireSensible(intent: Intent): void {
  requireGiven('amount', intent.amount);
  requireGiven('fee', intent.fee);
  if (intent.kind === 'transfer' && intent.from === intent.to) {
    throw new RollupError('SELF_TRANSFER', `sender and receiver are both account ${intent.from}`, {
      actual: intent.to,
    });
  }
  requireBits('from', intent.from, LEAF_INDEX_BITS);
  if (intent.kind === 'withdraw' || intent.kind === 'move') {
    requireBits('account.owner', intent.account.owner, OWNER_BITS);
    requireBits('account.tokenId', intent.account.tokenId, TOKEN_ID_BITS);
    if (intent.kind === 'move') {
      requireBits('destination', intent.destination, LEAF_INDEX_BITS);
      requireUsableKey(intent.keyY);
    }
    return;
  }
  if (intent.kind === 'transfer') requireBits('to', intent.to, LEAF_INDEX_BITS);
  requireFieldElement('receiver.keyY', intent.receiver.keyY);
  requireBits('receiver.owner', intent.receiver.owner, OWNER_BITS);
  if (intent.kind === 'transferToNew') requireUsableKey(intent.receiver.keyY);
}

/** The hash of an intent that is signed, which is the id of the transfer. @throws RollupError for what no record can state. */
export function messageOf(domain: bigint, intent: Intent, hasher: Hasher): bigint {
  const { fields } = transferRecord(intent);
  const receiver = receiverOf(intent);
  return transactionMessage(hasher, {
    domain,
    fields,
    nonce: intent.nonce,
    validUntil: intent.validUntil,
    receiverKeyY: receiver.keyY,
    receiverOwner: receiver.owner,
  });
}

/**
 * Signs an intent for one deployment.
 *
 * @param domain of the deployment (`domainOf`).
 * @throws RollupError NOT_REPRESENTABLE, OUT_OF_RANGE, SELF_TRANSFER or INVALID_KEY, before anything is signed.
 */
export function signIntent(
  keyPair: KeyPair,
  domain: bigint,
  intent: Intent,
  hasher: Hasher = portableHasher,
): SignedTransfer {
  requireSensible(intent);
  const id = messageOf(domain, intent, hasher);
  const { r8, s } = signMessage(hasher, keyPair, id);
  return { intent, domain, id, authorization: { validUntil: intent.validUntil, keyX: keyPair.publicKey.x, r8, s } };
}

/**
 * The same transfer with a payment reference, which the payer signs beside it and the receiver is told.
 *
 * @param reference 1 to 140 bytes; UTF-8 where it is text.
 * @throws RollupError WRONG_LENGTH.
 * @example const transfer = signReference(keyPair, signIntent(keyPair, domain, intent), new TextEncoder().encode('invoice 7'));
 */
export function signReference(
  keyPair: KeyPair,
  transfer: SignedTransfer,
  reference: Uint8Array,
  hasher: Hasher = portableHasher,
): SignedTransfer {
  const { r8, s } = signMessage(hasher, keyPair, referenceMessage(hasher, transfer.id, reference));
  return { ...transfer, reference: { bytes: Uint8Array.from(reference), r8, s } };
}
