/** Channels on a rollup, and two parties with a channel between them. */

import {
  type ChannelState,
  type ChannelTerms,
  channelAddress,
  channelStateHash,
  type Htlc,
  L1_DEFAULTS,
  signChannelState,
} from '@quittance/protocol';
import { getAddress, getCreateAddress } from 'ethers';
import { type DeployedRollup, deployContract, latestTime } from '../contracts/deployment.ts';
import { type ChannelsContract, connectedTo } from '../contracts/types.ts';
import { secretOf } from './secrets.ts';

export const BOND = 10n ** 15n;
export const PERIOD = 3_600;

/** A state with what a test says, everything B's. */
export function stateOf(some: Partial<ChannelState> = {}): ChannelState {
  return { version: 1, claim: 0n, residualIsB: true, htlcs: [], ...some };
}

/** An HTLC with what a test says. */
export function htlcOf(some: Partial<Htlc> = {}): Htlc {
  return { amount: 5n, hash: secretOf('one').hash, expiry: 2_100_000_000, toSenior: true, ...some };
}

/** Deploys the contracts, with a channel in ETH or in `tokenId`. */
export async function deployChannels(world: DeployedRollup, tokenId = 0) {
  const { ethers, rollup, deployment } = world;
  const preimages = await deployContract(ethers, 'Preimages');
  const channels = await deployContract(ethers, 'Channels', [
    await rollup.getAddress(),
    await preimages.getAddress(),
    BOND,
  ]);
  const address = await channels.getAddress();
  // Keys that sign; their accounts on L1 are told to send by whoever runs the tests.
  const keys = { a: Buffer.alloc(32, 0xa1), b: Buffer.alloc(32, 0xb2) };
  const [a, b] = [getAddress(channelAddress(keys.a)), getAddress(channelAddress(keys.b))];
  for (const party of [a, b]) {
    await ethers.provider.send('hardhat_setBalance', [party, `0x${(10n ** 21n).toString(16)}`]);
    await ethers.provider.send('hardhat_impersonateAccount', [party]);
  }
  const terms: ChannelTerms = { tokenId, a, b, period: PERIOD, nonce: 7n };
  const vault = await channels.vaultOf(terms);
  const contract = { chainId: deployment.chainId, channels: address };
  const hashOf = (state: ChannelState) => channelStateHash(contract, vault, state);
  const sign = (state: ChannelState) => [keys.a, keys.b].map((key) => signChannelState(hashOf(state), key));
  const as = async (party: string): Promise<ChannelsContract> => connectedTo(channels, await ethers.getSigner(party));
  return {
    ...{ channels, preimages, contract, keys, a, b, terms, vault, hashOf, sign },
    implementation: getCreateAddress({ from: address, nonce: 1 }),
    byA: await as(a),
    byB: await as(b),
    byOther: connectedTo(channels, world.bob),
    /** Closes alone with a state that both signed. */
    async close(state: ChannelState, { by = a, exits = [] as readonly number[] } = {}) {
      const value = BOND + BigInt(exits.length) * L1_DEFAULTS.priorityFeeWei;
      return (await as(by)).close(terms, state, sign(state), exits, { value });
    },
    challenge: async (state: ChannelState, by = b) => (await as(by)).challenge(terms, state, sign(state)),
    /** Brings the next block behind the period. */
    async endPeriod() {
      const { periodEnd } = await channels.closeOf(vault);
      if (periodEnd > (await latestTime(world))) await world.l1.networkHelpers.time.setNextBlockTimestamp(periodEnd);
    },
  };
}
export type ChannelWorld = Awaited<ReturnType<typeof deployChannels>>;
