/** `quittance wallet execute-moves`: final moves taken to their destinations, or paid out on L1 in their place. */

import { rollupInterface, translateChainError } from '@quittance/chain';
import { type MoveClaim, movesOf, readClaimableBatches } from '@quittance/derivation';
import { unpackOwnerAndToken } from '@quittance/protocol';
import { Contract } from 'ethers';
import * as parse from '../config/parse.ts';
import { optional, toggle } from '../config/setting.ts';
import { fromBlock } from '../config/settings.ts';
import { defineCommand } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { paying, requireOwn, to } from './payee.ts';
import { payGroups } from './refusals.ts';
import { type Session, transact, view, WALLET_SETTINGS, withSession } from './session.ts';

/** As many as the smallest profile takes in one import. */
const MOVES_PER_TRANSACTION = 16;

/** What one transaction moved or paid. */
interface Done {
  readonly batch: number;
  readonly index: number;
  readonly destination: number;
  readonly tokenId: number;
  readonly amount: bigint;
  readonly transactionHash: string;
}

const tokenOf = ({ ownerAndToken }: MoveClaim): number => unpackOwnerAndToken(ownerAndToken).tokenId;

/** Moves of one batch, destination and token go together. */
function inGroups(moves: readonly MoveClaim[]): MoveClaim[][] {
  const groups = Map.groupBy(moves, (move) => `${move.header.number}/${move.destination}/${tokenOf(move)}`);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / MOVES_PER_TRANSACTION) }, (_, part) =>
      group.slice(part * MOVES_PER_TRANSACTION, (part + 1) * MOVES_PER_TRANSACTION),
    ),
  );
}

/** The moves that were neither executed nor claimed. */
async function openOf(session: Session, moves: readonly MoveClaim[]): Promise<MoveClaim[]> {
  const isDone = await Promise.all(
    moves.map(({ header, index }) => view<boolean>(session, 'isClaimed', header.number, index)),
  );
  return moves.filter((_, position) => !isDone[position]);
}

/** What the destination asks for `count` deposits, in wei. */
async function feesOf(session: Session, destination: number, count: number): Promise<bigint> {
  const address = await view<string>(session, 'destinationOf', destination);
  try {
    const there = new Contract(address, rollupInterface, session.l1.provider);
    return BigInt(count) * ((await there.getFunction('priorityFee')()) as bigint);
  } catch (error) {
    throw translateChainError(`asking ${address} for its priority fee`, error);
  }
}

interface Way {
  /** Pay the owner on L1 instead. */
  readonly claim: boolean;
  readonly receiver: string | undefined;
}

async function send(session: Session, group: readonly MoveClaim[], { claim, receiver }: Way): Promise<Done[]> {
  const { header, destination } = group[0]!;
  const moves = group.map(({ index, keyY, ownerAndToken, amount, siblings }) => {
    return { index, keyY, ownerAndToken, amount, siblings };
  });
  const args = [header, destination, moves];
  const { hash } = claim
    ? await transact(session, ...paying('claimMoves', args, receiver))
    : await transact(session, 'executeMoves', args, await feesOf(session, destination, group.length));
  return group.map((move) => ({
    batch: header.number,
    index: move.index,
    destination,
    tokenId: tokenOf(move),
    amount: move.amount,
    transactionHash: hash,
  }));
}

export const walletExecuteMoves = defineCommand({
  name: 'wallet execute-moves',
  summary: 'take an owner’s final moves to their destinations; anyone may, for the gas and the fees there',
  settings: {
    ...WALLET_SETTINGS,
    fromBlock,
    owner: optional('<address>', parse.address, 'whose moves; your own if not given'),
    claim: toggle(parse.flag, 'pay them out on L1 in place of that: your own at once, others’ after seven days'),
    to,
  },
  async run(context, values) {
    if (values.to !== undefined && !values.claim) {
      throw new UsageError('--to goes with --claim: a move that is executed goes where its owner signed');
    }
    await withSession(context, values, async (session) => {
      const owner = values.owner === undefined ? session.owner : BigInt(values.owner);
      requireOwn(session.owner, owner, values.to);
      const { reader } = session;
      const final = await readClaimableBatches({ reader, fromBlock: values.fromBlock, signal: context.signal });
      const moves = await openOf(session, movesOf(final, owner));
      const way = { claim: values.claim, receiver: values.to };
      const { paid, refused } = await payGroups(inGroups(moves), (group) => send(session, group, way));
      for (const { item, reason } of refused) {
        context.output.say(`move ${item.index} of batch ${item.header.number} was refused: ${reason}`);
      }
      context.output.result({ done: paid }, () =>
        paid.length === 0
          ? 'nothing to move'
          : table([
              ['batch', 'index', 'destination', 'token', 'amount', 'transaction'],
              ...paid.map((done) => [
                ...[done.batch, done.index, done.destination, done.tokenId].map(String),
                String(done.amount),
                done.transactionHash,
              ]),
            ]),
      );
    });
  },
});
