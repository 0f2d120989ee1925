/** What follows from several settings of a sequencer together. Pure. */

import type { FeeToken } from '../../sequencer/index.ts';
import type { TokenUnits } from '../config/parse.ts';
import { UsageError } from '../process/errors.ts';
import type { SequencerValues } from './settings.ts';

const MAX_PORT = 65_535;
/** 9101 beside 3000, the next one beside the next one: 9100 is that of watchers. */
const METRICS_DISTANCE = 6_101;

const unitsOf = (list: readonly TokenUnits[], wanted: number): bigint | undefined =>
  list.find(({ tokenId }) => tokenId === wanted)?.units;

/**
 * The fee tokens with their bounds and rates.
 *
 * @throws UsageError when a bound or a rate is of a token in which no fees are taken.
 */
export function feeTokensOf({
  feeTokens,
  feeMax,
  feeRates,
}: Pick<SequencerValues, 'feeTokens' | 'feeMax' | 'feeRates'>): readonly FeeToken[] {
  for (const [flag, list] of [['--fee-max', feeMax] as const, ['--fee-rates', feeRates] as const]) {
    const other = list.find(({ tokenId }) => feeTokens.every((token) => token.tokenId !== tokenId));
    if (other === undefined) continue;
    throw new UsageError(`${flag} names token ${other.tokenId}, which is not one of --fee-tokens`);
  }
  return feeTokens.map((token) => {
    const [maximumFee, unitsPerEth] = [unitsOf(feeMax, token.tokenId), unitsOf(feeRates, token.tokenId)];
    return {
      ...token,
      ...(maximumFee === undefined ? {} : { maximumFee }),
      ...(unitsPerEth === undefined ? {} : { unitsPerEth }),
    };
  });
}

/** Where the metrics are: where the settings say, else at a fixed distance; undefined at the port of the API itself. */
export function metricsOf({
  port,
  metricsPort,
  metricsHost: host,
}: Pick<SequencerValues, 'port' | 'metricsPort' | 'metricsHost'>): { host: string; port: number } | undefined {
  if (port === 0) return { host, port: metricsPort ?? 0 };
  if (metricsPort === port) return undefined;
  const beside = port + METRICS_DISTANCE <= MAX_PORT ? port + METRICS_DISTANCE : port - METRICS_DISTANCE;
  return { host, port: metricsPort ?? beside };
}
