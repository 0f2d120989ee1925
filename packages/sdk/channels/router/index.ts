/** Chooses between channels and the rollup, and pays once. */

export { createRouter } from './router.ts';
export {
  GUARANTEES,
  type Guarantee,
  type Latencies,
  type PaymentJournal,
  type PaymentOrder,
  type PaymentRequest,
  type RoutedPayment,
  type Router,
  type RouterChannels,
  type RouterOptions,
  type RouterWallet,
  type Way,
  type WayQuote,
  type Why,
  type WhyCode,
} from './types.ts';
