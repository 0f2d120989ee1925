/** Parameters of a deployment as people read them: times with their unit, money in ETH. */

import { formatEther } from 'ethers';
import { valueText } from '../config/text.ts';
import { OPTIMISTIC_PARAMETERS, PARAMETERS } from './parameters.ts';

const SETTINGS: Readonly<Record<string, { readonly placeholder: string | undefined }>> = {
  ...PARAMETERS,
  ...OPTIMISTIC_PARAMETERS,
};

/** 259200 of priorityDelay → "3d", 10^17 of assertionBond → "0.1 ETH"; anything else as it is. */
export function parameterText(name: string, value: unknown): string {
  const placeholder = SETTINGS[name]?.placeholder;
  if (placeholder === '<wei>') return `${formatEther(BigInt(String(value)))} ETH`;
  return placeholder === '<duration>' ? valueText({ placeholder }, Number(value)) : String(value);
}
