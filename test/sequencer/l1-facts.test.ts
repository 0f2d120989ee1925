import { strict as assert } from 'node:assert';
import type { TokenFacts } from '@quittance/chain';
import { PROFILES, RollupError } from '@quittance/protocol';
import { API_VERSION, ConfigView, type RpcMethods } from '@quittance/rpc';
import { Compile } from 'typebox/compile';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { startApi } from '../../sequencer/index.ts';
import { createL1Facts, listedTokenIds, MAX_LISTED_TOKENS } from '../../sequencer/l1-facts.ts';
import { assertRejects } from '../support/assertions.ts';
import { createFakeChain } from '../support/sequencer/fake-chain.ts';
import { createPayerHarness } from '../support/sequencer/payer.ts';
import { rpc } from '../support/sequencer/rpc.ts';

const token = (digit: string): TokenFacts => ({ address: `0x${digit.repeat(40)}`, symbol: `T${digit}`, decimals: 6 });
const UNREACHABLE = new RollupError('L1_UNREACHABLE', 'no node');

describe('Sequencer: what it knows of the deployment', () => {
  const chainWith = (tokens: readonly (TokenFacts | Error)[]) => {
    const chain = createFakeChain({ profile: PROFILES.quick, startTime: 1 });
    chain.setTokens(tokens);
    return chain;
  };
  const factsOf = (chain: ReturnType<typeof chainWith>, feeTokenIds: readonly number[] = [0]) =>
    createL1Facts({ chain, feeTokenIds, logger: silentLogger });

  it('asks for each token once, and for the priority fee with each block', async () => {
    const chain = chainWith([token('a'), token('b')]);
    const facts = await factsOf(chain);
    assert.deepEqual(
      facts.tokens.map(({ tokenId, symbol }) => [tokenId, symbol]),
      [
        [0, 'ETH'],
        [1, 'Ta'],
        [2, 'Tb'],
      ],
    );
    assert.equal(chain.tokenReads, 2);
    chain.setPriorityFee(7n);
    await facts.refresh();
    await facts.refresh();
    assert.equal(facts.priorityFee, 7n);
    assert.equal(chain.tokenReads, 2);
  });

  it('finds a token that is registered later', async () => {
    const chain = chainWith([]);
    const facts = await factsOf(chain);
    assert.equal(facts.tokens.length, 1);
    chain.setTokens([token('c')]);
    await facts.refresh();
    assert.equal(facts.tokens[1]?.symbol, 'Tc');
  });

  it('asks again for a token that L1 did not answer about, and lists the others meanwhile', async () => {
    const chain = chainWith([UNREACHABLE, token('b')]);
    const facts = await factsOf(chain);
    assert.deepEqual(
      facts.tokens.map(({ tokenId }) => tokenId),
      [0, 2],
    );
    chain.setTokens([token('a'), token('b')]);
    await facts.refresh();
    assert.deepEqual(
      facts.tokens.map(({ tokenId }) => tokenId),
      [0, 1, 2],
    );
    assert.equal(chain.tokenReads, 3);
  });

  it('keeps what it knew when L1 does not answer, and does not begin without an answer', async () => {
    const chain = chainWith([token('a')]);
    const facts = await factsOf(chain);
    chain.fail(UNREACHABLE);
    await facts.refresh();
    assert.deepEqual([facts.priorityFee, facts.tokens.length], [10n ** 14n, 2]);
    await assertRejects(factsOf(chain), 'L1_UNREACHABLE');
  });

  it('lists at most 100 tokens, the fee tokens in any case', () => {
    assert.deepEqual(listedTokenIds(3, []), [0, 1, 2]);
    const listed = listedTokenIds(5_000, [0, 4_000]);
    assert.equal(listed.length, MAX_LISTED_TOKENS);
    assert.deepEqual([listed.at(-1), listed.at(-2)], [4_000, 98]);
    // One that is not registered yet has no address.
    assert.deepEqual(listedTokenIds(2, [0, 9]), [0, 1]);
  });
});

describe('Sequencer: its configuration', () => {
  it('says what wallets need, with nothing asked of L1 for it', async () => {
    const harness = await createPayerHarness({ settings: { deploymentBlock: 0 } });
    const api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
    try {
      harness.chain.setPriorityFee(123n);
      harness.chain.mine();
      await harness.sequencer.pollL1();
      await harness.until(() => harness.sequencer.l1Facts.priorityFee === 123n, 'the new priority fee');
      harness.chain.fail(UNREACHABLE);
      const { body } = await rpc(api.url, 'rollup_getConfig');
      harness.chain.fail(undefined);
      const config = body.result as RpcMethods['rollup_getConfig']['result'];
      assert.ok(Compile(ConfigView).Check(config), JSON.stringify(config));
      assert.deepEqual(
        [config.apiVersion, config.deploymentBlock, config.priorityFee, config.assertions, config.explorer],
        [API_VERSION, 0, '123', null, null], // no folder of an explorer was given
      );
      assert.deepEqual(
        config.tokens.map(({ tokenId, symbol, decimals, minimumFee }) => [tokenId, symbol, decimals, minimumFee]),
        [
          [0, 'ETH', 18, '10'],
          [1, 'TEST', 6, config.feeTokens.find(({ tokenId }) => tokenId === 1)?.minimumFee ?? null],
        ],
      );
    } finally {
      await api.stop();
      await harness.close();
    }
  });

  it('suggests a fee that follows the prices of L1', async () => {
    const harness = await createPayerHarness();
    const api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
    try {
      const suggested = async () => {
        const { result } = (await rpc(api.url, 'rollup_estimateFee', { tokenId: 0 })).body;
        return BigInt((result as { suggestedFee: string }).suggestedFee);
      };
      const before = await suggested();
      harness.chain.setPrices({ feePerGas: 10n ** 10n, feePerBlobGas: 1n });
      harness.chain.mine();
      await harness.sequencer.pollL1();
      await harness.until(() => harness.sequencer.suggestedFee(0) > before, 'the new price');
      const after = await suggested();
      assert.ok(after >= 9n * before && after <= 11n * before, `${before}, ${after}`);
    } finally {
      await api.stop();
      await harness.close();
    }
  });
});
