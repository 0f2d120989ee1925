/**
 * An attacker of `./dev bench accept --hostile` in a process of its own: node accept-flood-child.ts <file of a FloodPlan>. It gives way to
 * others on this machine: attackers have machines of their own.
 */

import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { attack } from './accept/attack.ts';
import { createFlood } from './accept/floods.ts';
import type { FloodPlan } from './accept/hostile.ts';

setPriority(constants.priority.PRIORITY_LOW);
const { name, target, seconds, sockets, badLists } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as FloodPlan;
const flood = createFlood(name, { sockets, badLists: badLists.map((text) => Buffer.from(text)) });
process.send!(await attack(flood, target, seconds), () => process.exit(0));
