import assert from 'node:assert/strict';
import { applyOperation } from '@quittance/protocol';
import { createRandom } from '../support/property/random.ts';
import { depositOperation } from '../support/rollup/world.ts';
import { draftAny } from './drafts.ts';
import { areTotalsBelowLimit, ReachableRollup } from './reachable.ts';
import { differentialCrypto } from './run.ts';

const crypto = differentialCrypto();

describe('a reachable world', () => {
  it('keeps every token below 2^128, and now and then at its most', () => {
    let full = 0;
    for (let number = 0; number < 20; number += 1) {
      const world = new ReachableRollup(createRandom(`reachable ${number}`), crypto);
      assert.ok(areTotalsBelowLimit(world.state, world.context, world.fees), `world ${number} at its start`);
      for (let count = 0; count < 20; count += 1) {
        const outcome = applyOperation(crypto, world.state, draftAny(world), world.context, world.fees);
        if (outcome.valid) world.apply(outcome.effects);
      }
      assert.ok(areTotalsBelowLimit(world.state, world.context, world.fees), `world ${number} after its records`);
      const totals = world.tokens.map((token) =>
        [...world.state.accounts()].reduce((sum, [, each]) => sum + (each.tokenId === token ? each.balance : 0n), 0n),
      );
      if (totals.some((total) => total >> 127n === 1n)) full += 1;
    }
    assert.ok(full >= 5, `${full} worlds have a token near 2^128`);
  });

  it('does not carry out a deposit that L1 would refuse, and stays as it was', () => {
    const world = new ReachableRollup(createRandom('refusing'), crypto);
    const held = (token: number) =>
      [...world.state.accounts()].reduce(
        (sum, [, { tokenId, balance }]) => sum + (tokenId === token ? balance : 0n),
        world.fees[world.context.feeTokens.indexOf(BigInt(token))] ?? 0n,
      );
    const tokenId = world.tokens.find((token) => held(token) > 0n)!;
    const least = 2n ** 128n - held(tokenId);
    const index = world.emptyIndex();
    const deposit = (amount: bigint) => {
      const operation = depositOperation(index, { keyY: 1n, owner: 2n, tokenId }, amount);
      const outcome = applyOperation(crypto, world.state, operation, world.context, world.fees);
      assert.ok(outcome.valid, 'the rules of the record allow it');
      return world.apply(outcome.effects);
    };
    const root = world.state.root;
    assert.equal(deposit(least), false);
    assert.equal(world.state.root, root);
    assert.equal(deposit(least - 1n), true);
    assert.notEqual(world.state.root, root);
  });
});
