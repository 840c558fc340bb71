import { type Command, Option } from "commander";
import { formatOption, outputOption, timeoutOption } from "../command-options.ts";
import { parseCount } from "../parse-options.ts";
import type { Session } from "../terminal/session.ts";
import type { ProcessTextOptions } from "./process-text.ts";

/** What `text-processor` can do; a test compares it with the agent. */
export const textOperations = ["summarize", "extract_keywords", "sentiment", "language"] as const;

/** `atomic process-text`. */
export function registerProcessText(program: Command, session: Session): void {
  program
    .command("process-text")
    .summary("summarize a text, or find its keywords, sentiment or language")
    .description("Processes a text of at most 10,000 characters with the agent text-processor.")
    .addOption(
      new Option("--operation <operation>", "what to do").choices(textOperations).makeOptionMandatory(),
    )
    .option("--text <text>", "the text")
    .option("--file <path>", "a file with the text, or - for standard input")
    .option("--max-sentences <count>", "the length of a summary (only of summarize)", parseCount)
    .option("--max-keywords <count>", "how many keywords (only of extract_keywords)", parseCount)
    .addOption(outputOption())
    .addOption(formatOption())
    .addOption(timeoutOption())
    .addHelpText(
      "after",
      `
Examples:
  atomic process-text --operation sentiment --text "I love it."
  atomic process-text --operation summarize --max-sentences 2 --file article.txt`,
    )
    .action(async (_options, command: Command) => {
      const { processTextCommand } = await import("./process-text.ts");
      await processTextCommand(command.optsWithGlobals<ProcessTextOptions>(), session);
    });
}
