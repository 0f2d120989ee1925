import { strict as assert } from 'node:assert';
import { createAppends } from '../../../storage/journal/appends.ts';
import { segmentOf } from '../../../storage/journal/segment.ts';
import { MAX_APPENDS_IN_FLIGHT, type Segment } from '../../../storage/journal/types.ts';
import { assertRejects } from '../../support/assertions.ts';
import { journalRows, START } from '../../support/journal/rows.ts';

describe('Journal: the order of appends', () => {
  const segment: Segment = segmentOf(START, journalRows(1, 1), 1);

  it('have room for another one at the moment one has ended', async () => {
    let sent = 0;
    const { append } = createAppends(async () => {
      sent += 1;
    });
    const full = Array.from({ length: MAX_APPENDS_IN_FLIGHT }, () => append(segment));
    await assertRejects(append(segment), 'QUEUE_FULL');
    await full[0];
    await append(segment);
    await Promise.all(full);
    assert.equal(sent, MAX_APPENDS_IN_FLIGHT + 1);
  });
});
