import { type Command, Option } from "commander";
import { projectTemplates } from "../scaffold/project-templates.ts";
import type { InitOptions } from "./init.ts";

/** `atomic init`. */
export function registerInit(program: Command): void {
  const names = Object.keys(projectTemplates);
  const width = Math.max(...names.map((name) => name.length));
  program
    .command("init")
    .summary("make a project in an empty folder")
    .description(
      "Makes a project that works: an agent, what runs it, sample data and tests. Writes nothing when the folder is not empty, and installs nothing.",
    )
    .argument("[folder]", "where; the current folder when absent", ".")
    .addOption(new Option("-t, --template <name>", "what it begins with").choices(names).default(names[0]))
    .addHelpText(
      "after",
      `
Templates:
${Object.entries(projectTemplates)
  .map(([name, what]) => `  ${name.padEnd(width)}  ${what}`)
  .join("\n")}

Examples:
  atomic init tickets
  atomic init --template pipeline
  npx atomic-agents init tickets    (where it is not installed)`,
    )
    .action(async (folder: string, _options, command: Command) => {
      const { initCommand } = await import("./init.ts");
      await initCommand(folder, command.optsWithGlobals<InitOptions>());
    });
}
