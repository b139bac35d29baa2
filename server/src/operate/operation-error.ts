/** An end in words: what happened, and what to do about it. */
export class OperationError extends Error {
  override readonly name = 'OperationError';

  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}
