/** 1,000 transfers of the standard profile, asserted: real signatures of many people, executed by the native core. */

import type { AssertionSubmission } from '@quittance/chain';
import {
  type ChunkContext,
  domainOf,
  encodeAuthorization,
  encodeChunkData,
  encodeVisible,
  float16,
  float40,
  NOOP,
  type Operation,
  PROFILES,
  packFeeTokens,
  RecordKind,
  RollupState,
  signMessage,
  transactionMessage,
} from '@quittance/protocol';
import { chooseCrypto } from '../../../cli/crypto.ts';
import type { DeployedOptimistic } from '../contracts/deployment.ts';
import type { Tip } from '../optimistic/asserted-batch.ts';
import { LIE_FEE_TOKENS } from '../optimistic/lie-scene.ts';
import type { Holder } from '../optimistic/slot-scripts.ts';
import { executeChunk } from '../rollup/execute-chunk.ts';
import { createPerson } from '../rollup/person.ts';
import { collectFeeOperation } from '../rollup/world.ts';

/** Transfers of the batch. */
export const TRANSFER_COUNT = 1_000;
const PEOPLE = 200;
/** Coprime to the number of leaves, so that accounts are spread over the whole tree. */
const LEAF_STRIDE = 83_885;
/** Coprime to the number of people. */
const RECEIVER_STRIDE = 7;
const BALANCE = 10n ** 18n;
const AMOUNT = 10n ** 12n;
const FEE = 10n ** 9n;
const { slotsPerChunk } = PROFILES.standard;
/** The last slot collects the fees. */
const TRANSFERS_PER_CHUNK = slotsPerChunk - 1;

/** Everybody who pays. */
export function createPeople(): readonly Holder[] {
  return Array.from({ length: PEOPLE }, (_, number) => ({
    ...createPerson(`person ${number}`),
    index: 1 + number * LEAF_STRIDE,
  }));
}

/** Their accounts. */
export function createPeopleState(people: readonly Holder[]): RollupState {
  return new RollupState(
    chooseCrypto().hasher,
    people.map(({ index, keyPair, owner }) => [
      index,
      { keyY: keyPair.publicKey.y, owner, tokenId: 0, nonce: 0, balance: BALANCE },
    ]),
  );
}

/** The transfer of this number, signed. */
function transferOf(people: readonly Holder[], domain: bigint, number: number): Operation {
  const { hasher } = chooseCrypto();
  const sender = people[number % PEOPLE]!;
  const receiver = people[(number * RECEIVER_STRIDE + 1) % PEOPLE]!;
  const to = receiver === sender ? people[(number + 1) % PEOPLE]! : receiver;
  const fields = {
    kind: RecordKind.transfer,
    from: sender.index,
    to: to.index,
    amountFloat: float40.encode(AMOUNT),
    feeFloat: Number(float16.encode(FEE)),
  };
  const message = transactionMessage(hasher, {
    ...{ domain, fields, nonce: Math.floor(number / PEOPLE), validUntil: 0 },
    receiverKeyY: to.keyPair.publicKey.y,
    receiverOwner: to.owner,
  });
  const { r8, s } = signMessage(hasher, sender.keyPair, message);
  return { fields, words: [], authorization: { validUntil: 0, keyX: sender.keyPair.publicKey.x, r8, s } };
}

/** Operations of each chunk: transfers, noops, and whose account collects the fees. */
function operationsOf(people: readonly Holder[], domain: bigint): Operation[][] {
  const transfers = Array.from({ length: TRANSFER_COUNT }, (_, number) => transferOf(people, domain, number));
  const count = Math.ceil(TRANSFER_COUNT / TRANSFERS_PER_CHUNK);
  return Array.from({ length: count }, (_, chunk) => {
    const own = transfers.slice(chunk * TRANSFERS_PER_CHUNK, (chunk + 1) * TRANSFERS_PER_CHUNK);
    const noops = Array<Operation>(TRANSFERS_PER_CHUNK - own.length).fill(NOOP);
    return [...own, ...noops, collectFeeOperation(people[0]!.index)];
  });
}

/** The honest batch on a tip whose state has the people's accounts; the tip's state is left as it is. */
export function buildThousand(
  { deployment }: DeployedOptimistic,
  { header: parent, state: before }: Tip,
  people: readonly Holder[],
  time: number,
): AssertionSubmission {
  const { hasher } = chooseCrypto();
  const domain = domainOf(deployment);
  const state = new RollupState(hasher, before.accounts());
  const context: ChunkContext = { domain, batchTime: time, feeTokens: LIE_FEE_TOKENS };
  // Whoever judges the batch checks the signatures; here they were just made.
  const crypto = { hasher, verifier: { verify: () => true } };
  const chunks = operationsOf(people, domain);
  const traces = chunks.map((operations) => executeChunk(crypto, state, operations, context).trace);
  return {
    ...{ parent, number: parent.number + 1, time },
    roots: [parent.stateRoot, ...traces.map(({ newRoot }) => newRoot)],
    commitments: traces.map(({ commitment }) => commitment),
    feeTokens: chunks.map(() => packFeeTokens(LIE_FEE_TOKENS)),
    form: 'calldata',
    chunks: chunks.map(encodeChunkData),
    visible: chunks.map(encodeVisible),
    blobHashes: [],
    authorizations: chunks.map((operations) =>
      Uint8Array.from(
        operations.flatMap(({ authorization }) =>
          authorization === undefined ? [] : [...encodeAuthorization(authorization)],
        ),
      ),
    ),
  };
}
