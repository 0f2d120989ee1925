/** Both sides of a connection show who they are before anything else is said. Source: docs/channels.md, Connections. */

import { bytesToHex, randomBytes } from '@noble/hashes/utils.js';
import {
  type Address,
  type Bytes32,
  type ChannelContract,
  channelLoginHash,
  isRollupError,
  isSameAddress,
  RollupError,
  type StateSignature,
} from '@quittance/protocol';
import { signature as readSignature } from '../json.ts';
import { address, bytes32, count, type Json, object, pattern } from '../read-json.ts';
import type { StateKeys } from '../side/index.ts';

/** Version of all that is said on a connection. */
export const WIRE_VERSION = 1;

/** Who we are, and of which channels. */
export interface Identity {
  readonly contract: ChannelContract;
  readonly address: Address;
  readonly keys: Pick<StateKeys, 'sign' | 'recover'>;
}

/** What the listening side says first. */
export interface Greeting {
  readonly version: number;
  readonly chainId: string;
  readonly channels: Address;
  readonly address: Address;
  readonly challenge: string;
}

/** What the other one answers. */
export interface Login {
  readonly address: Address;
  readonly challenge: string;
  readonly signature: StateSignature;
}

const newChallenge = (): string => `0x${bytesToHex(randomBytes(32))}`;

function refused(reason: string): RollupError<'CHANNEL_PEER_WRONG'> {
  const message = `the other party of a connection is not who it should be: ${reason}`;
  return new RollupError('CHANNEL_PEER_WRONG', message, { reason });
}

/** Who made a signature. @throws RollupError CHANNEL_PEER_WRONG for one that nobody made, or of a form that L1 does not take. */
function signerOf({ keys }: Identity, hash: Bytes32, signature: StateSignature): Address {
  try {
    return keys.recover(hash, signature);
  } catch (error) {
    throw isRollupError(error, 'BAD_SIGNATURE') ? refused(error.message) : error;
  }
}

/** Who made the signature must be `from`. */
function requireLogin(
  identity: Identity,
  login: { readonly from: Address; readonly to: Address; readonly challenge: string },
  signature: StateSignature,
): void {
  const signer = signerOf(identity, channelLoginHash(identity.contract, login), signature);
  if (!isSameAddress(signer, login.from)) throw refused(`${signer} signed for ${login.from}`);
}

/** The listening side of one connection. */
export function createGreeter(identity: Identity) {
  const challenge = newChallenge();
  const { contract, address: us, keys } = identity;
  let isUsed = false;
  return {
    greeting: {
      ...{ version: WIRE_VERSION, chainId: contract.chainId.toString(), channels: contract.channels },
      ...{ address: us, challenge },
    } satisfies Greeting,
    /** Who is there, and our own signature for it. @throws RollupError CHANNEL_PEER_WRONG. */
    login(params: Json): { readonly peer: Address; readonly signature: StateSignature } {
      if (isUsed) throw refused('it logs in twice');
      isUsed = true;
      const read = object('a login', params);
      const peer = address('an address', read['address']).toLowerCase();
      if (isSameAddress(peer, us)) throw refused('it is ourselves');
      requireLogin(identity, { from: peer, to: us, challenge }, readSignature(read['signature']));
      const theirs = bytes32('a challenge', read['challenge']);
      return { peer, signature: keys.sign(channelLoginHash(contract, { from: us, to: peer, challenge: theirs })) };
    },
  };
}

/** The connecting side of one connection. */
export function createCaller(identity: Identity, expected?: Address) {
  const { contract, address: us, keys } = identity;
  const challenge = newChallenge();
  return {
    /** Our answer to what the other side said first. @throws RollupError CHANNEL_PEER_WRONG when it is of other channels or another party. */
    answer(params: Json): { readonly peer: Address; readonly login: Login } {
      const read = object('a greeting', params);
      const version = count('a version', read['version'], 32);
      if (version !== WIRE_VERSION) throw refused(`it speaks version ${version}, this is version ${WIRE_VERSION}`);
      const chainId = BigInt(pattern('a chain', read['chainId'], /^[0-9]{1,20}$/));
      const channels = address('channels', read['channels']);
      if (chainId !== contract.chainId || !isSameAddress(channels, contract.channels)) {
        const ours = `${contract.channels} on chain ${contract.chainId}`;
        throw refused(`its channels are ${channels} on chain ${chainId}, ours ${ours}`);
      }
      const peer = address('an address', read['address']).toLowerCase();
      if (expected !== undefined && !isSameAddress(peer, expected)) throw refused(`it is ${peer}, not ${expected}`);
      if (isSameAddress(peer, us)) throw refused('it is ourselves');
      const theirs = bytes32('a challenge', read['challenge']);
      const signature = keys.sign(channelLoginHash(contract, { from: us, to: peer, challenge: theirs }));
      return { peer, login: { address: us, challenge, signature } };
    },
    /** @throws RollupError CHANNEL_PEER_WRONG unless the other side is who it says. */
    confirm(peer: Address, params: Json): void {
      const signature = readSignature(object('an answer to a login', params)['signature']);
      requireLogin(identity, { from: peer, to: us, challenge }, signature);
    },
  };
}
