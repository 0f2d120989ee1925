/** Everything that a sequencer's database answers, to be compared with another's. */

import { accountKey, type Storage } from '../../../storage/index.ts';

const META = ['deployment', 'genesis_time', 'rejection'];

/** All of it but the proofs, which may be lost, and how far L1 was read, which may be read again. */
export function answersOf(storage: Storage): unknown {
  const { log, lookups, batches, chunks, outcomes, leaves, priority, meta } = storage;
  const entries = [...log.range(1)];
  /** States before it may be folded away. */
  const final = batches.lastFinal()?.number ?? 0;
  const numbers = batches.range(1, Number.MAX_SAFE_INTEGER).map(({ number }) => number);
  return {
    entries,
    found: entries.map(({ entry }) => (entry.type === 'transfer' ? log.findTransfer(entry.id)?.sequence : undefined)),
    histories: [0, 1, 2, 3].map((account) => lookups.from(accountKey(account), 1, 1_000)),
    placements: entries.map(({ sequence }) => outcomes.placementOf(sequence)),
    drops: entries.map(({ sequence }) => outcomes.dropOf(sequence)),
    batches: batches.range(1, Number.MAX_SAFE_INTEGER),
    ends: [batches.last(), batches.lastPosted(), batches.lastFinal(), log.lastSeal(), log.seals()],
    contents: numbers.map((number) => ({
      chunks: chunks.ofBatch(number),
      placements: outcomes.placementsOf(number),
      ids: outcomes.transferIdsOf(number),
      withdrawals: outcomes.withdrawalsOf(number),
      ...(number < final ? {} : { state: [...leaves.stateAfter(number)], one: leaves.getAfter(number, 0) }),
      ...(number <= final ? {} : { changed: [...leaves.changedIn(number, number)] }),
    })),
    priority: [priority.from(0, 1_000), priority.count(), priority.countOfKind(4), priority.countOfKind(5)],
    meta: META.map((name) => meta.get(name)),
  };
}
