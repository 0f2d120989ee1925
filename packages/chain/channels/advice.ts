/** What to do when the contract of the channels refuses a call. Source: contracts/interfaces/IChannels.sol. */

/** By the contract's own name of the error; those that other contracts share are not among them. */
const ADVICE: Readonly<Record<string, string>> = {
  NotParty: 'only the two parties can do that: send it from the account of one of them',
  WrongSignature:
    'the state is not signed by both parties for this contract and chain: show one that is, A’s signature first',
  TooManyHtlcs: 'no such state can be shown: both parties sign one with fewer HTLCs',
  AlreadyClosing:
    'the channel is being closed already: if you have a higher version, challenge with it, else wait for the end of the period',
  NotClosing: 'nobody closes this channel alone: close it first',
  VersionNotHigher: 'a state as new stands already: there is nothing to do but to wait for the end of the period',
  PeriodOver: 'it is too late for a challenge: the state that stands counts. Settle with it',
  PeriodNotOver: 'wait until the period is over, and challenge meanwhile if you have a higher version',
  WrongState: 'settle with the state that was shown last: quittance channel watch reads it from L1',
  HtlcPending: 'show its secret if you have it, else wait until it is expired',
  AlreadySettled: 'the shares are fixed: what is there can be paid out',
  NotSettled: 'settle first, after the period',
  NothingToPay: 'all that has come is paid: try again when more has come, after an exit for example',
  NoCredit: 'this account has no bond to collect: a bond is credited by the settlement, to whom it belongs then',
};

/** A sentence for people; undefined for what is no error of the channels alone. */
export function channelAdvice(error: string): string | undefined {
  return Object.hasOwn(ADVICE, error) ? ADVICE[error] : undefined;
}
