import type { Fit } from "@atomic-agents/contracts/fit";
import { inspect } from "node:util";

/** A value on one line, also where JSON cannot carry it. */
function shown(value: unknown): string {
  return inspect(value, {
    depth: 8,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 200,
    maxArrayLength: 20,
  });
}

function linesOf(fit: Fit): readonly (readonly [string, string])[] {
  switch (fit.verdict) {
    case "always":
      return [];
    case "sometimes":
      return [
        ["why", fit.why],
        ["passes", shown(fit.passes)],
        ["fails", shown(fit.fails)],
      ];
    case "never":
      return [["why", fit.why], ...("example" in fit ? [["example", shown(fit.example)] as const] : [])];
    case "unknown":
      return [
        ["why", fit.why],
        ["keyword", fit.keyword],
      ];
  }
}

/** The verdict for a person: whether one agent fits after another, and by which values that is seen. */
export function fitText(name: string, after: string, fit: Fit): string {
  const lines = linesOf(fit).map(([label, text]) => `  ${`${label}:`.padEnd(9)}${text}`);
  return [`${name} after ${after}: ${fit.verdict}`, ...lines].join("\n");
}

/** The verdict for a program. Numbers that JSON does not have become text. */
export function fitJsonText(name: string, after: string, fit: Fit): string {
  const carried = (_: string, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  return JSON.stringify({ agent: name, after, ...fit }, carried);
}
