/** The registry of operating errors: codes, their values, and what follows from them. */

export type { DataOf, ErrorCode, ErrorData, ErrorDataByCode, ErrorValue, OperatingErrorCode } from './data.ts';
export { asRollupError, invariantBroken, isPassing, isRollupError, RollupError } from './error.ts';
export { isRecordErrorCode, RECORD_ERROR_CODES, type RecordErrorCode } from './record-codes.ts';
export { ERRORS, type ErrorRow, ExitCode, isErrorCode, RpcNumber } from './table.ts';
