/** The contracts of payment channels as their reader sees them, and calls as senders take them. */

import { strict as assert } from 'node:assert';
import { type ChannelsReader, channelCalls, createChannelsReader, dueNow, rejectionOf } from '@quittance/chain';
import { L1_DEFAULTS } from '@quittance/protocol';
import type { JsonRpcApiProvider } from 'ethers';
import { secretOf } from '../../support/channels/secrets.ts';
import { BOND, type ChannelWorld, deployChannels, htlcOf, PERIOD, stateOf } from '../../support/channels/world.ts';
import { deployRollup, latestTime, rollupFixture } from '../../support/contracts/deployment.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const SIGNATURES = 2;

describe('Chain: reader of channels', () => {
  const fixture = rollupFixture({}, async (world) => {
    const prepared = await deployChannels(world);
    await world.rollup.deposit(0, 1_000n, 1n, world.owner.address, { value: 1_000n + FEE });
    return prepared;
  });
  const it_ = (): ChannelWorld => fixture.prepared;
  const provider = () => fixture.world.ethers.provider as unknown as JsonRpcApiProvider;
  const readerAt = (contract: string, more: { readonly rollup?: string } = {}): ChannelsReader =>
    createChannelsReader({ provider: provider(), chainId: it_().contract.chainId, contract, ...more });
  const connected = async () => {
    const reader = readerAt(it_().contract.channels);
    const constants = await reader.connect();
    return { reader, constants, calls: channelCalls(constants) };
  };
  const shown = (state = stateOf()) => {
    const signatures = it_().sign(state);
    assert.equal(signatures.length, SIGNATURES);
    return { terms: it_().terms, state, signatures: [signatures[0]!, signatures[1]!] as const };
  };
  const send = async (from: string, call: { to: string; data: string; value: bigint }) =>
    (await fixture.world.ethers.getSigner(from)).sendTransaction(call);
  const head = async () => (await provider().getBlock('latest'))!;

  it('reads what the deployment fixed, and where vaults are', async () => {
    const { reader, constants } = await connected();
    assert.deepEqual(constants, {
      contract: it_().contract.channels,
      rollup: await fixture.world.rollup.getAddress(),
      preimages: await it_().preimages.getAddress(),
      bond: BOND,
      implementation: it_().implementation,
    });
    assert.equal(reader.vaultOf(it_().terms), it_().vault);
  });

  it('refuses an address that is no contract of channels, or that of another rollup', async () => {
    const { contract, a } = it_();
    const rollup = await fixture.world.rollup.getAddress();
    const preimages = await it_().preimages.getAddress();
    for (const wrong of [a, rollup, preimages]) {
      await assert.rejects(readerAt(wrong).connect(), { code: 'L1_WRONG_CHAIN' }, wrong);
    }
    await assert.rejects(readerAt(contract.channels, { rollup: preimages }).connect(), { code: 'L1_WRONG_CHAIN' });
    assert.equal((await readerAt(contract.channels, { rollup: rollup.toLowerCase() }).connect()).rollup, rollup);
    const elsewhere = createChannelsReader({ provider: provider(), chainId: 1n, contract: contract.channels });
    await assert.rejects(elsewhere.connect(), { code: 'L1_WRONG_CHAIN' });
  });

  it('follows a channel from its close to its end, through calls that it encoded', async () => {
    const { reader, calls } = await connected();
    const { vault, terms, a, b, hashOf } = it_();
    const from = (await head()).number + 1;
    assert.equal(await reader.closeOf(vault), undefined);
    const { hash, secret } = secretOf('one');
    const expiry = (await latestTime(fixture.world)) + 2 * PERIOD;
    const state = stateOf({ version: 3, claim: 40n, htlcs: [htlcOf({ amount: 5n, hash, expiry })] });
    await send(a, calls.close(shown(), { accountIndices: [5, 9], priorityFee: FEE }));
    const closed = await head();
    await send(a, calls.requestExits(terms, { accountIndices: [6], priorityFee: FEE }));
    await send(b, calls.challenge(shown(state)));
    await fixture.world.rollup.deposit(0, 1n, 1n, vault, { value: 1n + FEE });
    const exits = await reader.exitRequests({ vault, fromBlock: from, toBlock: (await head()).number });
    assert.deepEqual(
      exits.map(({ accountIndex, queueIndex }) => [accountIndex, queueIndex]),
      [
        [5, 1],
        [9, 2],
        [6, 3],
      ],
      'a deposit for the vault is no exit',
    );
    const challenged = (await reader.closeOf(vault))!;
    assert.deepEqual(
      { ...challenged, periodEnd: 0 },
      {
        ...{ stateHash: hashOf(state), version: 3, periodEnd: 0, bondHolder: b, isSettled: false, residualIsB: false },
        ...{ closedVersion: 1, claim: 0n, paidSenior: 0n, paidResidual: 0n },
      },
    );
    assert.equal(challenged.periodEnd, closed.timestamp + PERIOD);
    assert.equal((await reader.closeOf(vault, closed.hash!))?.version, 1, 'as of the block that was named');
    assert.equal(await reader.revealedAt(hash), undefined);
    await send(b, calls.reveal(secret));
    assert.equal(await reader.revealedAt(hash), (await head()).timestamp);
    assert.equal(await reader.revealedAt(hash, closed.hash!), undefined);
    await fixture.world.owner.sendTransaction({ to: vault, value: 100n });
    assert.equal(await reader.heldBy(vault, 0), 100n);
    assert.equal(await reader.heldBy(vault, 0, closed.hash!), 0n);
    await it_().endPeriod();
    await send(a, calls.settle(terms, state));
    assert.equal(await reader.creditOf(b), BOND);
    const settled = (await reader.closeOf(vault))!;
    assert.deepEqual([dueNow(settled, 100n, false), dueNow(settled, 100n, true)], [45n, 55n]);
    assert.equal(dueNow(challenged, 100n, true), 0n, 'before the settlement');
    await send(a, calls.payout(terms, false));
    const paidA = (await reader.closeOf(vault))!;
    assert.deepEqual([dueNow(paidA, 55n, false), dueNow(paidA, 55n, true)], [0n, 55n]);
    assert.equal(dueNow(paidA, 50n, true), 50n, 'no more than there is');
    const receiver = fixture.world.alice.address;
    await send(b, calls.payoutTo(terms, receiver));
    await send(b, calls.collectBonds(receiver));
    assert.equal(await reader.creditOf(b), 0n);
    const events = await reader.events({ fromBlock: from, toBlock: (await head()).number, vault });
    const contents = events.map((event) => {
      const { transactionHash, blockNumber, blockHash, logIndex, vault: of, ...content } = event;
      assert.ok(blockNumber >= from && logIndex >= 0 && of === vault);
      assert.match(`${transactionHash}${blockHash}`, /^(0x[0-9a-f]{64}){2}$/);
      return content;
    });
    assert.deepEqual(contents, [
      {
        ...{ type: 'closing', closer: a, version: 1, stateHash: hashOf(stateOf()) },
        periodEnd: closed.timestamp + PERIOD,
      },
      { type: 'challenged', challenger: b, version: 3, stateHash: hashOf(state) },
      { type: 'settled', senior: a, claim: 45n },
      { type: 'paidOut', party: a, receiver: a, amount: 45n },
      { type: 'paidOut', party: b, receiver, amount: 55n },
    ]);
    const [revealed] = await reader.revealed({ fromBlock: from, toBlock: (await head()).number, hash });
    assert.deepEqual([revealed?.hash, revealed?.secret], [hash, secret]);
    assert.deepEqual(await reader.events({ fromBlock: from, toBlock: (await head()).number, vault: a }), []);
  });

  it('finds the state that was shown, and takes none that has another hash', async () => {
    const { reader, calls } = await connected();
    const { vault, a, b } = it_();
    const state = stateOf({ version: 2, claim: 7n, htlcs: [htlcOf(), htlcOf({ hash: secretOf('two').hash })] });
    await send(a, calls.close(shown(), { accountIndices: [], priorityFee: FEE }));
    await send(b, calls.challenge(shown(state)));
    const toBlock = (await head()).number;
    const [closing, challenged] = await reader.events({ fromBlock: toBlock - 1, toBlock, vault });
    assert.ok(closing?.type === 'closing' && challenged?.type === 'challenged');
    assert.deepEqual(await reader.shownState(closing), stateOf());
    assert.deepEqual(await reader.shownState(challenged), state);
    assert.equal(await reader.shownState({ ...challenged, stateHash: closing.stateHash }), undefined);
  });

  it('says of a refusal what to do', async () => {
    const { calls } = await connected();
    const { terms, b } = it_();
    await send(it_().a, calls.close(shown(), { accountIndices: [], priorityFee: FEE }));
    for (const [call, name, advice] of [
      [calls.challenge(shown()), 'VersionNotHigher', /nothing to do/],
      [calls.settle(terms, stateOf()), 'PeriodNotOver', /wait until/],
      [calls.payout(terms, true), 'NotSettled', /settle first/],
      [calls.collectBonds(b), 'NoCredit', /no bond/],
      [calls.requestExits(terms, { accountIndices: [5], priorityFee: 1n }), 'WrongValue', undefined],
    ] as const) {
      const error = await provider()
        .call({ ...call, from: b })
        .then(assert.fail, (thrown: unknown) => rejectionOf(thrown));
      assert.equal(error?.code, 'L1_REJECTED');
      assert.equal(error?.data['error'], name);
      if (advice === undefined) assert.equal(error?.data['hint'], undefined);
      else assert.match(String(error?.data['hint']), advice);
    }
  });
});

describe('Chain: channels in a token', () => {
  it('reads what a vault has of it', async () => {
    const world = await deployRollup();
    const token = await world.ethers.deployContract('TestToken', ['A token', 'TOK']);
    const address = await token.getAddress();
    await world.rollup.registerToken(address);
    const tokenId = Number(await world.rollup.tokenIdOf(address));
    const { contract, vault } = await deployChannels(world, tokenId);
    const provider = world.ethers.provider as unknown as JsonRpcApiProvider;
    const reader = createChannelsReader({ provider, chainId: contract.chainId, contract: contract.channels });
    await reader.connect();
    const before = await reader.head();
    await (token.getFunction('mint') as unknown as (to: string, amount: bigint) => Promise<unknown>)(vault, 77n);
    assert.equal(await reader.heldBy(vault, tokenId), 77n);
    assert.equal(await reader.heldBy(vault, tokenId, before.hash), 0n);
  });
});
