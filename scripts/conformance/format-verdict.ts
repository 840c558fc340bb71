import { behaviours } from "@atomic-agents/testing";
import type { Cell, Exception, Verdict } from "./run-conformance.ts";

/** A verdict as tables for people: surface × behaviour, and what has no occasion, failed or differs. */
export function formatVerdict(verdict: Verdict): string {
  const { surfaces, agents, outcomes, notApplicable, failures } = verdict;
  const lines = [
    `Of ${agents.length} agents: how many show a behaviour; n/a: have no occasion to; FAILED: do otherwise`,
    "",
  ];
  const heads = ["", ...surfaces.map(({ surface }) => surface)];
  const rows = behaviours.map(({ number, id }) => [
    `${String(number).padStart(2)}  ${id}`,
    ...surfaces.map(({ cells }) => cellText(cells[id])),
  ]);
  const rest = ["    nothing goes on afterwards", ...surfaces.map(({ unrest }) => unrest ?? "ok")];
  lines.push(...aligned([heads, ...rows, rest]));
  lines.push("", "Outcomes that are those of the function: output, or all that an error says", "");
  const ways = outcomes.map(({ way, compared, leftOut, differences }) => {
    const wrong = new Set(differences.map(({ agent, input }) => `${agent} ${JSON.stringify(input)}`)).size;
    const note = leftOut === 0 ? "" : `  (${leftOut} that it cannot bring to the agent)`;
    return [
      `    ${way}`,
      `${compared - wrong} of ${compared}${wrong === 0 ? "" : `, ${wrong} DIFFER`}${note}`,
    ];
  });
  lines.push(...aligned(ways));
  if (notApplicable.length > 0) lines.push("", "n/a", "", ...grouped(notApplicable));
  if (failures.length > 0) lines.push("", "FAILED", "");
  for (const { surface, agent, behaviour, detail } of failures) {
    lines.push(`    ${surface}, ${agent}: ${behaviour}: ${detail}`);
  }
  const differences = outcomes.flatMap((one) =>
    one.differences.map((difference) => ({ way: one.way, difference })),
  );
  if (differences.length > 0) lines.push("", "DIFFER", "");
  for (const { way, difference } of differences) {
    const { agent, input, part, expected, got } = difference;
    lines.push(
      `    ${way}, ${agent}, given ${shown(input)}: ${part}`,
      `        function  ${shown(expected)}`,
      `        ${way}  ${shown(got)}`,
    );
  }
  return lines.join("\n");
}

function cellText({ passed, notApplicable, failed }: Cell): string {
  const parts = [String(passed)];
  if (notApplicable > 0) parts.push(`${notApplicable} n/a`);
  if (failed > 0) parts.push(`${failed} FAILED`);
  return parts.join(", ");
}

/** Each reason once, with the surfaces and how many agents it is of. */
function grouped(exceptions: readonly Exception[]): readonly string[] {
  const found = new Map<string, { readonly surfaces: Set<string>; readonly agents: Set<string> }>();
  for (const { behaviour, detail, surface, agent } of exceptions) {
    const reason = `${behaviour}: ${detail}`;
    const group = found.get(reason) ?? { surfaces: new Set(), agents: new Set() };
    found.set(reason, group);
    group.surfaces.add(surface);
    group.agents.add(agent);
  }
  return [...found].map(([reason, { surfaces, agents }]) => {
    return `    ${reason} (${[...surfaces].join(", ")}; ${[...agents].join(", ")})`;
  });
}

const shownLength = 300;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  }
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd(),
  );
}
