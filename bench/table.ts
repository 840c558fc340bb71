import type { CheckResult } from "./check.ts";
import type { Row } from "./contender.ts";
import type { ImportCost } from "./import-cost.ts";
import type { Cost, Measurement, Slice } from "./measure.ts";
import { median, quantile } from "./statistics.ts";

const head = [
  "contender",
  "CPU ns/op",
  "q1..q3",
  "× (i)",
  "q1..q3",
  "× (ii)",
  "× (i), whole process",
  "bytes/op",
  "at most",
  "check",
];

export const tableHead = `| ${head.join(" | ")} |\n|---|${"--:|".repeat(head.length - 3)}---|---|`;

function integer(value: number): string {
  if (Number.isNaN(value)) return "–";
  const digits = value < 1_000 ? 0 : value < 10_000 ? -1 : -2;
  const rounded = Math.round(value * 10 ** digits) / 10 ** digits;
  return Math.round(rounded).toLocaleString("en-US");
}

function ratio(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function range(values: readonly number[], print: (value: number) => string): string {
  return `${print(quantile(values, 0.25))}..${print(quantile(values, 0.75))}`;
}

type Lane = keyof Slice;

function slicesOf(taken: readonly Measurement[]): readonly Slice[] {
  return taken.flatMap(({ slices }) => slices);
}

function costs(slices: readonly Slice[], lane: Lane, kind: keyof Cost): number[] {
  return slices.map((slice) => slice[lane][kind]);
}

/** Each slice of one lane over the neighbouring slice of another, in the same process. */
function ratios(slices: readonly Slice[], lane: Lane, over: Lane, kind: keyof Cost): number[] {
  return slices.map((slice) => slice[lane][kind] / slice[over][kind]);
}

interface LineOptions {
  readonly title: string;
  readonly lane: Lane;
  readonly limit: string;
  readonly check: string;
}

function line(taken: readonly Measurement[], { title, lane, limit, check }: LineOptions): string {
  const slices = slicesOf(taken);
  const ns = costs(slices, lane, "threadNs");
  const overSix = ratios(slices, lane, "sixParses", "threadNs");
  const cells = [
    title,
    integer(median(ns)),
    range(ns, integer),
    `**${ratio(median(overSix))}**`,
    range(overSix, ratio),
    ratio(median(ratios(slices, lane, "fourParses", "threadNs"))),
    ratio(median(ratios(slices, lane, "sixParses", "processNs"))),
    integer(median(taken.map(({ bytes }) => bytes[lane]))),
    limit,
    check,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The floors as they were beside all contenders. */
export function floorRows(all: readonly (readonly Measurement[])[]): readonly string[] {
  const taken = all.flat();
  return [
    line(taken, {
      title: "floor (i): plain async functions, six Zod parses",
      lane: "sixParses",
      limit: "",
      check: "refuses all",
    }),
    line(taken, {
      title: "floor (ii): the same, fused by hand to four",
      lane: "fourParses",
      limit: "",
      check: "",
    }),
  ];
}

function limitOf(row: Row, slices: readonly Slice[]): string {
  const { target } = row;
  if (target === undefined) return "";
  const parts: string[] = [];
  for (const [floor, sign] of [
    ["sixParses", "(i)"],
    ["fourParses", "(ii)"],
  ] as const) {
    const most = target[floor];
    if (most === undefined) continue;
    const got = median(ratios(slices, "contender", floor, "threadNs"));
    parts.push(`${most.toFixed(1)} × ${sign}: ${got <= most ? "held" : "**over**"}`);
  }
  return parts.join("; ");
}

export function rowLine(row: Row, taken: readonly Measurement[], check: CheckResult | undefined): string {
  const letThrough = check?.letThrough ?? [];
  const verdict = letThrough.length === 0 ? "refuses all" : `**lets through ${letThrough.join(", ")}**`;
  return line(taken, {
    title: row.title,
    lane: "contender",
    limit: limitOf(row, slicesOf(taken)),
    check: row.checkedBy === undefined ? verdict : `${row.checkedBy}: ${verdict}`,
  });
}

export function importLines([cost, ...peers]: readonly ImportCost[]): string {
  if (cost === undefined) return "";
  const { specifier, medianMs, lowerQuartileMs, upperQuartileMs, bareMedianMs, rounds, runtimeDependencies } =
    cost;
  const atMost = 15;
  const beside = peers.map(
    (peer) =>
      `\`import "${peer.specifier}"\` ${peer.medianMs.toFixed(1)} ms (${(medianMs / peer.medianMs).toFixed(2)} of it)`,
  );
  return (
    `\`import "${specifier}"\` costs ${medianMs.toFixed(1)} ms CPU (q1..q3 ${lowerQuartileMs.toFixed(1)}..${upperQuartileMs.toFixed(1)}) ` +
    `over bare Node's ${bareMedianMs.toFixed(1)} ms, median of ${rounds} rounds; at most ${atMost} ms: ${medianMs <= atMost ? "held" : "**over**"}. ` +
    `In the same rounds ${beside.join(", ")}. ` +
    `Runtime dependencies: ${runtimeDependencies.length} (${runtimeDependencies.join(", ") || "none"}).`
  );
}
