/** `quittance channel …`: payment channels. Loads what it needs when it runs. */

import { type Command, defineCommand } from '../process/command.ts';
import { CLOSE_SETTINGS, INVOICE_SETTINGS, LIST_SETTINGS, OPEN_SETTINGS, PAY_SETTINGS } from './command-settings.ts';
import { DEPLOY_SETTINGS, WATCH_SETTINGS } from './settings.ts';

const deploy = defineCommand({
  name: 'channel deploy',
  summary: 'deploy the contracts of payment channels for a rollup, once for all of its users',
  notes:
    'Nobody owns these contracts and nobody can change them. It rehearses on a local chain of its own first. The first SIGINT ' +
    'or SIGTERM ends it between two transactions; with a record the same command goes on from there.',
  examples: [
    'quittance channel deploy --config rollup.json --bond 0.05eth --plan',
    'quittance channel deploy --config rollup.json --bond 0.05eth --keystore deployer.json --password-file password.txt',
  ],
  settings: DEPLOY_SETTINGS,
  run: async (context, values) => (await import('./deploy.ts')).runChannelDeploy(context, values),
});

const open = defineCommand({
  name: 'channel open',
  summary: 'open a channel with a hub, and have the hub pay in, too, if you want to be paid',
  notes:
    'It waits until the money is final. It can be interrupted at any time: the same command goes on, and pays nothing in ' +
    'twice. With as many open channels as --count says it does nothing.',
  examples: [
    'quittance channel open --config rollup.json --store alice.db --hub wss://hub.example --amount 0.5',
    'quittance channel open --config rollup.json --store bob.db --hub ws://127.0.0.1:9735 --amount 0.5 --inbound 0.2 --period 2d',
  ],
  settings: OPEN_SETTINGS,
  run: async (context, values) => (await import('./open.ts')).runChannelOpen(context, values),
});

const invoice = defineCommand({
  name: 'channel invoice',
  summary: 'ask to be paid: prints an invoice, and waits online until it is paid with --wait',
  notes:
    'With --wait and --json it prints two lines: the invoice, and how it was paid. Name an invoice that was made before to ' +
    'wait for that one.\nExit code 4: it was not paid in time.',
  examples: [
    'quittance channel invoice --config rollup.json --store bob.db --amount 0.05 --memo "two coffees" --wait',
    'quittance channel invoice "$INVOICE" --config rollup.json --store bob.db --wait',
  ],
  settings: INVOICE_SETTINGS,
  argument: 'invoice',
  run: async (context, values) => (await import('./invoice.ts')).runChannelInvoice(context, values),
});

const pay = defineCommand({
  name: 'channel pay',
  summary: 'pay an invoice over your hub, at once and without a transaction',
  notes:
    'An invoice is paid once: the same command again prints the receipt of the first time, or follows what was begun. The ' +
    'receipt is a secret that the payee gives for the money only.',
  examples: [
    'quittance channel pay "$INVOICE" --config rollup.json --store alice.db',
    'quittance channel pay "$INVOICE" --config rollup.json --store alice.db --most-fee 0.0001',
  ],
  settings: PAY_SETTINGS,
  argument: 'invoice',
  run: async (context, values) => (await import('./pay.ts')).runChannelPay(context, values),
});

const list = defineCommand({
  name: 'channel list',
  summary: 'your channels: how far they are, what you can pay and be paid in each',
  notes: 'It connects to their other parties for a moment. --export has all that a watchtower needs, and no key.',
  examples: [
    'quittance channel list --config rollup.json --store alice.db',
    'quittance channel list --config rollup.json --store alice.db --export alice.states.json',
  ],
  settings: LIST_SETTINGS,
  run: async (context, values) => (await import('./list.ts')).runChannelList(context, values),
});

const close = defineCommand({
  name: 'channel close',
  summary: 'close a channel together with the other party, or alone on L1',
  notes:
    'Together it takes two transfers in the rollup, whose fees the party with more pays, and waits until they are final. ' +
    'Alone it says what it costs, and begins on L1 what `quittance channel watch` ends: show newer states, settle, collect.',
  examples: [
    'quittance channel close 0x5FbDB2315678afecb367f032d93F642f64180aa3 --config rollup.json --store alice.db',
    'quittance channel close 0x5FbDB2315678afecb367f032d93F642f64180aa3 --config rollup.json --store alice.db --alone',
  ],
  settings: CLOSE_SETTINGS,
  argument: 'vault',
  run: async (context, values) => (await import('./close.ts')).runChannelClose(context, values),
});

const watch = defineCommand({
  name: 'channel watch',
  summary:
    'watch over channels: show the newest state where an old one is shown, show secrets in time, settle, be paid',
  notes:
    'Everything is read from L1 at each look: it can be killed at any point and started again, and several of them are no ' +
    'harm. What another has done already is not paid for again. An older copy of your channels does nothing.\nPrints one line ' +
    'when every channel has been looked at, then keeps on until interrupted. With --once it prints what it saw and did; exit ' +
    'code 4: an old state stands and could not be challenged yet; 3: not every channel could be looked at.',
  examples: [
    'quittance channel watch --config rollup.json --store alice.db',
    'quittance channel watch --config rollup.json --states ./clients --mode guard --keystore tower.json',
    'quittance channel watch --config rollup.json --states alice.states.json --once --json',
  ],
  settings: WATCH_SETTINGS,
  run: async (context, values) => (await import('./watch.ts')).runChannelWatch(context, values),
});

/** All commands about channels. */
export const channelCommands: readonly Command[] = [deploy, open, invoice, pay, list, close, watch];
