/**
 * The real contracts, on which schedules of the model are played: after each call they must show what the model says. Requests,
 * fees and the exodus are the rollup's own; what it pays to a vault is sent from its address, without a batch.
 */

import { L1_DEFAULTS } from '@quittance/protocol';
import { getAddress, SigningKey, TypedDataEncoder, toBeHex } from 'ethers';
import { deployContract, deployRollup, latestTime } from '../../contracts/deployment.ts';
import { secretOf } from '../secrets.ts';
import { BOND, deployChannels } from '../world.ts';
import type { Schedule } from './schedule.ts';
import {
  type Call,
  type Fault,
  PARTIES,
  type Paper,
  type Party,
  type Person,
  type Refusal,
  type Step,
  type Value,
} from './types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
/** What the contracts take for a close and an exit. */
export const PRICES = { bond: BOND, exitFee: FEE } as const;

/** What is signed, as docs/channels.md says it. */
const SIGNED = {
  ChannelState: [
    { name: 'vault', type: 'address' },
    { name: 'version', type: 'uint48' },
    { name: 'claim', type: 'uint128' },
    { name: 'residualIsB', type: 'bool' },
    { name: 'htlcs', type: 'Htlc[]' },
  ],
  Htlc: [
    { name: 'hash', type: 'bytes32' },
    { name: 'amount', type: 'uint128' },
    { name: 'expiry', type: 'uint40' },
    { name: 'toSenior', type: 'bool' },
  ],
};

const STRANGER = getAddress('0x00000000000000000000000000000000000057a6');
/** Where parties have `payoutTo` send their shares. */
const ELSEWHERE = { a: '0x000000000000000000000000000000000000e1a0', b: '0x000000000000000000000000000000000000e1b0' };
const GAS = toBeHex(5_000_000);
const ALL = toBeHex(10n ** 24n);

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** A rollup that can begin its exodus at any time, with channels in ETH and in a token. */
async function build() {
  const world = await deployRollup();
  const { rollup, owner, l1, ethers } = world;
  const { provider } = l1;
  const request = (method: string, ...params: unknown[]): Promise<unknown> => provider.request({ method, params });
  // Nobody executes this one.
  await rollup.deposit(0, 1n, 1n, owner.address, { value: 1n + FEE });
  await l1.networkHelpers.time.increase(L1_DEFAULTS.priorityDelaySeconds + L1_DEFAULTS.exodusDelaySeconds + 10);
  const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
  const contracts = {
    rollupAddress: await rollup.getAddress(),
    tokenAddress: await token.getAddress(),
    ...(await deployChannels(world)),
  };
  await rollup.registerToken(contracts.tokenAddress);
  for (const account of [contracts.rollupAddress, STRANGER]) {
    await token.mint(account, 10n ** 18n);
    await request('hardhat_setBalance', account, ALL);
    await request('hardhat_impersonateAccount', account);
  }
  // Calls cost nothing from now on, so that balances are what was paid.
  await request('hardhat_setNextBlockBaseFeePerGas', '0x0');
  await request('hardhat_mine');
  return { world, token, request, ...contracts, startTime: await latestTime(world) };
}

