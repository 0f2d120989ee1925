import type { ServerFacts } from '../../../storage/journal/postgres/session.ts';

/** What a server that can hold a journal says of itself. */
export const GOOD_FACTS: ServerFacts = {
  version: 150_018,
  isStandby: false,
  isReadOnly: false,
  fsync: 'on',
  fullPageWrites: 'on',
  synchronousCommit: 'on',
  clientMinMessages: 'warning',
  processId: 7,
  timeline: 1,
};
