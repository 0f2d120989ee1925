/** Encoders and decoders of the contracts of payment channels. Source: contracts/interfaces/IChannels.sol, IPreimages.sol. */

import { Interface, type InterfaceAbi } from 'ethers';
import { channelsAbi } from '../typed-abi/channels.ts';
import { preimagesAbi } from '../typed-abi/channels-preimages.ts';

/** Calls, events and custom errors of the judge of channels. */
export const channelsInterface = new Interface(channelsAbi as InterfaceAbi);

/** Calls and events of the contract that keeps secrets. */
export const preimagesInterface = new Interface(preimagesAbi as InterfaceAbi);
