import { redactText } from "@atomic-agents/core";

const shownLength = 100;

/** What a caller's own header says, as the answer to it may repeat it: escaped, not much of it, and no known secret. */
export function shownHeader(value: string | undefined): string {
  if (value === undefined || value === "") return "none";
  const text = redactText(value);
  return JSON.stringify(text.length > shownLength ? `${text.slice(0, shownLength)}…` : text);
}
