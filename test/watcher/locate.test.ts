import { strict as assert } from 'node:assert';
import type { AssertionReader, AssertionStatus } from '@quittance/chain';
import type { StoredHeader } from '@quittance/protocol';
import { createLocator, type Locator } from '../../watcher/dispute/locate.ts';
import { foldEvents } from '../../watcher/follow/model.ts';
import { StateChain } from '../../watcher/replay/state-chain.ts';
import type { Submission } from '../../watcher/replay/submissions.ts';
import type { WatchedEvent } from '../../watcher/store/events.ts';
import { build, createTip, DEPLOYMENT, HONEST, submissionOf } from '../support/derivation/claims.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const ID = 1n;

describe('Watcher: the wrong step of a chunk', () => {
  const built = build(HONEST);
  const inclusion = { transactionHash: '0x01', blockNumber: 1, blockHash: '0x02', logIndex: 0, assertionId: ID };
  const asserted: WatchedEvent = {
    ...{ type: 'asserted', ...inclusion, number: built.header.number, asserter: '0x03', isProven: false },
    ...{ header: built.header, headerHash: built.headerHash, contentHash: '0x04' },
  } as WatchedEvent;
  const answered = { type: 'answered', ...inclusion, chunk: 0, commitments: built.claims[0]!.answer } as WatchedEvent;
  const asAsserted: Submission = { ...submissionOf(built), parent: built.parent };
  const { authorizations: _, ...asProven } = { ...asAsserted, evaluations: [], opening: new Uint8Array(), proofs: [] };

  function locatorOf(
    events: readonly WatchedEvent[],
    submission: Submission = asAsserted,
    base = built.parent,
  ): Locator {
    const locator = createLocator({
      ...{ crypto: portableCrypto, replay: DEPLOYMENT },
      assertions: { assertion: async () => ({ contentHash: '0x04' }) as AssertionStatus } as unknown as AssertionReader,
      submissions: { ofAssertion: async () => submission, ofFinal: () => assert.fail('nothing is final'), keep() {} },
    });
    const accounts = createTip().state.accounts();
    const chain = new StateChain(portableCrypto.engine, base satisfies StoredHeader, accounts);
    locator.look({ chain, model: foldEvents(events), headNumber: 1 });
    return locator;
  }

  for (const [what, why, locator] of [
    ['an assertion that no event told', /not replayed/, () => locatorOf([])],
    [
      'a batch whose parent is not replayed',
      /not replayed/,
      () => locatorOf([asserted, answered], asAsserted, { ...built.parent, time: 1 }),
    ],
    ['a batch that was proven', /was proven/, () => locatorOf([asserted, answered], asProven)],
    ['a chunk without an answer', /chunk 0 is not answered/, () => locatorOf([asserted])],
    ['a right chunk with a right answer', /is right, and so/, () => locatorOf([asserted, answered])],
  ] as const) {
    it(`is MOVE_OUTDATED for ${what}`, async () => {
      await assert.rejects(locator().locate(ID, 0), { code: 'MOVE_OUTDATED', message: why, data: { assertionId: ID } });
    });
  }
});
