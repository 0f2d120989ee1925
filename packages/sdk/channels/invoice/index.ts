/** Invoices for payments over hubs. */

export {
  type ChannelRoute,
  createInvoice,
  type Payer,
  type PayInvoiceOptions,
  payInvoice,
  type RouteHub,
  routeTo,
} from './pay.ts';
export {
  type ChannelInvoice,
  encodeInvoice,
  INVOICE_LIMITS,
  INVOICE_SCHEME,
  type InvoiceHub,
  parseInvoice,
} from './text.ts';
