/** A choice of tokens. */

import type { TokenInfo } from '@quittance/sdk';
import { symbolOf } from './text.ts';

/** Two may call themselves alike: each shows its number too. */
export function TokenSelect(props: {
  readonly tokens: readonly TokenInfo[];
  readonly value: number;
  readonly onChange: (tokenId: number) => void;
  readonly id: string;
}) {
  const { tokens, value, onChange, id } = props;
  const names = tokens.map(symbolOf);
  return (
    <select id={id} value={String(value)} onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}>
      {tokens.map((token, position) => (
        <option key={token.tokenId} value={String(token.tokenId)}>
          {names.filter((name) => name === names[position]).length > 1
            ? `${names[position]} (token ${token.tokenId})`
            : names[position]}
        </option>
      ))}
    </select>
  );
}
