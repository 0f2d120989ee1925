/** What is no signature off L1 is none on it: the same list as in test/native/channels.test.ts. */

import { recoverChannelSigner } from '@quittance/protocol';
import { expect } from 'chai';
import { assertCode } from '../../support/assertions.ts';
import { malleations } from '../../support/channels/malleations.ts';
import { BOND, deployChannels, stateOf } from '../../support/channels/world.ts';
import { rollupFixture } from '../../support/contracts/deployment.ts';

describe('signatures of a state', () => {
  const fixture = rollupFixture({}, (world) => deployChannels(world));
  const state = stateOf({ version: 3, claim: 5n });

  for (const place of [0, 1]) {
    it(`are refused in each malleation of that of ${'AB'[place]}, by L1 as by the rules in TypeScript`, async () => {
      const { channels, byA, terms, sign, hashOf } = fixture.prepared;
      const good = sign(state);
      const close = (signatures: unknown) => byA.close.staticCall(terms, state, signatures, [], { value: BOND });
      await close(good);
      for (const [name, signature] of malleations(hashOf(state), good[place]!)) {
        assertCode(() => recoverChannelSigner(hashOf(state), signature), 'BAD_SIGNATURE', name);
        const error = /^s (?!of 0)/.test(name) ? 'ECDSAInvalidSignatureS' : 'ECDSAInvalidSignature';
        await expect(close(good.with(place, signature)), name).to.be.revertedWithCustomError(channels, error);
      }
    });
  }
});
