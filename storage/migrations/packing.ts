/** What migrations need beside SQL: aggregates that pack rows into bytes, by their first column. */

import type Sqlite from 'better-sqlite3';
import { fromBytes } from '../bytes.ts';
import { encodePlaces, type Place } from '../places.ts';
import { encodeWithdrawal } from '../withdrawal-codec.ts';

type Values = readonly unknown[];

/** One aggregate of rows whose first value says where they go. */
function aggregate(database: Sqlite.Database, name: string, pack: (rows: readonly Values[]) => Buffer): void {
  database.aggregate(name, {
    start: () => [] as Values[],
    step: (rows: Values[], ...values: unknown[]) => {
      rows.push(values);
    },
    result: (rows: Values[]) => pack(rows.sort(([one], [other]) => Number(one) - Number(other))),
    varargs: true,
    deterministic: true,
  });
}

/** A row of 80 bytes: the columns are as wide as its parts. */
function packAccount([leaf, keyY, owner, tokenId, nonce, balance]: Values): Buffer {
  const numbers = [leaf, tokenId, nonce].map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(Number(value));
    return bytes;
  });
  return Buffer.concat([numbers[0]!, keyY as Buffer, owner as Buffer, numbers[1]!, numbers[2]!, balance as Buffer]);
}

/** Makes pack_places, pack_withdrawals and pack_accounts known to SQL. */
export function addPackingFunctions(database: Sqlite.Database): void {
  aggregate(database, 'pack_places', (rows) => {
    const places: (Place | undefined)[] = [];
    for (const [slot, sequence, withdrawal] of rows) {
      while (places.length < Number(slot)) places.push(undefined);
      places.push({ sequence: Number(sequence), withdrawal: withdrawal === null ? undefined : Number(withdrawal) });
    }
    return encodePlaces(places);
  });
  aggregate(database, 'pack_withdrawals', (rows) =>
    Buffer.concat(
      rows.map(([, ownerAndToken, amount, destination, keyY]) => {
        const move =
          destination === null ? {} : { move: { destination: Number(destination), keyY: fromBytes(keyY as Buffer) } };
        const target = { ownerAndToken: fromBytes(ownerAndToken as Buffer), amount: fromBytes(amount as Buffer) };
        return encodeWithdrawal({ ...target, ...move });
      }),
    ),
  );
  aggregate(database, 'pack_accounts', (rows) => Buffer.concat(rows.map(packAccount)));
}
