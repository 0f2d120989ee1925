/** Turns what a tower sees and does into alerts. */

import type { Included } from '@quittance/chain';
import type { RollupError } from '@quittance/protocol';
import type { TowerAlert, TowerAlerts } from './alerts.ts';
import type { L1Time } from './phases.ts';
import type { ChannelCase, ChannelPlan, TowerTask } from './plan.ts';
import type { CallCost } from './sender.ts';

const HOUR_MS = 3_600_000;

const vaultOf = (task: TowerTask): string | undefined => (task.move === 'collectBonds' ? undefined : task.vault);

/** What was made. */
export function tellDone(alerts: TowerAlerts, task: TowerTask, { transactionHash }: Included): void {
  const key = `${task.key}:${transactionHash}`;
  if (task.move === 'challenge') {
    const { vault, shown } = task;
    const { version } = shown.state;
    const message = `version ${version} was shown in the place of an older one: channel ${vault}`;
    alerts.raise({ kind: 'challenged', key, message, data: { vault, version, transactionHash } });
  }
  if (task.move === 'settle') {
    const { vault } = task;
    alerts.raise({ kind: 'settled', key, message: `channel ${vault} is settled`, data: { vault, transactionHash } });
  }
  if (task.move === 'payout') {
    const { vault, amount, terms } = task;
    const message = `channel ${vault} paid ${amount} base units of token ${terms.tokenId}`;
    alerts.raise({ kind: 'paidOut', key, message, data: { vault, amount, tokenId: terms.tokenId, transactionHash } });
  }
}

/** What L1 would refuse: news only where money does not go where it should. */
export function tellRefused(alerts: TowerAlerts, task: TowerTask, error: RollupError): void {
  const name = error.data['error'];
  if (name !== 'PaymentRefused' && name !== 'SafeERC20FailedOperation') return;
  const vault = vaultOf(task);
  const what = task.move === 'collectBonds' ? 'the bonds' : `the money of channel ${vault}`;
  const message =
    `${what} cannot be paid: the receiver does not take it. Nothing is lost; run the tower with the party’s own key and ` +
    '--receiver, or send payoutTo yourself';
  alerts.raise({ kind: 'payoutRefused', key: `${task.move}:${vault}`, message, data: { vault, error: String(name) } });
}

/** What was sent and failed, or is stuck. */
export function tellFailed(alerts: TowerAlerts, task: TowerTask, error: RollupError): void {
  const { move, key } = task;
  const message = `${move} failed: ${error.message}; it is tried again as long as it is to be done`;
  alerts.raise({
    kind: 'actionFailed',
    key: `${key}:${error.code}`,
    message,
    data: { move, vault: vaultOf(task), code: error.code },
  });
}

/** What is not sent at this price; told again every hour. */
export function tellFee(
  alerts: TowerAlerts,
  { move, key }: TowerTask,
  { feePerGas, costWei }: CallCost,
  maxFeePerGas: bigint,
  nowMs: number,
): void {
  const message = `${move} waits: gas costs ${feePerGas} wei, the limit is ${maxFeePerGas}`;
  const hour = Math.floor(nowMs / HOUR_MS);
  alerts.raise({ kind: 'feeAboveLimit', key: `${key}:${hour}`, message, data: { move, feePerGas, costWei } });
}

/** Why nothing can be settled here, or by whom. */
function standingAlert({ view }: ChannelCase, phase: ChannelPlan['phase']): TowerAlert | undefined {
  const { vault, close, ours } = view;
  const data = { vault, version: close?.version, ourVersion: ours.state.version };
  const key = `${vault}:${close?.stateHash}`;
  if (phase === 'newer') {
    const message =
      `channel ${vault} is closed with version ${close!.version}, the newest here is ${ours.state.version}: what we have is ` +
      'old, and what stands counts';
    return { kind: 'newerState', key, message, data };
  }
  if (phase !== 'unknown') return undefined;
  const message =
    `channel ${vault} cannot be settled from here: nobody here has version ${close!.version}, which stands, and L1 does not ` +
    'show it in calldata. Ask the other party to settle, or give its state';
  return { kind: 'unknownState', key, message, data };
}

/** What is seen of a channel. */
export function tellChannel(alerts: TowerAlerts, one: ChannelCase, { phase }: ChannelPlan, time: L1Time): void {
  const { vault, close, ours } = one.view;
  if (close === undefined) return;
  const { version, periodEnd, isSettled } = close;
  const data = { vault, version, ourVersion: ours.state.version, periodEnd };
  const key = `${vault}:${periodEnd}:${version}`;
  if (!isSettled) {
    const message = `somebody closes channel ${vault} alone with version ${version}; it can be challenged until ${periodEnd}`;
    alerts.raise({ kind: 'closing', key: `${vault}:${periodEnd}`, message, data });
  }
  if (phase === 'old') {
    const message = `version ${version} of channel ${vault} is old: version ${ours.state.version} is shown in its place`;
    alerts.raise({ kind: 'oldState', key, message, data });
  }
  if (version < ours.state.version && time.block >= periodEnd) {
    const message = `channel ${vault} ended with version ${version}, and version ${ours.state.version} came too late`;
    alerts.raise({ kind: 'tooLate', key, message, data });
  }
  const standing = standingAlert(one, phase);
  if (standing !== undefined) alerts.raise(standing);
}
