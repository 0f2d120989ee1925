/** Sends a payment such that its signature is not lost with the answer. */

import { isRollupError } from '@quittance/protocol';
import type { SignedPayment, TransferHandle } from '@quittance/sdk';
import { type Output, toJson } from '../process/output.ts';

/** Sends what is signed, and leaves what it takes to find it, or to send it again, when nobody says that it was taken. */
export async function sendSigned(
  output: Pick<Output, 'say' | 'warn'>,
  url: string,
  send: (onSigned: (signed: SignedPayment) => void) => Promise<TransferHandle>,
): Promise<TransferHandle> {
  let last: SignedPayment | undefined;
  try {
    return await send((signed) => {
      last = signed;
      output.say(
        `signed: transfer ${signed.id}; if no answer comes, look at ${new URL(`/v1/transactions/${signed.id}`, url)} before you pay again`,
      );
    });
  } catch (error) {
    if (last !== undefined && isRollupError(error, 'TRANSFER_UNCERTAIN')) {
      output.warn(
        `it may be taken yet. Do not pay it anew: send the same again, which is paid once, by rollup_sendTransfer with ${toJson({ transfer: last.transfer })}`,
      );
    }
    throw error;
  }
}
