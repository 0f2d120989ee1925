/** Loaded before a node of a benchmark: its clock goes ahead or behind by as many milliseconds as CLOCK_OFFSET_MS says. */

const offset = Number(process.env['CLOCK_OFFSET_MS'] ?? 0);
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
