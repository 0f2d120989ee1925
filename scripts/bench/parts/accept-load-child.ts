/** A load generator of `./dev bench accept` in its own process: node accept-load-child.ts <file of a LoadPlan>. */

import { readFileSync } from 'node:fs';
import { type LoadPlan, runLoad } from './accept/load.ts';

const plan = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as LoadPlan;
process.send!(await runLoad(plan), () => process.exit(0));
