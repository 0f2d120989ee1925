import assert from 'node:assert/strict';
import { judgeOpening, type PartyTerms } from '@quittance/sdk/channels';
import { type Engagement, MOST_OPENING_OF_ALL } from '../../../../packages/sdk/channels/party/hub-terms.ts';

const TERMS: PartyTerms = {
  tokens: [{ tokenId: 0, least: 100n, most: 1_000n, mostInbound: 500n }],
  period: { least: 60, most: 600 },
  mostChannels: 4,
  ...{ feeBase: 0n, feePartsPerMillion: 0, expiryDelta: 3_600 },
};
const NOTHING: Engagement = { channels: 0, opening: 0, openingOfAll: 0, ours: 0n, theirs: 0n };
const ASKED = { tokenId: 0, amount: 300n, period: 60, funder: 'a' } as const;
const INBOUND = { ...ASKED, funder: 'b' } as const;

const judge = (request: object, engagement: Partial<Engagement> = {}): void =>
  judgeOpening(TERMS, { ...ASKED, ...request } as never, { ...NOTHING, ...engagement });

describe('a channel that somebody asks a hub for', () => {
  it('is opened within its terms', () => {
    judge({});
    judge({ amount: 100n }, { channels: 3, opening: 3, openingOfAll: MOST_OPENING_OF_ALL - 1 });
    judge(INBOUND, { channels: 1, theirs: 300n });
  });

  it('is refused outside of them, with the numbers', () => {
    const cases: readonly [object, Partial<Engagement>, RegExp][] = [
      [{ tokenId: 7 }, {}, /token 7 is not taken, but 0/],
      [{ period: 59 }, {}, /its period is 59 s, 60 to 600 s are taken/],
      [{ period: 601 }, {}, /its period is 601 s/],
      [{ amount: 99n }, {}, /its amount is 99, 100 to 1000 are taken/],
      [{ amount: 1_001n }, {}, /its amount is 1001/],
      [{}, { channels: 4 }, /there are 4 already/],
      [{}, { opening: 4 }, /4 of them are not paid in yet/],
      [{}, { openingOfAll: MOST_OPENING_OF_ALL }, /1000 channels of others are not paid in yet: try again later/],
      // What the hub pays in is bounded, and never more than the other party has at stake.
      [INBOUND, { theirs: 900n, ours: 201n }, /we would pay in 501 with you, at most 500/],
      [INBOUND, { theirs: 299n }, /we would pay in 300, more than the 299 that you have paid in/],
    ];
    for (const [request, engagement, message] of cases) {
      assert.throws(() => judge(request, engagement), { code: 'CHANNEL_CHANGE_REFUSED', message });
    }
  });
});
