/** What a side does whichever it is: greets first, and hears nothing before it was greeted. */

import type { ChannelMessage } from '../record.ts';
import { type Core, wrong } from './core.ts';
import type { ChannelSide, Effects } from './types.ts';

type Of<Type extends ChannelMessage['type']> = Extract<ChannelMessage, { readonly type: Type }>;

/** What a side makes of each message that is for it. */
export type Hearing = { readonly [Type in ChannelMessage['type']]?: (message: Of<Type>) => Effects };

/** The part of a side that both have. @param whom it is, in errors. */
export function createShell(core: Core, whom: string, hearing: Hearing & Required<Pick<Hearing, 'hello'>>) {
  let isGreeted = false;
  return {
    /** Whether the other side said hello on this connection. */
    isGreeted: () => isGreeted,
    begin(): ChannelMessage {
      isGreeted = false;
      return { type: 'hello', newest: core.record.newest };
    },
    receive(message: ChannelMessage): Effects {
      if (!isGreeted && message.type !== 'hello') throw wrong('it says something before hello');
      if (isGreeted && message.type === 'hello') throw wrong('it says hello twice');
      const hear = hearing[message.type] as ((message: ChannelMessage) => Effects) | undefined;
      if (hear === undefined) throw wrong(`it says "${message.type}" to who ${whom}`);
      const effects = hear(message);
      isGreeted = true;
      return effects;
    },
  } satisfies Partial<ChannelSide> & { isGreeted(): boolean };
}
