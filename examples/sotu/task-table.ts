import type { AddressTasks } from "./tasks.ts";

const width = 110;

/** What became of the sample, an address each: its summary line, and the beginning of what its first task gave. */
export function taskTable(records: readonly AddressTasks[], model: string): string {
  const isSimulated = /^simulated(?:\/|$)/.test(model);
  const label = isSimulated
    ? "SIMULATED: no model was asked; the texts are made up from the schemas of the answers."
    : `By the model ${model}.`;
  const lines = records.map(({ id, summary, tasks }) => {
    const first = tasks[0]?.result.replaceAll(/\s+/g, " ") ?? "";
    const line = `${id}  ${summary}${first === "" ? "" : ` · ${first}`}`;
    return line.length > width ? `${line.slice(0, width - 1)}…` : line;
  });
  return [label, ...lines, ""].join("\n");
}
