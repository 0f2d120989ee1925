import { strict as assert } from 'node:assert';
import type { PriorityRequest } from '@quittance/chain';
import { packOwnerAndToken, RecordKind } from '@quittance/protocol';
import { findReadingPoint } from '../../sequencer/mempool/reading-point.ts';
import { isSameRequest, operationOf } from '../../sequencer/mempool/requests.ts';
import { findTakenBack } from '../../sequencer/mempool/taken-back.ts';
import type { PriorityRow, Storage } from '../../storage/index.ts';

function request(changes: Partial<PriorityRequest> = {}): PriorityRequest {
  return {
    queueIndex: 0,
    groupStart: 0,
    groupSize: 1,
    fields: { kind: RecordKind.deposit, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 },
    words: [5n, packOwnerAndToken(6n, 1), 7n],
    deadline: 9,
    fee: 1n,
    blockNumber: 1,
    blockHash: '0xb1',
    transactionHash: '0xt',
    ...changes,
  };
}
const exit = request({
  fields: { kind: RecordKind.forcedExit, from: 3, to: 0, amountFloat: 0n, feeFloat: 0 },
  words: [0n, packOwnerAndToken(6n, 1), 0n],
});

describe('Sequencer: what a request is', () => {
  it('is the same whatever leaf the deposit goes to', () => {
    const operation = operationOf(request(), () => 12);
    assert.equal(operation.fields.to, 12);
    assert.ok(isSameRequest(request(), operation));
  });

  it('is the same whatever an exit paid', () => {
    const { fields, words } = operationOf(exit, () => 12);
    assert.equal(fields.to, 0);
    assert.ok(isSameRequest(exit, { fields, words: [words[0]!, words[1]!, 1_000n] }));
  });

  const changes: [string, PriorityRequest][] = [
    ['kind', request({ fields: { ...request().fields, kind: RecordKind.forcedExit } })],
    ['key', request({ words: [4n, packOwnerAndToken(6n, 1), 7n] })],
    ['owner', request({ words: [5n, packOwnerAndToken(7n, 1), 7n] })],
    ['token', request({ words: [5n, packOwnerAndToken(6n, 2), 7n] })],
    ['amount', request({ words: [5n, packOwnerAndToken(6n, 1), 8n] })],
  ];
  for (const [what, other] of changes) {
    it(`is another with another ${what}`, () => {
      assert.equal(
        isSameRequest(
          other,
          operationOf(request(), () => 12),
        ),
        false,
      );
    });
  }

  it('is another exit from another account', () => {
    const other = request({ fields: { ...exit.fields, from: 4 }, words: exit.words });
    assert.equal(
      isSameRequest(
        other,
        operationOf(exit, () => 0),
      ),
      false,
    );
  });

  it('asks for the leaf of the key, owner and token of a deposit', () => {
    const asked: unknown[] = [];
    operationOf(request(), (...of) => asked.push(of));
    assert.deepEqual(asked, [[5n, 6n, 1]]);
  });
});

describe('Sequencer: where reading goes on', () => {
  const DEPLOYMENT = 10;
  /** A database with operations in these blocks. */
  const storageOf = (cursor: object | undefined, ...blocks: number[]): Pick<Storage, 'meta' | 'priority'> => {
    const rows = blocks.map(
      (blockNumber, queueIndex) => ({ queueIndex, blockNumber, blockHash: `0x${blockNumber}` }) as PriorityRow,
    );
    return {
      meta: {
        get: (name: string) => (name === 'l1_cursor' && cursor !== undefined ? JSON.stringify(cursor) : undefined),
      },
      priority: {
        count: () => rows.length,
        get: (index: number) => rows[index],
        from: (first: number, limit: number) => rows.slice(first, first + limit),
      },
    } as unknown as Pick<Storage, 'meta' | 'priority'>;
  };
  /** A chain that was replaced after this block. */
  const replacedAfter = (last: number) => async (block: { blockNumber: number }) => block.blockNumber <= last;
  const cursor = { blockNumber: 30, blockHash: '0x30', requestedCount: 2 };

  it('begins at the deployment with an empty database', async () => {
    assert.deepEqual(await findReadingPoint(storageOf(undefined), DEPLOYMENT, replacedAfter(99)), {
      restsOn: undefined,
      fromBlock: DEPLOYMENT,
      nextIndex: 0,
      isRereading: true,
    });
  });

  it('goes on after the cursor', async () => {
    assert.deepEqual(await findReadingPoint(storageOf(cursor, 12, 20), DEPLOYMENT, replacedAfter(99)), {
      restsOn: { blockNumber: 30, blockHash: '0x30' },
      fromBlock: 31,
      nextIndex: 2,
      isRereading: false,
    });
  });

  for (const [what, broken] of [
    ['there is no cursor', undefined],
    ['the cursor counts more than the log has', { ...cursor, requestedCount: 3 }],
    ['the cursor has no count', { blockNumber: 30, blockHash: '0x30' }],
  ] as const) {
    it(`reads again from the last operation on when ${what}`, async () => {
      assert.deepEqual(await findReadingPoint(storageOf(broken, 12, 20), DEPLOYMENT, replacedAfter(99)), {
        restsOn: { blockNumber: 20, blockHash: '0x20' },
        fromBlock: 20,
        nextIndex: 1,
        isRereading: true,
      });
    });
  }

  it('reads again from the last operation that stands where it stood', async () => {
    const blocks = Array.from({ length: 250 }, (_, index) => 20 + index);
    const storage = storageOf({ ...cursor, blockNumber: 400, requestedCount: 250 }, ...blocks);
    assert.deepEqual(await findReadingPoint(storage, DEPLOYMENT, replacedAfter(30)), {
      restsOn: { blockNumber: 30, blockHash: '0x30' },
      fromBlock: 30,
      nextIndex: 10,
      isRereading: true,
    });
  });

  it('reads everything again when no operation stands where it stood', async () => {
    assert.deepEqual(await findReadingPoint(storageOf(cursor, 12, 20), DEPLOYMENT, replacedAfter(11)), {
      restsOn: undefined,
      fromBlock: DEPLOYMENT,
      nextIndex: 0,
      isRereading: true,
    });
  });

  for (const [title, at, blocks, expected] of [
    ['nothing without a cursor', undefined, [12, 20], undefined],
    ['nothing when L1 holds all of the log', cursor, [12, 20], undefined],
    ['the first operation that L1 lacks after it was read past its block', cursor, [12, 20, 29, 29], 2],
    ['one in the very block that was read last', cursor, [12, 20, 30], 2],
    ['nothing while the block of the next one is not read again yet', cursor, [12, 20, 31], undefined],
    ['all of them when L1 lacks all', { ...cursor, requestedCount: 0 }, [12, 20], 0],
  ] as const) {
    it(`finds as taken back ${title}`, () => {
      assert.equal(findTakenBack(storageOf(at, ...blocks))?.data.queueIndex, expected);
    });
  }
});
