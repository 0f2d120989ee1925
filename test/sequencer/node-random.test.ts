import { strict as assert } from 'node:assert';
import { PROFILES } from '@quittance/protocol';
import type { AppendFault } from '../support/journal/memory.ts';
import { createRandom } from '../support/property/random.ts';
import { createPerson } from '../support/rollup/person.ts';
import {
  type Cluster,
  createCluster,
  isLeading,
  type Member,
  type Sent,
  sending,
} from '../support/sequencer/cluster.ts';
import { createFakeKzg } from '../support/sequencer/fake-kzg.ts';
import { followLog } from '../support/sequencer/follow-log.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';

const PEOPLE = ['alice', 'bob', 'carol'].map(createPerson);
const FAULTS: readonly AppendFault[] = ['unavailable', 'lost', 'fenced'];
const STEPS = 120;

/** What was sent: the same bytes are sent again until they are acknowledged or refused for good. */
interface Payment {
  readonly request: Parameters<typeof sending>[1];
  readonly attempts: Sent[];
}

/** Runs random steps on two nodes while journal, clocks and leaders fail; returns what everybody was told. */
async function play(cluster: Cluster, seed: string): Promise<Payment[]> {
  const random = createRandom(seed);
  const choose = <T>(items: readonly T[]): T => items[random.below(items.length)]!;
  const { journal, members, chain } = cluster;
  const indices = new Map<string, number>();
  for (const person of PEOPLE) indices.set(person.name, await cluster.fund(person, 1_000_000n));
  const payments: Payment[] = [];
  const leaders = (): Member[] => members.filter((member) => !member.isStopped && isLeading(member));
  const send = async (): Promise<void> => {
    const [sender, receiver] = [choose(PEOPLE), choose(PEOPLE)];
    const from = indices.get(sender.name)!;
    const member = random.below(5) === 0 ? choose(members) : (leaders()[0] ?? choose(members));
    const account = member.node.present.queries.account(from, 'latest');
    if (account === undefined || sender === receiver) return;
    const request = cluster.sign(sender, {
      ...{ kind: 'transfer', from, to: indices.get(receiver.name)!, fee: 10n, validUntil: 0 },
      amount: BigInt(1 + random.below(1_000)),
      nonce: Math.max(0, account.nonce + choose([0, 0, 0, 0, 1, -1])),
      receiver: { keyY: receiver.keyPair.publicKey.y, owner: receiver.owner },
    });
    payments.push({ request, attempts: [sending(member.node.present, request)] });
    if (random.below(3) === 0) await cluster.advance(0);
  };
  const again = (): void => {
    if (payments.length === 0) return;
    const { request, attempts } = choose(payments);
    attempts.push(sending(choose(members).node.present, request));
  };
  const cut = (isCut: boolean): void => {
    journal.isCut = isCut;
  };
  const stop = (member: Member, isStopped: boolean): void => {
    member.isStopped = isStopped;
  };
  const actions: readonly (readonly [number, () => unknown])[] = [
    [60, send],
    [15, again],
    [
      8,
      () =>
        void leaders()[0]
          ?.node.present.sealNow()
          .catch(() => undefined),
    ],
    [5, () => chain.deposit(PEOPLE[0]!.keyPair.publicKey.y, PEOPLE[0]!.owner, 0, BigInt(1 + random.below(99)))],
    [4, () => journal.fail(...Array.from({ length: random.below(4) }, () => undefined), choose(FAULTS))],
    [3, () => setTimeout(journal.hold(), 5)],
    [1, () => cut(true)],
    [8, () => cut(false)],
    [2, () => stop(choose(members), true)],
    [8, () => stop(choose(members), false)],
    [12, () => cluster.advance(choose([100, 1_000, 4_000, 12_000]))],
  ];
  const deck = actions.flatMap(([weight, act]) => Array.from({ length: weight }, () => act));
  for (let step = 0; step < STEPS; step++) {
    await choose(deck)();
    if (random.below(2) === 0) await cluster.advance(random.below(300));
  }
  return payments;
}

describe('Sequencer: random histories of nodes', () => {
  const base = process.env['QUITTANCE_TEST_SEED'];
  const seeds = base === undefined ? Array.from({ length: 8 }, (_, i) => `nodes ${i}`) : [base];
  for (const seed of seeds) {
    it(`lose nothing that was acknowledged, and double nothing (QUITTANCE_TEST_SEED="${seed}")`, async () => {
      const cluster = await createCluster(['a', 'b']);
      try {
        const payments = await play(cluster, seed);
        const { journal, members, chain } = cluster;
        for (const member of members) member.isStopped = false;
        journal.isCut = false;
        journal.hold()();
        journal.clearFaults();
        const attempts = payments.flatMap((payment) => payment.attempts);
        await Promise.race([
          Promise.all(attempts.map(({ done }) => done)),
          cluster.until(() => false, 'an end').catch(() => undefined),
        ]);
        // Longer than any lease: whoever does not lead any more has heard of it by then.
        for (let second = 0; second < 30; second++) await cluster.advance(1_000);
        const leader = await cluster.untilLed();
        // Whoever was acknowledged is so again, with the same words; others may be now.
        for (const payment of payments) {
          const sent = sending(leader.node.present, payment.request);
          await sent.done;
          const before = payment.attempts.find(({ acknowledgement }) => acknowledgement !== undefined)?.acknowledgement;
          if (before !== undefined) assert.equal(sent.acknowledgement?.sequence, before.sequence, String(sent.error));
          payment.attempts.push(sent);
          attempts.push(sent);
        }
        // Nobody is left without an answer, and everything is durable and final.
        for (const sent of attempts) assert.ok((sent.acknowledgement === undefined) !== (sent.error === undefined));
        await leader.node.present.sealNow();
        await cluster.until(
          () => leader.node.present.status().finalBatch === leader.node.present.status().sealedBatch,
          'finality',
        );
        for (const member of members) await cluster.caughtUp(member);
        const [a, b] = members.map(({ storage }) => storage) as [Member['storage'], Member['storage']];
        assert.deepEqual(a.log.head(), b.log.head());
        assert.equal(a.batches.last()?.headerHash, b.batches.last()?.headerHash);
        assert.ok(attempts.filter((sent) => sent.acknowledgement !== undefined).length >= 5, 'enough was accepted');
        assert.ok(journal.stored.at(-1)!.epoch > 1, 'the lead changed');
        // Each acknowledged transfer stands where its sender was told, once.
        const places = new Map<bigint, number[]>();
        for (const { sequence, entry } of a.log.range(1)) {
          if (entry.type === 'transfer') places.set(entry.id, [...(places.get(entry.id) ?? []), sequence]);
        }
        for (const sequences of places.values()) assert.equal(sequences.length, 1);
        for (const { acknowledgement } of attempts) {
          if (acknowledgement !== undefined)
            assert.deepEqual(places.get(acknowledgement.id), [acknowledgement.sequence]);
        }
        const last = a.batches.last()!.number;
        const followed = await followLog({
          ...{ storage: a, kzg: createFakeKzg(), genesisTime: chain.genesis.time, crypto: fastCrypto() },
          ...{ profile: PROFILES.quick, deployment: { chainId: chain.chainId, contract: chain.contract } },
        });
        assert.ok(followed.batches >= last);
        assert.equal(leader.node.present.queries.proof(0, 'finalized').stateRoot, chain.posted.at(-1)?.stateRoot);
      } finally {
        await cluster.close();
      }
    });
  }
});
