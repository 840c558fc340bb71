import { Argument, type Command } from "commander";
import { loadTimeoutOption } from "../command-options.ts";
import { agentTypeLines } from "../scaffold/agent-types.ts";
import type { Session } from "../terminal/session.ts";
import type { CreateAgentOptions } from "./create-agent.ts";
import type { CreateFlowOptions } from "./create-flow.ts";
import type { CreatePipelineOptions } from "./create-pipeline.ts";
import { configOption } from "./project-options.ts";

const nameHelp = "small letters, digits and hyphens, as in find-links";
const agentsHelp = "names of agents, in the order in which they work";

/** `atomic create`. */
export function registerCreate(program: Command, session: Session): void {
  const create = program
    .command("create")
    .summary("add an agent, a pipeline or a flow to the project")
    .description(
      "Writes files that work, with a test, into the project of the current folder. Never overwrites, and writes all or nothing.",
    );
  registerCreateAgent(create, session);
  registerCreatePipeline(create, session);
  registerCreateFlow(create, session);
}

function registerCreateAgent(create: Command, session: Session): void {
  create
    .command("agent")
    .summary("write an agent and its test")
    .description("Writes agents/<name>.ts, its test, and an entry in atomic.yaml.")
    .addArgument(new Argument("<name>", nameHelp))
    .option("-t, --type <type>", "what it begins as, see below")
    .option(
      "--model <model>",
      "the model, for --type llm, such as openai/gpt-5-mini (default: the project's default, or simulated)",
    )
    .option("--temperature <number>", "the model's temperature, for --type llm")
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Types:
${agentTypeLines().join("\n")}

Examples:
  atomic create agent find-links --type text
  atomic create agent running-mean --type class
  atomic create agent sum-up --type llm --model openai/gpt-5-mini --temperature 0.2`,
    )
    .action(async (name: string, _options, command: Command) => {
      const { createAgentCommand } = await import("./create-agent.ts");
      await createAgentCommand(name, command.optsWithGlobals<CreateAgentOptions>(), session);
    });
}

function registerCreatePipeline(create: Command, session: Session): void {
  create
    .command("pipeline")
    .summary("put agents one after the other")
    .description(
      "Writes an entry in atomic.yaml, a test, and an input to try it on. Refuses agents of which one takes nothing that the one before it gives.",
    )
    .addArgument(new Argument("<name>", nameHelp))
    .addArgument(new Argument("<agents...>", agentsHelp))
    .option("--example <json>", "an input of the first agent (default: one that its schema takes)")
    .addOption(configOption())
    .addOption(loadTimeoutOption())
    .addHelpText("after", "\nExample:\n  atomic create pipeline triage clean-text classify")
    .action(async (name: string, agents: readonly string[], _options, command: Command) => {
      const { createPipelineCommand } = await import("./create-pipeline.ts");
      await createPipelineCommand(name, agents, command.optsWithGlobals<CreatePipelineOptions>(), session);
    });
}

function registerCreateFlow(create: Command, session: Session): void {
  create
    .command("flow")
    .summary("let records of a file go through agents")
    .description(
      "Writes flows/<name>.flow.yaml and its test, and a record to try it on unless a source is named. Refuses agents of which one takes nothing that the one before it gives.",
    )
    .addArgument(new Argument("<name>", nameHelp))
    .addArgument(new Argument("<agents...>", agentsHelp))
    .option("--source <path>", "the file to read, or a pattern of files (default: a new data/<name>.jsonl)")
    .option("--sink <path>", "the file to write, or - for standard output (default: out/<name>.jsonl)")
    .option("--example <json>", "the first record of a new source (default: one that the first agent takes)")
    .addOption(configOption())
    .addOption(loadTimeoutOption())
    .addHelpText(
      "after",
      `
Examples:
  atomic create flow articles clean-text summarize
  atomic create flow tickets classify --source 'data/tickets-*.csv' --sink out/tickets.jsonl`,
    )
    .action(async (name: string, agents: readonly string[], _options, command: Command) => {
      const { createFlowCommand } = await import("./create-flow.ts");
      await createFlowCommand(name, agents, command.optsWithGlobals<CreateFlowOptions>(), session);
    });
}
