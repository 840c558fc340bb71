import { loadBuiltInAgents } from "@atomic-agents/project";
import { styleText } from "node:util";
import { toJsonText } from "../output/json.ts";
import { drawTable } from "../output/table.ts";
import { writeOutput } from "../output/write-output.ts";
import type { CommonOptions } from "../terminal/session.ts";

/** `atomic list`: the agents that come with the project. */
export async function listCommand(options: CommonOptions): Promise<void> {
  const agents = (await loadBuiltInAgents()).map(({ name, version, capabilities, description }) => ({
    name,
    version,
    capabilities,
    description,
  }));
  if (options.json === true) return writeOutput(toJsonText(agents), "-");
  const rows = {
    columns: ["NAME", "VERSION", "DESCRIPTION", "CAPABILITIES"],
    cells: agents.map(({ name, version, capabilities, description }) => [
      name,
      version,
      description,
      capabilities.join(", "),
    ]),
  };
  const table = drawTable(rows, {
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    heading: (text) => styleText("bold", text, { stream: process.stdout }),
  });
  await writeOutput(table, "-");
}
