/** Words that only stand before others on the command line, with what is said of them. */
export const GROUPS: Readonly<Record<string, string>> = {
  wallet: 'keys, deposits, transfers and withdrawals of one user',
  prover: 'machines that prove for a sequencer elsewhere',
  'prover token': 'who may prove',
  cluster: 'several nodes of one sequencer',
  channel: 'payment channels: open, pay, be paid, close, and who watches over them',
  moves: 'taking users to another rollup',
  owner: 'the few changes that a deployed rollup allows',
  ceremony: 'a proving key that can hold real money',
  config: 'settings, and where they come from',
};
