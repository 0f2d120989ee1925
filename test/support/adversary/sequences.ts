/** Lies that are more than one wrong batch and its answer. */

import type { Arena } from './arena.ts';
import * as among from './lies-among-batches.ts';
import type { LieOutcome } from './match.ts';
import * as authors from './moves-of-authors.ts';

/** All of them, by name. */
export const SEQUENCES: Readonly<Record<string, (arena: Arena) => Promise<LieOutcome>>> = {
  'many lies in a row': among.manyInARow,
  'many forgeries in a row': among.forgeriesInARow,
  'a lie below right batches': among.belowRightOnes,
  'a lie that its author disputes first': authors.disputedByItsAuthor,
  'a lie beside false disputes': authors.besideFalseDisputes,
  'a lie whose author front-runs the watcher': authors.frontRunByItsAuthor,
  'a lie that is told again': among.toldAgain,
  'an honest batch with spoilt signatures, first': among.spoiltFirst,
  'a theft behind a forgery that is made good': authors.behindAGoodForgery,
};
