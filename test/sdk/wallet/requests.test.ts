import { strict as assert } from 'node:assert';
import { PROFILES } from '@quittance/protocol';
import { openRequests } from '../../../packages/sdk/wallet/l1/requests.ts';
import { createFakeChain, type FakeChain } from '../../support/sequencer/fake-chain.ts';

const OWNER = 7n;
const ANOTHER = 8n;

describe('exodus: requests to take back', () => {
  let chain: FakeChain;
  beforeEach(() => {
    chain = createFakeChain({ profile: PROFILES.quick, startTime: 1_800_000_000 });
    for (const owner of [OWNER, OWNER, ANOTHER, OWNER]) chain.deposit(1n, owner, 0, 5n);
  });

  it('are those of the owner that no batch executed', async () => {
    const found = await openRequests(chain, OWNER, 1, 0);
    assert.deepEqual(
      found.map(({ request }) => request.queueIndex),
      [1, 3],
    );
  });

  for (const missing of [1, 2, 3]) {
    it(`are not given when the node leaves request ${missing} out`, async () => {
      chain.leaveOut((log) => 'queueIndex' in log && log.queueIndex === missing);
      await assert.rejects(openRequests(chain, OWNER, 1, 0), {
        code: 'L1_LOGS_INCOMPLETE',
        message: new RegExp(`priority operation ${missing} in`),
      });
    });
  }

  it('are none when all were executed', async () => {
    assert.deepEqual(await openRequests(chain, OWNER, 4, 0), []);
  });
});
