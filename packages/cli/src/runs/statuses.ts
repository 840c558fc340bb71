/** What a list of runs can be asked for by. */
export const listedStatuses = [
  "running",
  "success",
  "partial",
  "failed",
  "cancelled",
  "interrupted",
] as const;
