/** Where a wallet finds the money of its moves: two rollups on one L1, and what a sequencer says of its open batches. */

import { strict as assert } from 'node:assert';
import { createTransactionManager } from '@quittance/chain';
import { toMoveProof } from '@quittance/derivation';
import { addressText, domainOf, RollupError } from '@quittance/protocol';
import { type LocatedMove, locateMoves, type SequencerClient } from '@quittance/sdk';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { createExecutor } from '../../cli/moves/executor.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { createMovingScene, type MovingScene } from '../support/moves/scene.ts';
import { createRandom } from '../support/property/random.ts';

const EXECUTOR = 3;
const OWNER = 7;
const STRANGER = addressText(0xabcn);
const KEY = '5';

/** A withdrawal of an open batch, as the sequencer tells it. */
const withdrawal = (owner: string, changes: object = {}) => ({
  ...{ index: 0, owner, tokenId: 0, amount: '70', move: { destination: 0, keyY: KEY }, ...changes },
});

describe('where moves are, for a wallet', () => {
  const owner = l1Wallet(OWNER);
  let scene: MovingScene;

  /** A test double of a sequencer: open batches behind the final ones, with these stages and withdrawals. */
  function clientOf(batches: readonly (readonly [stage: string, withdrawals: readonly unknown[]])[], domain?: bigint) {
    const final = 2;
    const asked: number[] = [];
    const answers: Record<string, (params: { readonly batch?: number }) => unknown> = {
      rollup_getConfig: () => {
        const { contract } = scene.here;
        return { domain: String(domain ?? domainOf({ chainId: LOCAL_CHAIN_ID, contract })) };
      },
      rollup_syncStatus: () => ({ sealedBatch: final + batches.length }),
      rollup_getBatch({ batch }) {
        asked.push(batch!);
        const [state, withdrawals] = batches[batch! - final - 1]!;
        return { state, withdrawals };
      },
    };
    const call = async (method: string, params: object) => answers[method]!(params);
    return { asked, client: { call } as unknown as SequencerClient };
  }
  const locate = (client?: SequencerClient, of = owner.address): Promise<LocatedMove[]> => {
    const { provider, here } = scene;
    return locateMoves({
      ...{ provider, chainId: LOCAL_CHAIN_ID, contract: here.contract, fromBlock: here.block, owner: of, client },
    });
  };
  const statesOf = async (client?: SequencerClient) => (await locate(client)).map(({ batch, state }) => [batch, state]);
  const claim = async ({ claim: of }: LocatedMove) => {
    const rollup = rollupAt(scene.here.contract, owner.connect(scene.provider));
    await (await rollup.claimMoves(of!.header, of!.destination, [toMoveProof(of!)])).wait();
  };
  async function execute(): Promise<void> {
    const { provider, here, there } = scene;
    const signer = l1Wallet(EXECUTOR).connect(provider);
    const { estimate, send } = createTransactionManager({
      ...{ provider, signer, clock: systemClock, logger: silentLogger, pollMs: 10 },
    });
    await createExecutor({
      ...{ reader: here.reader, provider, fromBlock: here.block, maxFee: 10n ** 18n, estimate, send },
      ...{ destinations: [{ number: 0, address: there.contract }], onExecuted: () => undefined },
    })(new AbortController().signal);
  }

  before(async function () {
    this.timeout(120_000);
    await createL1(); // compiles
    // The first moves of each batch are the owner's, one of them to a number that nobody registered.
    scene = await createMovingScene({
      ...{ random: createRandom(1), slotsPerChunk: 16, batches: [6, 6], owners: [owner.address, owner.address] },
      destinationOf: (index) => (index === 2 ? 7 : 0),
    });
  });
  after(() => scene?.stop());

  it('are final: waiting where the destination takes them, claimable where it does not', async () => {
    const found = await locate();
    assert.deepEqual(
      found.map(({ batch, index, state, destination }) => [batch, index, state, destination]),
      [1, 2].flatMap((batch) => [
        [batch, 1, 'waiting', 0],
        [batch, 2, 'claimable', 7],
      ]),
    );
    for (const { batch, index, tokenId, amount, keyY, claim: of, transactionHash, operationId } of found) {
      const planned = scene.moves.find((move) => move.batch === batch && move.index === index)!;
      assert.deepEqual([tokenId, amount, keyY], [planned.tokenId, planned.amount, planned.keyY]);
      assert.deepEqual([of?.index, transactionHash, operationId], [index, undefined, undefined]);
    }
    assert.deepEqual(await locate(undefined, STRANGER), []);
  });

  it('are sealed or posted in batches that are not final, by the word of the sequencer, and of this owner only', async () => {
    const mine = withdrawal(owner.address.toLowerCase());
    const { client, asked } = clientOf([
      ['final', [mine, withdrawal(STRANGER)]],
      ['posted', [withdrawal(owner.address, { move: null }), { ...mine, index: 1 }]],
      ['disputed', [mine]],
      ['reverted', [mine]],
      ['proving', []],
      ['sealed', [mine]],
    ]);
    const found = await locate(client);
    assert.deepEqual(
      found.slice(4).map(({ batch, index, state }) => [batch, index, state]),
      [
        [3, 0, 'posted'],
        [4, 1, 'posted'],
        [5, 0, 'posted'],
        [6, 0, 'sealed'],
        [8, 0, 'sealed'],
      ],
    );
    const { tokenId, amount, destination, keyY, claim: of } = found[4]!;
    assert.deepEqual([tokenId, amount, destination, keyY, of], [0, 70n, 0, 5n, undefined]);
    assert.deepEqual(asked, [3, 4, 5, 6, 7, 8]);
  });

  it('are not asked for beyond a thousand open batches', async () => {
    const { client, asked } = clientOf(Array.from({ length: 1_005 }, () => ['sealed', []] as const));
    await locate(client);
    assert.deepEqual([asked.length, asked.at(-1)], [1_000, 1_002]);
  });

  it('are not told by the sequencer of another rollup', async () => {
    await assert.rejects(locate(clientOf([], 5n).client), { code: 'WRONG_DOMAIN' });
    const { client } = clientOf([]);
    const call = () => Promise.reject(new RollupError('RPC_UNREACHABLE', 'away', { url: '' }));
    await assert.rejects(locate({ ...client, call }), { code: 'RPC_UNREACHABLE' });
  });

  it('are claimed or queued, with the transaction that paid them', async () => {
    const [first, second] = (await locate()).filter(({ state }) => state !== 'waiting');
    await claim(second!);
    assert.deepEqual(await statesOf(), [
      [1, 'waiting'],
      [1, 'claimable'],
      [2, 'waiting'],
      [2, 'claimed'],
    ]);
    await execute();
    await claim(first!);
    const found = await locate();
    assert.deepEqual(
      found.map(({ state }) => state),
      ['queued', 'claimed', 'queued', 'claimed'],
    );
    assert.ok(found.every(({ transactionHash, claim: of }) => transactionHash !== undefined && of === undefined));
    const operations = await scene.there.reader.priorityRequests(
      scene.there.block,
      (await scene.there.reader.head()).number,
    );
    for (const { operationId, keyY } of found.filter(({ state }) => state === 'queued')) {
      assert.equal(operations[operationId!]!.words[0], keyY);
    }
  });
});
