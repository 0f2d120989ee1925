import { strict as assert } from 'node:assert';
import { type ErrorCode, RollupError } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import type { LookParts } from '../../watcher/parts.ts';
import { commitmentPhase } from '../../watcher/situate.ts';

describe('Watcher: a step that cannot be prepared', () => {
  const phaseAfter = (code: ErrorCode) =>
    commitmentPhase(
      {
        connection: { chain: {} } as LookParts['connection'],
        steps: {
          commitmentPhase: async () => {
            throw new RollupError<ErrorCode>(code, 'told to');
          },
        } as unknown as LookParts['steps'],
        logger: silentLogger,
      },
      1n,
      0,
    );

  for (const code of [
    'MOVE_OUTDATED',
    'CLAIM_FALSE',
    'L1_INCONSISTENT',
    'L1_TRANSACTION_UNKNOWN',
    'CALLDATA_UNREADABLE',
    'L1_REJECTED',
  ] as const) {
    it(`does not hide everything else when it is for ${code}`, async () => {
      assert.equal(await phaseAfter(code), 'none');
    });
  }

  for (const code of ['L1_UNREACHABLE', 'DATABASE_DAMAGED', 'INVARIANT_BROKEN'] as const) {
    it(`ends the look when it is for ${code}`, async () => {
      await assert.rejects(phaseAfter(code), { code });
    });
  }
});
