/** The lies that a sequencer can be told to tell: which, in a batch that is honest but for it, and how it defends it. */

import type { FaultResult } from '@quittance/derivation';
import type { RecordData } from '@quittance/protocol';
import type { DeployedOptimistic } from '../contracts/deployment.ts';
import type { BuiltAssertion } from '../optimistic/asserted-batch.ts';
import type { ChunkScript } from '../optimistic/claimed-chunk.ts';
import { chunkOf } from '../optimistic/lie-chunks.ts';
import { HOLDERS } from '../optimistic/lie-scene.ts';
import { LIES } from '../optimistic/lies.ts';
import {
  accountAt,
  collectOf,
  type Holder,
  moving,
  pretending,
  type SlotScript,
  transferOf,
} from '../optimistic/slot-scripts.ts';
import * as answers from './answer-styles.ts';
import { honestChunk } from './honest-batch.ts';
import { PRIORITY_LIES } from './priority-lies.ts';
import { wrongBoundary, wrongEnd, wrongRootsOfTwo } from './restated.ts';

const { alice, bob, carol } = HOLDERS;

/** What a lie is built from. */
export interface LieScene {
  /** Operations that wait in the queue: a deposit of the leaver, its exit, and somebody else's exit from Alice's account. */
  readonly operations: readonly RecordData[];
  readonly leaver: Holder;
}

/** One lie that can be told. */
export interface LieKind {
  readonly name: string;
  /** What the replay reports first. */
  readonly rule: FaultResult;
  readonly answer: answers.AnswerStyle;
  /** It needs operations in the queue. */
  readonly needsQueue: boolean;
  readonly chunks: (scene: LieScene) => readonly ChunkScript[];
  /** Changes the roots of the built batch. */
  readonly restate?: (world: DeployedOptimistic, built: BuiltAssertion) => BuiltAssertion;
}

const kind = (
  name: string,
  rule: FaultResult,
  chunks: readonly ChunkScript[],
  changes: Partial<LieKind> = {},
): LieKind => ({ name, rule, answer: answers.CONSISTENT, needsQueue: false, chunks: () => chunks, ...changes });

/** Honest chunks around a chunk that lies in the middle. */
const around = (script: SlotScript): readonly ChunkScript[] => [honestChunk(), honestChunk(script)];

const RECORD_LIES = LIES.map(({ name, finding, script }) =>
  kind(name, finding === 'valid' ? 'WRONG_STATE' : finding, around(script)),
);

/** An honest chunk whose authorizations are published with this change. */
const publishing = (change: (bytes: Uint8Array) => Uint8Array): readonly ChunkScript[] => [
  honestChunk(),
  { ...honestChunk(), authorizations: change },
];
const AUTHORIZATION_BYTES = 69;

const AUTHORIZATION_LIES = [
  kind(
    'no authorizations at all',
    'BAD_SIGNATURE',
    publishing(() => new Uint8Array()),
  ),
  kind(
    'a missing last authorization',
    'BAD_SIGNATURE',
    publishing((bytes) => bytes.slice(0, -AUTHORIZATION_BYTES)),
  ),
  kind(
    'authorizations in another order',
    'BAD_SIGNATURE',
    publishing((bytes) =>
      Uint8Array.from([...bytes.slice(AUTHORIZATION_BYTES), ...bytes.slice(0, AUTHORIZATION_BYTES)]),
    ),
  ),
  kind('a transfer that is executed twice', 'BAD_SIGNATURE', [
    honestChunk(),
    // The second one is signed with the nonce that the first has used.
    honestChunk(
      transferOf(alice, bob.index, 7n),
      pretending(transferOf(alice, bob.index, 7n, { nonceOffset: -1 }), moving(alice.index, bob.index, 7n)),
    ),
  ]),
];

/** Fees that somebody else gets. */
const pocketed = pretending(collectOf(bob.index), ({ view }) => {
  const before = accountAt(view, carol.index);
  return {
    changes: [{ index: carol.index, after: { ...before, balance: before.balance + 3n } }],
    fees: [0n, 0n, 0n, 0n],
  };
});
/** Takes a fee of 9 although 3 were signed. */
const dearer = pretending(transferOf(alice, bob.index, 5n, { fee: 3n }), ({ view, fees }) => {
  const [payer, payee] = [accountAt(view, alice.index), accountAt(view, bob.index)];
  return {
    changes: [
      { index: alice.index, after: { ...payer, nonce: payer.nonce + 1, balance: payer.balance - 14n } },
      { index: bob.index, after: { ...payee, balance: payee.balance + 5n } },
    ],
    fees: [fees[0]! + 9n, 0n, 0n, 0n],
  };
});

const FEE_LIES = [
  kind('fees that are left at the end', 'FEES_NOT_COLLECTED', [
    honestChunk(),
    chunkOf(transferOf(alice, bob.index, 5n, { fee: 3n })),
  ]),
  kind('fees for somebody who collects none', 'WRONG_STATE', [
    honestChunk(),
    chunkOf(transferOf(alice, bob.index, 5n, { fee: 3n }), pocketed),
  ]),
  kind('a higher fee than was signed', 'WRONG_STATE', [honestChunk(), chunkOf(dearer, collectOf(bob.index))]),
];

const ROOT_LIES = [
  kind('a wrong root between chunks', 'WRONG_STATE', [honestChunk(), honestChunk()], { restate: wrongBoundary }),
  kind('a wrong root at the end', 'WRONG_STATE', [honestChunk(), honestChunk()], { restate: wrongEnd }),
  kind('wrong roots of all chunks', 'WRONG_STATE', [honestChunk(), honestChunk()], { restate: wrongRootsOfTwo }),
];

/** A theft that nothing but the answer tells from others. */
const theft = (style: answers.AnswerStyle): LieKind =>
  kind(
    `a theft whose answer is ${style.name}`,
    'WRONG_STATE',
    around(LIES.find(({ name }) => name.includes('nowhere in'))!.script),
    {
      answer: style,
    },
  );
const ANSWER_LIES = [
  answers.WITHHELD,
  answers.LATE,
  answers.GARBAGE,
  answers.CONSISTENT_FROM_THE_LIE,
  answers.JUMPING_AT_THE_END,
  answers.SHIFTED,
  answers.OF_ANOTHER_CHUNK,
].map(theft);

/** All of them. */
export const LIE_KINDS: readonly LieKind[] = [
  ...RECORD_LIES,
  ...AUTHORIZATION_LIES,
  ...FEE_LIES,
  ...PRIORITY_LIES.map(({ name, rule, chunks }) => kind(name, rule, [], { needsQueue: true, chunks })),
  ...ROOT_LIES,
  ...ANSWER_LIES,
];

function named(name: string): LieKind {
  const found = LIE_KINDS.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`there is no lie ${name}`);
  return found;
}

/** Nothing can make it good. */
export const THEFT = named('money from nowhere in a noop');
/** The owner's own signature, or a proof that it exists, would make it good. */
export const FORGERY = named('a signature by another key');
