/** The schema's history: migration i takes the database from version i to i + 1. Never edit one that was released. */

import { initial } from './0001-initial.ts';
import { optimistic } from './0002-optimistic.ts';
import { checksums } from './0003-checksums.ts';
import { dataForms } from './0004-data-forms.ts';
import { packed } from './0005-packed.ts';
import { lookups } from './0006-lookups.ts';

export const MIGRATIONS: readonly string[] = [initial, optimistic, checksums, dataForms, packed, lookups];
