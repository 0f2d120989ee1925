/** Reads the contracts of payment channels through an ethers provider. */

import {
  type Bytes32,
  type ChannelContract,
  type ChannelTerms,
  channelStateHash,
  channelVault,
  invariantBroken,
  isRollupError,
  isSameAddress,
  RollupError,
} from '@quittance/protocol';
import { getAddress, getCreateAddress, Interface, type JsonRpcApiProvider, ZeroAddress } from 'ethers';
import { askNode } from '../ask-node.ts';
import { askL1, type ContractView, createContractView } from '../contract-view.ts';
import { DEFAULT_BLOCK_RANGE, type ReaderOptions, rollupView } from '../views.ts';
import { channelsInterface, preimagesInterface } from './abi.ts';
import { CHANNEL_EVENTS, decodeChannelEvent, decodeExits, decodeRevealed, statesInCalldata } from './events.ts';
import type { ChannelClose, ChannelEvent, ChannelsConstants, ChannelsReader } from './types.ts';

export interface ChannelsReaderOptions extends Omit<ReaderOptions, 'contract'> {
  /** Address of the contract of the channels. */
  readonly contract: string;
  /** Address of the rollup that it must be of; any if not given. */
  readonly rollup?: string;
}

/** What the contract signs under, which tells it from every other one. Source: docs/channels.md, State. */
const DOMAIN = { name: 'Quittance Channels', version: '1' } as const;

const ERC20 = new Interface(['function balanceOf(address account) view returns (uint256)']);

/** What ethers returns for a struct. */
type RawClose = Readonly<Record<'stateHash' | 'bondHolder', string>> &
  Readonly<Record<'isSettled' | 'residualIsB', boolean>> &
  Readonly<Record<'version' | 'periodEnd' | 'closedVersion' | 'claim' | 'paidSenior' | 'paidResidual', bigint>>;

function toClose(raw: RawClose): ChannelClose | undefined {
  if (raw.periodEnd === 0n) return undefined;
  const { stateHash, bondHolder, isSettled, residualIsB, claim, paidSenior, paidResidual } = raw;
  return {
    ...{ stateHash, bondHolder, isSettled, residualIsB, claim, paidSenior, paidResidual },
    version: Number(raw.version),
    periodEnd: Number(raw.periodEnd),
    closedVersion: Number(raw.closedVersion),
  };
}

const wrongContract = (contract: string, why: string, cause?: unknown): RollupError =>
  new RollupError('L1_WRONG_CHAIN', `the contract at ${contract} ${why}`, { contract }, { cause });

/** What ethers says of an answer that is none, and geth and Hardhat of a call that reverts, where ethers does not translate it. */
const NO_ANSWER: readonly unknown[] = ['BAD_DATA', 3];

/** Whether a contract answered a view that it does not have. */
const isNoAnswer = (error: unknown): boolean =>
  isRollupError(error) &&
  (error.code === 'L1_REJECTED' || NO_ANSWER.includes((error.cause as { code?: unknown } | undefined)?.code));

/** @throws RollupError L1_WRONG_CHAIN unless the contract is one of channels of this rollup, on this chain. */
async function readConstants(
  { address, view }: ContractView,
  { chainId, rollup: expected }: ChannelsReaderOptions,
): Promise<ChannelsConstants> {
  let domain: Readonly<Record<'name' | 'version' | 'verifyingContract', string>> & { readonly chainId: bigint };
  let answers: [rollup: string, preimages: string, bond: bigint];
  try {
    domain = await view('eip712Domain');
    answers = await Promise.all([view<string>('rollup'), view<string>('preimages'), view<bigint>('bond')]);
  } catch (error) {
    if (isNoAnswer(error)) throw wrongContract(address, 'is none of payment channels; check the address', error);
    throw error;
  }
  const isOurs =
    domain.name === DOMAIN.name &&
    domain.version === DOMAIN.version &&
    domain.chainId === chainId &&
    isSameAddress(domain.verifyingContract, address);
  if (!isOurs) {
    throw wrongContract(address, `is "${domain.name}" ${domain.version}, not "${DOMAIN.name}" ${DOMAIN.version}`);
  }
  const [rollup, preimages, bond] = answers;
  if (expected !== undefined && !isSameAddress(rollup, expected)) {
    throw wrongContract(address, `has the channels of the rollup ${rollup}, not of ${expected}; check both addresses`);
  }
  return { contract: address, rollup, preimages, bond, implementation: implementationOf(address) };
}

