/** A whole number for people, its digits in threes: `1,234,567`. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A number of things: `1 record`, `1,234 records`. */
export function countOf(count: number, one: string, more = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : more}`;
}

/** How many a second: a decimal for few of them, none for many. */
export function rateText(perSecond: number): string {
  return `${perSecond < 9.95 ? perSecond.toFixed(1) : countText(perSecond)}/s`;
}
