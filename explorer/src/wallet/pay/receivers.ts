/** Who is paid, as people name them: an index, an L1 address, a receiver `0x<owner>:0x<key>`, or a payment link. */

const INDEX = /^\d{1,8}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const RECEIVER = /^0x[0-9a-fA-F]{40}:0x[0-9a-fA-F]{64}$/;

/** What was written; addresses and receivers stay as they are, so that a wrong checksum is still seen. */
export type NamedReceiver =
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'address' | 'receiver'; readonly to: string };

/** Reads it, or says what is wrong with it as a sentence. */
export function parseReceiver(text: string): { readonly receiver: NamedReceiver } | { readonly problem: string } {
  const written = text.trim();
  if (written === '') return { problem: 'Say who is paid.' };
  if (INDEX.test(written)) return { receiver: { kind: 'index', index: Number(written) } };
  if (ADDRESS.test(written)) return { receiver: { kind: 'address', to: written } };
  if (RECEIVER.test(written)) return { receiver: { kind: 'receiver', to: written } };
  return {
    problem:
      'This names nobody. Write an account index like 5, an L1 address, or a receiver 0x…:0x… as the wallet of the receiver shows it; a payment link does too.',
  };
}
