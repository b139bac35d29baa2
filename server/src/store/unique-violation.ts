/** Whether a statement failed because what it writes is there already. The driver's own error may be wrapped. */
export function isUniqueViolation(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ((error as { code?: unknown }).code === '23505') return true;
  }
  return false;
}