/** The implementation of the vaults is the first contract that the judge made. Source: docs/channels.md, Terms and vault. */
const implementationOf = (contract: string): string => getCreateAddress({ from: contract, nonce: 1 });

/** Reads what an address holds, of one block if a hash is given. */
function holdings(provider: JsonRpcApiProvider) {
  const tagOf = (blockHash: Bytes32 | undefined) => (blockHash === undefined ? 'latest' : { blockHash });
  return (token: string, account: string, blockHash: Bytes32 | undefined): Promise<bigint> =>
    askL1(`reading what ${account} holds`, async () => {
      if (token === ZeroAddress) return BigInt(await provider.send('eth_getBalance', [account, tagOf(blockHash)]));
      const call = { to: token, data: ERC20.encodeFunctionData('balanceOf', [account]) };
      const answer = (await provider.send('eth_call', [call, tagOf(blockHash)])) as string;
      return ERC20.decodeFunctionResult('balanceOf', answer)[0] as bigint;
    });
}

/** A reader of the channels at `contract`. Call `connect` first. */
export function createChannelsReader(options: ChannelsReaderOptions): ChannelsReader {
  const { provider, chainId, maxBlockRange = DEFAULT_BLOCK_RANGE } = options;
  const contract = getAddress(options.contract);
  const { readBlock, readHead, requireContract } = askNode({ provider, chainId, contract });
  const channels = createContractView({ provider, address: contract, abi: channelsInterface, maxBlockRange });
  const domain: ChannelContract = { chainId, channels: contract };
  const implementation = implementationOf(contract);
  const held = holdings(provider);
  const tokens = new Map<number, string>([[0, ZeroAddress]]);
  let constants: ChannelsConstants | undefined;

  function connected(): ChannelsConstants {
    if (constants === undefined) throw invariantBroken('channels were read before connect', { contract });
    return constants;
  }

  const rollup = () => rollupView({ provider, chainId, contract: connected().rollup, maxBlockRange });

  async function tokenAddress(tokenId: number): Promise<string> {
    const known = tokens.get(tokenId);
    if (known !== undefined) return known;
    const address = await rollup().view<string>('tokenAddress', tokenId);
    tokens.set(tokenId, address);
    return address;
  }

  const preimages = () =>
    createContractView({ provider, address: connected().preimages, abi: preimagesInterface, maxBlockRange });

  const viewOf = async <T>(of: ContractView, blockHash: Bytes32 | undefined, name: string, argument: string) =>
    blockHash === undefined ? of.view<T>(name, argument) : (await of.viewAt<[T]>(blockHash, name, argument))[0];

  return {
    chainId,
    contract,
    async connect() {
      await requireContract();
      constants = await readConstants(channels, options);
      return constants;
    },
    head: readHead,
    block: readBlock,
    vaultOf: (terms: ChannelTerms) => getAddress(channelVault(contract, implementation, terms)),
    closeOf: async (vault, blockHash) => toClose(await viewOf<RawClose>(channels, blockHash, 'closeOf', vault)),
    creditOf: (account, blockHash) => viewOf<bigint>(channels, blockHash, 'creditOf', account),
    async revealedAt(hash, blockHash) {
      const time = Number(await viewOf<bigint>(preimages(), blockHash, 'revealedAt', hash));
      return time === 0 ? undefined : time;
    },
    heldBy: async (vault, tokenId, blockHash) => held(await tokenAddress(tokenId), vault, blockHash),
    events({ fromBlock, toBlock, vault }) {
      const indexed = vault === undefined ? [] : [topicOf(vault)];
      return channels.logs<ChannelEvent>({
        ...{ events: CHANNEL_EVENTS, indexed, fromBlock, toBlock },
        decode: decodeChannelEvent,
      });
    },
    revealed({ fromBlock, toBlock, hash }) {
      const indexed = hash === undefined ? [] : [hash];
      return preimages().logs({ events: ['Revealed'], indexed, fromBlock, toBlock, decode: decodeRevealed });
    },
    async exitRequests({ vault, fromBlock, toBlock }) {
      const indexed = [null, topicOf(vault)];
      const query = { events: ['PriorityRequested'], indexed, fromBlock, toBlock, decode: decodeExits };
      return (await rollup().logs(query)).flat();
    },
    async shownState({ vault, stateHash, transactionHash }) {
      const { data } = await channels.transaction(transactionHash);
      for (const state of statesInCalldata(data)) {
        if (channelStateHash(domain, vault, state) === stateHash) return state;
      }
      return undefined;
    },
  };
}

/** An address as an indexed value. */
const topicOf = (address: string): string => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`;
