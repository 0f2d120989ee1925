/** Who closes alone on L1: cheaters with an old state, and one who is honest. Towers of all who are not cheaters watch. */

import { setTimeout as pause } from 'node:timers/promises';
import { channelCalls, createChannelsReader } from '@quittance/chain';
import { channelShares } from '@quittance/protocol';
import { createWallet } from '@quittance/sdk';
import type { SignedState } from '@quittance/sdk/channels';
import { createTower, createTowerSender, type StateSource } from '../../channels/index.ts';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { ETHER, type Member, type World } from './members.ts';
import type { Client } from './payments.ts';
import { until } from './until.ts';

/** A channel that is closed alone, with the state that is shown. */
export interface Lonely {
  readonly client: Client;
  readonly vault: string;
  readonly shown: SignedState;
  readonly isCheat: boolean;
}

/** What came of it. */
export interface LonelyCloses {
  readonly closedAlone: number;
  readonly cheatersCaught: number;
  /** L1 paid each what the newest state that both signed says. */
  readonly isRight: boolean;
}

/** Position on the mnemonic of who brings final withdrawals to the vaults. */
const CLAIMANT_POSITION = 7;
const MAX_FEE_PER_GAS = 10n ** 12n;
const PAID_WITHIN_MS = 300_000;

/** The newest states of a member, as it has them. */
function sourceOf({ name, node }: Member): StateSource {
  return {
    name,
    newest: async () => ({
      problems: [],
      states: [...node.party.exchange.records.values()].map(({ terms, vault, party, newest }) => ({
        ...{ terms, vault, party, ...newest, secrets: [] },
      })),
    }),
  };
}

/** A tower for a member, that runs. @returns how to stop it. */
async function startTower({ rollup, constants, reader }: World, member: Member): Promise<() => Promise<void>> {
  const { provider, deployed } = rollup;
  const channels = createChannelsReader({ provider, chainId: LOCAL_CHAIN_ID, contract: constants.contract });
  const common = { clock: systemClock, logger: silentLogger };
  const sender = await createTowerSender({ ...common, provider, signer: member.l1, maxFeePerGas: MAX_FEE_PER_GAS });
  const tower = await createTower({
    ...{ ...common, reader: channels, rollup: reader, sources: [sourceOf(member)], sender },
    ...{ fromBlock: deployed.block, maxFeePerGas: MAX_FEE_PER_GAS },
  });
  const { stop } = tower.start({ intervalMs: 500 });
  return stop;
}

/** Shows a state on L1, and asks for the exit of the channel's account. */
async function closeAlone({ constants, reader }: World, { client, vault, shown }: Lonely): Promise<void> {
  const { party } = client.member.node;
  const { terms } = party.exchange.record(vault)!;
  const { index } = party.channels().find((one) => one.vault === vault)!;
  const { priorityFee } = await reader.deploymentFacts();
  const call = channelCalls(constants).close({ terms, ...shown }, { accountIndices: [index!], priorityFee });
  await (await client.member.l1.sendTransaction(call)).wait();
}

/** Whether L1 has paid all of a channel; undefined while it has not. */
async function outcomeOf(world: World, { client, vault, isCheat }: Lonely, capacity: bigint) {
  const { provider } = world.rollup;
  const channels = createChannelsReader({ provider, chainId: LOCAL_CHAIN_ID, contract: world.constants.contract });
  const close = await channels.closeOf(vault);
  if (close?.isSettled !== true || close.paidSenior + close.paidResidual < capacity) return undefined;
  const { state } = client.hub.node.party.exchange.record(vault)!.newest;
  const shares = channelShares(state, capacity, () => false);
  const [senior, residual] = state.residualIsB ? [shares.a, shares.b] : [shares.b, shares.a];
  const isRight = close.paidSenior === senior && close.paidResidual === residual;
  // The bond of who shows an old state is the other party's.
  const isCaught = isCheat && close.version === state.version && close.bondHolder.toLowerCase() === client.hub.address;
  return { isRight, isCaught };
}

/** Pays the share of who has no tower of its own. */
async function payCheater({ constants }: World, { vault, client }: Lonely): Promise<void> {
  const { terms } = client.member.node.party.exchange.record(vault)!;
  const signer = l1Wallet(CLAIMANT_POSITION).connect(client.member.l1.provider);
  const call = channelCalls(constants).payout(terms, false);
  await (await signer.sendTransaction(call)).wait();
}

/** Plays all lonely closes to their end. */
export async function closeLonely(world: World, lonely: readonly Lonely[]): Promise<LonelyCloses> {
  const { rollup } = world;
  const capacities = new Map(
    lonely.map(({ client, vault }) => [vault, client.hub.node.party.exchange.record(vault)!.capacity]),
  );
  for (const { client } of lonely) {
    const funder = l1Wallet(CLAIMANT_POSITION).connect(rollup.provider);
    await (await funder.sendTransaction({ to: client.member.address, value: ETHER })).wait();
  }
  const watching = new Set<Member>([
    ...lonely.map(({ client }) => client.hub),
    ...lonely.filter(({ isCheat }) => !isCheat).map(({ client }) => client.member),
  ]);
  const stops = await Promise.all([...watching].map((member) => startTower(world, member)));
  const claimant = await createWallet({
    ...{ secret: l1Wallet(CLAIMANT_POSITION).privateKey, rpcUrl: rollup.api.url },
    l1: { url: rollup.l1Url, contract: rollup.deployed.contract },
  });
  try {
    for (const one of lonely) {
      if (!one.isCheat) await one.client.member.node.party.stopChannel(one.vault);
      await closeAlone(world, one);
    }
    // They look at L1, and sign nothing in these any more.
    await until('the hubs to see the closes', () =>
      lonely.every(({ client, vault }) => client.hub.node.party.exchange.record(vault)!.isClosing),
    );
    const results = new Map<string, { readonly isRight: boolean; readonly isCaught: boolean }>();
    for (const end = performance.now() + PAID_WITHIN_MS; performance.now() < end; await pause(1_000)) {
      for (const one of lonely.filter(({ vault }) => !results.has(vault))) {
        // What is final is brought to the vault, which anybody may do.
        await claimant.claim({ owner: one.vault }).catch(() => []);
        if (one.isCheat) await payCheater(world, one).catch(() => undefined);
        const result = await outcomeOf(world, one, capacities.get(one.vault)!);
        if (result !== undefined) results.set(one.vault, result);
      }
      if (results.size === lonely.length) break;
    }
    const all = [...results.values()];
    return {
      closedAlone: lonely.length,
      cheatersCaught: all.filter(({ isCaught }) => isCaught).length,
      isRight: all.length === lonely.length && all.every(({ isRight }) => isRight),
    };
  } finally {
    claimant.close();
    for (const stop of stops) await stop();
  }
}
