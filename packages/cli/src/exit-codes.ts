/** What the command's exit code says. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  deadLetters: 3,
  interrupted: 130,
  terminated: 143,
} as const;
