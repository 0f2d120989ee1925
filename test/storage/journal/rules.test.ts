import { createMemoryJournal } from '../../support/journal/memory.ts';
import { describeJournalRules } from '../../support/journal/rules.ts';
import { createManualClock } from '../../support/manual-clock.ts';

describe('Journal: rules, in memory', () => {
  describeJournalRules(async () => {
    const clock = createManualClock();
    const journal = createMemoryJournal({ clock });
    return {
      open: async (name) => journal.open({ name }),
      expire: async () => clock.advance(10_001),
      tamper: async (change) => void journal.stored.splice(0, journal.stored.length, ...journal.stored.map(change)),
    };
  });
});
