/** Calls a sequencer's prover API as the command line does. */

import { FleetClient } from '../../prover/index.ts';
import { readSecretFile } from '../l1/secrets.ts';
import { UsageError } from '../process/errors.ts';
import type { Output } from '../process/output.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Says where a token would go over the network in the open. @param port what is behind the URLs. */
export function warnOfPlainHttp(urls: readonly string[], output: Output, port = 'the prover API'): void {
  for (const text of urls) {
    const { protocol, hostname, host } = new URL(text);
    if (protocol === 'https:' || LOOPBACK.test(hostname)) continue;
    output.warn(
      `the token goes to ${host} unencrypted: put a proxy with TLS in front of ${port}, or use a private network`,
    );
  }
}

/** A client with the token of a file. @throws UsageError when there is none in it. */
export function openClient(
  { url: urls, tokenFile }: { readonly url: readonly string[]; readonly tokenFile: string },
  output: Output,
): FleetClient {
  const token = readSecretFile('the token', tokenFile, output).trim();
  if (!/^qpt_[A-Za-z0-9_-]{43}$/.test(token)) {
    throw new UsageError(`${tokenFile} holds no token of a prover: \`quittance prover token add\` makes one`);
  }
  warnOfPlainHttp(urls, output);
  return new FleetClient({ urls, token });
}
