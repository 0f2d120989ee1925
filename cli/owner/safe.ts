/**
 * A file that the Transaction Builder of Safe imports: several people look at a call and sign it there.
 * Source: safe-global/safe-react-apps, apps/tx-builder (format 1.0, and its checksum, without which it warns).
 */

import { id } from 'ethers';

/** A call that a Safe is to make. */
export interface SafeCall {
  readonly to: string;
  readonly data: string;
}

/** Version of the builder whose format this is. */
const BUILDER_VERSION = '1.18.2';

/** JSON in which the keys of each object stand sorted before its values, as the builder hashes it. */
function serialized(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(serialized).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const keys = Object.keys(value).sort();
  const items = keys.map((key) => `${serialized((value as Record<string, unknown>)[key])},`);
  return `{${JSON.stringify(keys)}${items.join('')}}`;
}

/** The checksum of a file, which covers all but its name and itself. */
export function safeChecksum(file: { readonly meta: Readonly<Record<string, unknown>> }): string {
  const { checksum: _, ...meta } = file.meta;
  return id(serialized({ ...file, meta: { ...meta, name: null } }));
}

/** The file. @param nowMs when it is made. */
export function safeFile(
  call: SafeCall,
  { chainId, description, nowMs }: { readonly chainId: bigint; readonly description: string; readonly nowMs: number },
) {
  const meta = {
    name: 'Quittance: a change by the owner',
    description,
    txBuilderVersion: BUILDER_VERSION,
    createdFromSafeAddress: '',
    createdFromOwnerAddress: '',
  };
  const file = {
    version: '1.0',
    chainId: String(chainId),
    createdAt: nowMs,
    meta,
    transactions: [{ to: call.to, value: '0', data: call.data, contractMethod: null, contractInputsValues: null }],
  };
  return { ...file, meta: { ...meta, checksum: safeChecksum(file) } };
}