/** Plays one script after the other, each from the same beginning. */
export async function createStage() {
  const built = await build();
  const {
    world,
    request,
    channels,
    preimages,
    token,
    contract,
    terms: someTerms,
    keys,
    rollupAddress,
    tokenAddress,
  } = built;
  const addresses: Record<Person, string> = { a: built.a, b: built.b, stranger: STRANGER };
  const signers = { a: new SigningKey(keys.a), b: new SigningKey(keys.b) };
  const domain = {
    name: 'Quittance Channels',
    version: '1',
    chainId: contract.chainId,
    verifyingContract: contract.channels,
  };
  const preimagesAddress = await preimages.getAddress();
  const parties: Record<Party, string> = { a: built.a, b: built.b };

  const view = async (to: string, data: string): Promise<string> =>
    (await request('eth_call', { to, data }, 'latest')) as string;
  const ask = async (name: string, ...values: unknown[]) => {
    const data = channels.interface.encodeFunctionData(name, values);
    return channels.interface.decodeFunctionResult(name, await view(contract.channels, data))[0];
  };
  const etherOf = async (account: string) => BigInt((await request('eth_getBalance', account, 'latest')) as string);
  const tokensOf = async (account: string) =>
    BigInt(await view(tokenAddress, token.interface.encodeFunctionData('balanceOf', [account])));

  /** Every other channel is in a token. */
  const scriptOf = (name: string, { terms, steps, judge }: Schedule) => ({
    ...{ name, steps, judge, period: terms.period },
    isInToken: BigInt(secretOf(name).hash) % 2n === 1n,
  });
  type Script = ReturnType<typeof scriptOf>;

  async function start({ name, period, isInToken }: Script) {
    const nonce = BigInt(secretOf(name).hash.slice(0, 18));
    const terms = { ...someTerms, tokenId: isInToken ? 1 : 0, period, nonce };
    const vault = String(await ask('vaultOf', terms));
    const stateOf = ({ version, sure, residual, locks }: Paper) => ({
      version,
      claim: sure,
      residualIsB: residual === 'b',
      htlcs: locks.map(({ secret, amount, expiry, payee }) => {
        return { hash: secretOf(`${name}/${secret}`).hash, amount, expiry, toSenior: payee !== residual };
      }),
    });
    const hashOf = (paper: Paper, of = vault) =>
      TypedDataEncoder.hash(domain, SIGNED, { vault: of, ...stateOf(paper) });
    const signaturesOf = (paper: Paper, fault: Fault | undefined) => {
      const elsewhere = fault === 'signed elsewhere' ? contract.channels : vault;
      const [ofA, ofB] = [signers.a.sign(hashOf(paper, elsewhere)), signers.b.sign(hashOf(paper))];
      return (fault === 'signers swapped' ? [ofB, ofA] : [ofA, ofB]).map(({ v, r, s }) => ({ v, r, s }));
    };
    return { terms, vault, stateOf, signaturesOf };
  }

  /** A transaction of the model's call. */
  function transaction(
    call: Call,
    script: Script,
    { terms, vault, stateOf, signaturesOf }: Awaited<ReturnType<typeof start>>,
  ) {
    const by = (person: Person, name: string, values: readonly unknown[], value = 0n) => ({
      from: addresses[person],
      to: contract.channels,
      data: channels.interface.encodeFunctionData(name, [...values]),
      value: toBeHex(value),
    });
    const give = (from: string, amount: bigint) =>
      script.isInToken
        ? { from, to: tokenAddress, data: token.interface.encodeFunctionData('transfer', [vault, amount]) }
        : { from, to: vault, value: toBeHex(amount) };
    const atRollup = (name: string, values: readonly unknown[]) => ({
      from: STRANGER,
      to: rollupAddress,
      data: world.rollup.interface.encodeFunctionData(name, [...values]),
    });
    const exits = (count: number) => Array.from({ length: count }, () => 0);
    switch (call.type) {
      case 'close': {
        const { by: person, paper, fault } = call;
        const values = [terms, stateOf(paper), signaturesOf(paper, fault), exits(call.exits)];
        const value = BOND + FEE * BigInt(call.exits) + (fault === 'value odd' ? 1n : 0n);
        return by(person, 'close', values, fault === 'bond short' ? BOND - 1n : value);
      }
      case 'challenge':
        return by(call.by, 'challenge', [terms, stateOf(call.paper), signaturesOf(call.paper, call.fault)]);
      case 'requestExits':
        return by(call.by, 'requestExits', [terms, exits(call.exits)], FEE * BigInt(call.exits));
      case 'settle':
        return by(call.by, 'settle', [terms, stateOf(call.paper)]);
      case 'payout':
        return by(call.by, 'payout', [terms, call.to === 'b']);
      case 'payoutTo':
        return by(call.by, 'payoutTo', [terms, call.by === 'stranger' ? STRANGER : ELSEWHERE[call.by]]);
      case 'collectBonds':
        return by(call.by, 'collectBonds', [addresses[call.by]]);
      case 'collectExitFees':
        return by(call.by, 'collectExitFees', [terms]);
      case 'reveal': {
        const { secret } = secretOf(`${script.name}/${call.secret}`);
        const data = preimages.interface.encodeFunctionData('reveal', [secret]);
        return { from: addresses[call.by], to: preimagesAddress, data };
      }
      case 'arrive':
        return give(rollupAddress, call.amount);
      case 'give':
        return give(STRANGER, call.amount);
      case 'exodus':
        return atRollup('activateExodus', [world.genesis]);
      case 'reclaim': {
        const operation = [5n << 120n, 0n, BigInt(vault) | (BigInt(terms.tokenId) << 160n), 0n];
        return atRollup('reclaimOperation', [1 + call.exit, [operation], 0]);
      }
    }
  }

  /** What a call was refused with. @throws whatever is no contract's error. */
  function refusalOf(error: unknown): { readonly name: string; readonly values: readonly unknown[] } {
    const { data: told } = error as { data?: string | { data: string } };
    const data = typeof told === 'object' ? told.data : told;
    for (const { interface: declared } of [channels, world.rollup]) {
      const found = data === undefined ? null : declared.parseError(data);
      if (found !== null) return { name: found.name, values: [...found.args] };
    }
    throw error;
  }

  const textOf = (value: Value, vault: string): string => {
    if (typeof value === 'bigint') return `${value}`;
    return value === 'vault' ? vault : addresses[value as Person];
  };

  /** What differs between what was expected of a call and what came. */
  function difference(expected: Refusal | undefined, found: ReturnType<typeof refusalOf> | undefined, vault: string) {
    const said = found === undefined ? 'taken' : `${found.name}(${found.values.join()})`;
    if (found?.name !== expected?.error) return `is ${said}, the model says ${expected?.error ?? 'taken'}`;
    const wrong = expected?.values.find(
      (value, position) => value !== 'any' && textOf(value, vault) !== String(found!.values[position]),
    );
    return wrong === undefined ? undefined : `is ${said}, the model says ${textOf(wrong, vault)}`;
  }

  /** Compares all that can be seen. */
  async function look(
    { after, call, refusal }: Step,
    { isInToken }: Script,
    vault: string,
  ): Promise<string | undefined> {
    const close = await ask('closeOf', vault);
    const seen: Record<string, unknown> = {
      version: Number(close.version),
      periodEnd: Number(close.periodEnd),
      bondHolder: Object.entries(addresses).find(([, address]) => address === close.bondHolder)?.[0],
      isSettled: close.isSettled,
      claim: close.claim,
      paidSenior: close.paidSenior,
      paidResidual: close.paidResidual,
      vaultHolds: await (isInToken ? tokensOf : etherOf)(vault),
      judgeHolds: await etherOf(contract.channels),
    };
    for (const [what, value] of Object.entries(seen)) {
      const said = after[what as keyof typeof after];
      if (value !== said) return `${what} is ${value}, the model says ${said}`;
    }
    if (refusal !== undefined || (call.type !== 'settle' && call.type !== 'collectBonds')) return undefined;
    for (const party of PARTIES) {
      const credit = await ask('creditOf', addresses[party]);
      if (credit !== after.credits[party]) return `the credit of ${party} is ${credit}, not ${after.credits[party]}`;
    }
    return undefined;
  }

  /** Compares what each has in the end. */
  async function count({ judge, isInToken }: Script, before: Readonly<Record<Party, bigint>>) {
    for (const party of PARTIES) {
      const received = isInToken ? 0n : judge.received[party];
      const gained = (await etherOf(parties[party])) - before[party];
      if (gained !== judge.purses[party] + received) return `${party} gained ${gained} wei`;
      if (isInToken && (await tokensOf(parties[party])) !== judge.received[party]) return `${party} has other tokens`;
      const there = await (isInToken ? tokensOf : etherOf)(ELSEWHERE[party]);
      if (there !== judge.elsewhere[party]) return `${there} went where ${party} said`;
    }
    return undefined;
  }

  async function run(script: Script): Promise<string | undefined> {
    const channel = await start(script);
    const before = { a: await etherOf(parties.a), b: await etherOf(parties.b) };
    for (const [position, step] of script.steps.entries()) {
      await request('evm_setNextBlockTimestamp', step.time);
      const sent = { gas: GAS, gasPrice: '0x0', ...transaction(step.call, script, channel) };
      const found = await request('eth_sendTransaction', sent).then(() => undefined, refusalOf);
      const wrong = difference(step.refusal, found, channel.vault) ?? (await look(step, script, channel.vault));
      if (wrong !== undefined) return `step ${position}, ${step.call.type}: ${wrong}`;
    }
    return count(script, before);
  }

  return {
    /** The first second in which a schedule can call. */
    startTime: built.startTime + 1,
    /** @param name of this schedule alone. @returns what differs first; undefined when all is as the model says. */
    async play(name: string, schedule: Schedule): Promise<string | undefined> {
      const snapshot = await request('evm_snapshot');
      try {
        return await run(scriptOf(name, schedule));
      } finally {
        await request('evm_revert', snapshot);
      }
    },
  };
}
