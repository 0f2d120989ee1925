/** `quittance prover …`: machines that prove for a sequencer elsewhere. Each loads what it needs when it runs. */

import { type Command, defineCommand } from '../process/command.ts';
import {
  ADD_SETTINGS,
  BENCH_SETTINGS,
  CLIENT_SETTINGS,
  JOIN_SETTINGS,
  REVOKE_SETTINGS,
  START_SETTINGS,
  TOKEN_SETTINGS,
} from './settings.ts';

const start = defineCommand({
  name: 'prover start',
  summary: 'prove chunks for a sequencer until it is stopped',
  notes:
    'It goes on through restarts of the sequencer and gaps of the network; a proof that it has made is delivered to whoever ' +
    'leads then.\nWith an L1 URL and the contract it proves only for the key that the contract has. The first SIGINT or SIGTERM ' +
    'gives its chunk back.\nExit code 5: its token was revoked, or it delivered three invalid proofs.',
  examples: [
    'quittance prover start --url https://provers.example --token-file gpu1.token',
    'quittance prover start --url http://10.0.0.1:3001,http://10.0.0.2:3001 --token-file gpu1.token --prover-command rapidsnark',
  ],
  settings: START_SETTINGS,
  run: async (context, values) => (await import('./start.ts')).runProver(context, values),
});

const status = defineCommand({
  name: 'prover status',
  summary: 'show who proves what for a sequencer, how long proofs take, and what they cost',
  examples: ['quittance prover status --url http://127.0.0.1:3001 --token-file gpu1.token'],
  settings: CLIENT_SETTINGS,
  run: async (context, values) => (await import('./status.ts')).runStatus(context, values),
});

const bench = defineCommand({
  name: 'prover bench',
  summary: 'measure how much this machine would prove an hour',
  notes: 'Makes or loads circuits and a key first. The chunks are full of signed transfers.',
  examples: ['quittance prover bench --profile quick', 'quittance prover bench --profile standard --chunks 10 --json'],
  settings: BENCH_SETTINGS,
  run: async (context, values) => (await import('./bench.ts')).runBench(context, values),
});

const join = defineCommand({
  name: 'prover join',
  summary: 'get a token of an open market, for a payout key',
  notes: 'The sequencer must run with --prover-market. A token that the payout key had before is no longer valid.',
  examples: [
    'quittance prover join --config rollup.json --url https://provers.example --rollup-key payout.key ' +
      '--owner 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --out market.token',
  ],
  settings: JOIN_SETTINGS,
  run: async (context, values) => (await import('./join.ts')).runJoin(context, values),
});

const add = defineCommand({
  name: 'prover token add',
  summary: 'give a prover of yours a token, which is printed once and kept as a hash',
  notes:
    'A sequencer that runs knows it at once. One that the name had before is revoked, and its strikes are forgotten.',
  examples: [
    'quittance prover token add --database sequencer.db --name gpu1',
    'quittance prover token add --database sequencer.db --name gpu2 --payee "$BOB" --out gpu2.token',
  ],
  settings: ADD_SETTINGS,
  run: async (context, values) => (await import('./token.ts')).runAdd(context, values),
});

const revoke = defineCommand({
  name: 'prover token revoke',
  summary: 'take the token of a prover back',
  notes: 'What it is proving is given to others at once.',
  examples: ['quittance prover token revoke --database sequencer.db --name gpu1'],
  settings: REVOKE_SETTINGS,
  run: async (context, values) => (await import('./token.ts')).runRevoke(context, values),
});

const list = defineCommand({
  name: 'prover token list',
  summary: 'list the provers that have a token',
  examples: ['quittance prover token list --database sequencer.db'],
  settings: TOKEN_SETTINGS,
  run: async (context, values) => (await import('./token.ts')).runList(context, values),
});

/** The commands of provers. */
export const proverCommands: readonly Command[] = [start, status, bench, join, add, revoke, list];
