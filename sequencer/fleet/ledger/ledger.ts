/**
 * What a fleet keeps on disk, in a database of its own beside the sequencer's: strikes, rewards and payments. Losing it costs
 * workers what they are owed; it never pays twice, since payments are found in the log of the rollup, too.
 */

import { RollupError } from '@quittance/protocol';
import {
  checkRows,
  createMetaRepository,
  createTable,
  LIMIT,
  META,
  openWitnessed,
  type Stored,
  type TableShape,
} from '../../../storage/index.ts';
import type { Payee } from '../types.ts';
import { ACCEPTED, type AcceptedRepository, createAcceptedRepository, WORKERS } from './accepted.ts';
import { createPaymentRepository, PAYMENTS, type PaymentRepository } from './payments.ts';
import { FLEET_MIGRATIONS } from './schema.ts';

/** Tokens of the open market, by payout key. */
export interface MarketTokens {
  /** Whose token it is. */
  find(hash: string): string | undefined;
  /**
   * In the place of the one that the payee had. Where there is no room for another payee, the oldest of those that have proven
   * nothing loses its token.
   *
   * @param hasProven whether a payee's proofs were accepted. @returns false when there is no room all the same.
   */
  put(payee: string, hash: string, hasProven: (payee: string) => boolean): boolean;
}

/** All that a fleet keeps. */
export interface FleetLedger {
  readonly accepted: AcceptedRepository;
  readonly payments: PaymentRepository;
  readonly market: MarketTokens;
  /** Runs `change` in one transaction: all of it is on disk afterwards, or nothing. */
  commit<T>(change: () => T): T;
  close(): void;
}

export interface LedgerOptions {
  readonly file: string;
  readonly chainId: bigint;
  /** Address of the rollup. */
  readonly contract: string;
  /** Payout keys of the market that may have a token. */
  readonly maxPayees?: number;
}

/** Payout keys that may have a token: a row of some 200 bytes each. */
const MAX_PAYEES = 10_000;
/** Of them, those that are looked at for one that has proven nothing. */
const LOOKED_AT = 1_000;

interface MarketRow {
  readonly payee: string;
  readonly hash: string;
}
const MARKET: TableShape<MarketRow> = { name: 'market', columns: ['payee', 'hash'], key: ['payee'] };

/** All, by the migration that made them. */
const TABLES = [
  [META, ACCEPTED, WORKERS, PAYMENTS, MARKET],
] as readonly unknown[] as readonly (readonly TableShape<never>[])[];

/** A payee as text: key and owner in hexadecimal. */
export function payeeText({ keyY, owner }: Payee): string {
  return `${keyY.toString(16)}:${owner.toString(16)}`;
}

/** The inverse of `payeeText`, for text of our own. */
export function payeeOf(text: string): Payee {
  const [keyY, owner] = text.split(':').map((part) => BigInt(`0x${part}`)) as [bigint, bigint];
  return { keyY, owner };
}

/** @throws RollupError DATABASE_DAMAGED, DATABASE_FOREIGN when it is that of another rollup, or as `openDatabase`. */
export function openFleetLedger({ file, chainId, contract, maxPayees = MAX_PAYEES }: LedgerOptions): FleetLedger {
  const rollup = `${chainId}:${contract.toLowerCase()}`;
  const database = openWitnessed({
    file,
    migrations: FLEET_MIGRATIONS,
    check(found, version) {
      // Also of one that is older: nothing is made of rows that are not as they were written.
      checkRows(found, TABLES.slice(0, version).flat());
      const known = createMetaRepository(found).get('rollup');
      if (known === undefined || known === rollup) return;
      throw new RollupError(
        'DATABASE_FOREIGN',
        `the ledger of provers ${file} is that of ${known}, not of ${rollup}: move it away`,
        { file, expected: rollup, actual: known },
      );
    },
  });
  const meta = createMetaRepository(database);
  if (meta.get('rollup') === undefined) database.commit(() => meta.set('rollup', rollup));
  const table = createTable(database, MARKET);
  const byHash = database.prepare<[string], Stored<MarketRow>>('SELECT * FROM market WHERE hash = ?');
  const byPayee = database.prepare<[string], Stored<MarketRow>>('SELECT * FROM market WHERE payee = ?');
  const oldest = database.prepare<[number], Stored<MarketRow>>(`SELECT * FROM market ORDER BY rowid ${LIMIT}`);
  const remove = database.prepare<[string]>('DELETE FROM market WHERE payee = ?');
  const count = database.prepare<[], { total: number }>('SELECT COUNT(*) AS total FROM market');
  const accepted = createAcceptedRepository(database);
  return {
    accepted,
    payments: createPaymentRepository(database, accepted.settle),
    market: {
      find(hash) {
        const row = byHash.get(hash);
        return row === undefined ? undefined : table.checked(row).payee;
      },
      put(payee, hash, hasProven) {
        let loser: string | undefined;
        if (byPayee.get(payee) === undefined && count.get()!.total >= maxPayees) {
          loser = oldest.all(LOOKED_AT).find((row) => !hasProven(row.payee))?.payee;
          if (loser === undefined) return false;
        }
        database.commit(() => {
          if (loser !== undefined) remove.run(loser);
          table.put({ payee, hash });
        });
        return true;
      },
    },
    commit: database.commit,
    close: () => void database.close(),
  };
}
