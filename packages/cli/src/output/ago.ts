const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago a moment was, in the unit that people would choose: `3 min ago`. */
export function agoText(sinceMs: number): string {
  if (sinceMs < minute) return "just now";
  if (sinceMs < hour) return `${Math.floor(sinceMs / minute)} min ago`;
  if (sinceMs < 2 * day) return `${Math.floor(sinceMs / hour)} h ago`;
  return `${Math.floor(sinceMs / day)} days ago`;
}
