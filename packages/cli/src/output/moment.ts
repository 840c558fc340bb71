/** A moment for people, by the clock on their wall: `2026-11-21 15:04:05`. */
export function momentText(timestampMs: number): string {
  const date = new Date(timestampMs);
  if (Number.isNaN(date.getTime())) return "";
  const two = (part: number) => String(part).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

/** The same where there is little room: `11-21 15:04`. */
export function shortMomentText(timestampMs: number): string {
  return momentText(timestampMs).slice("2026-".length, -":05".length);
}
