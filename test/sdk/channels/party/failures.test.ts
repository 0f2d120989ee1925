/** A failure at each message and each write of openings and closes, by seeds: whoever kept the rules has its money. */

import { strict as assert } from 'node:assert';
import { createFailingPair, type FailingPair, type FailingParty } from '../../../support/channels/failing-parties.ts';
import { LEDGER_FEE } from '../../../support/channels/ledger.ts';
import { secretOf } from '../../../support/channels/secrets.ts';

const MILLION = 1_000_000n;
const MOST_CHANNELS = 3;
/** A second each: joint keys and signatures are real. */
const SEEDS = 60;

/** Something that a person may ask of a party at any time. */
async function act(pair: FailingPair, party: FailingParty, step: number): Promise<void> {
  const { random } = pair;
  const other = party === pair.wallet ? pair.hub : pair.wallet;
  const { party: node } = party.test;
  const channels = node.channels();
  const what = random.below(10);
  if (what < 2 && channels.length < MOST_CHANNELS) {
    const request = { tokenId: 0, amount: MILLION, period: 3_600, funder: random.pick(['a', 'b'] as const) };
    await node.open(other.test.party.address, request);
  } else if (what < 6) await node.look(random.chance(0.5));
  else if (channels.length > 0) {
    const { vault } = random.pick(channels);
    if (what < 7) return node.closeTogether(vault);
    const { newest, party: us } = node.exchange.record(vault)!;
    const by = newest.state.residualIsB === (us === 'b') ? 'residual' : 'senior';
    const id = secretOf(`${party.name} ${step}`).hash;
    const amount = BigInt(1 + random.below(400_000));
    await node.exchange.want(vault, { type: 'pay', by, id, amount });
  }
}

/** All channels that have money, of both. */
const funded = ({ wallet, hub }: FailingPair) =>
  [wallet, hub].flatMap((party) =>
    party.test.party
      .channels()
      .filter(({ capacity, stage }) => capacity > 0n && stage !== 'closed')
      .map(({ vault }) => ({ party, vault })),
  );

/** Nothing fails any more: whatever has money is closed by both, at the latest when what was signed before is over. */
async function finish(pair: FailingPair): Promise<void> {
  pair.isFailing = false;
  for (let round = 0; round < 12; round += 1) {
    await pair.revive();
    for (const { test } of [pair.wallet, pair.hub, pair.wallet, pair.hub]) await test.party.look(true);
    const open = funded(pair);
    if (open.length === 0) return;
    for (const { party, vault } of open) await pair.attempt(() => party.test.party.closeTogether(vault));
    pair.pass(round < 6 ? 60 : 3_601);
  }
  const left = funded(pair).map(({ party, vault }) => `${party.name} ${vault}`);
  assert.fail(`not closed: ${left.join(', ')}; ${pair.refusals.join('; ')}`);
}

async function run(seed: number): Promise<{ readonly closed: number }> {
  const pair = await createFailingPair(`openings and closes ${seed}`);
  pair.isFailing = true;
  for (let step = 0; step < 40; step += 1) {
    if (pair.random.chance(0.7)) await pair.revive();
    const party = pair.random.pick([pair.wallet, pair.hub]);
    if (party.isUp) await pair.attempt(() => act(pair, party, step));
    if (pair.random.chance(0.05)) pair.pass(pair.random.below(4_000));
  }
  await finish(pair);
  assert.deepEqual(pair.faults, []);
  const { leaves } = pair.ledger;
  const vaults = new Set(
    [pair.wallet, pair.hub].flatMap(({ test }) => test.party.channels().map(({ vault }) => vault)),
  );
  let paidIn = 0n;
  let due = { wallet: 0n, hub: 0n };
  let fees = 0n;
  let closed = 0;
  for (const vault of vaults) {
    const account = leaves.find(({ owner }) => owner === BigInt(vault));
    // Nobody paid it in.
    if (account === undefined) continue;
    closed += 1;
    paidIn += MILLION;
    assert.deepEqual([account.balance, account.tokenId], [0n, 0], `the account of ${vault}`);
    const [ours, theirs] = [pair.wallet, pair.hub].map(({ test }) => test.party.exchange.record(vault)!);
    assert.deepEqual(ours!.newest, theirs!.newest);
    const { claim, residualIsB, htlcs } = ours!.newest.state;
    assert.deepEqual(htlcs, []);
    const fee = claim === 0n ? LEDGER_FEE : 2n * LEDGER_FEE;
    fees += fee;
    const walletIsResidual = residualIsB === (ours!.party === 'b');
    const rest = MILLION - claim - fee;
    due = {
      wallet: due.wallet + (walletIsResidual ? rest : claim),
      hub: due.hub + (walletIsResidual ? claim : rest),
    };
  }
  const balanceOf = ({ test }: FailingParty) => leaves[test.index]!.balance - 1n;
  assert.deepEqual({ wallet: balanceOf(pair.wallet), hub: balanceOf(pair.hub) }, due);
  assert.equal(due.wallet + due.hub + fees, paidIn);
  return { closed };
}

describe('channels that are opened and closed while everything fails', function () {
  this.timeout(240_000);

  it('end with the money where both signed that it is, for 60 seeds', async () => {
    let closed = 0;
    for (let seed = 0; seed < SEEDS; seed += 1) {
      try {
        closed += (await run(seed)).closed;
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    assert.ok(closed > SEEDS / 2, `${closed} channels had money`);
  });
});
