/** Loaded before a node of a benchmark: its clock goes ahead or behind by as many milliseconds as a file says, which may change. */

import { readFileSync } from 'node:fs';

const LOOK_MS = 100;

const file = process.env['CLOCK_OFFSET_FILE'];
const read = (): number => (file === undefined ? 0 : Number(readFileSync(file, 'utf8')));
let offset = read();
setInterval(() => {
  offset = read();
}, LOOK_MS).unref();

const real = Date.now.bind(Date);
const RealDate = Date;
Date.now = () => real() + offset;
/** Without parameters it is now. */
class OffsetDate extends RealDate {
  constructor(...parameters: [] | [number | string | Date]) {
    super(...((parameters.length === 0 ? [Date.now()] : parameters) as [number]));
  }
}
globalThis.Date = OffsetDate as DateConstructor;
