import { ProjectError } from "@atomic-agents/project";
import { CommandFailure } from "../command-failure.ts";
import { exitCodes } from "../exit-codes.ts";
import { problemLines } from "../output/problem-lines.ts";
import { problemCounts } from "../output/problem-text.ts";
import type { CommonOptions, Session } from "../terminal/session.ts";

/**
 * Does something with a project, and shows what is wrong in its files where that is why it cannot be done.
 *
 * @throws CommandFailure in the place of a ProjectError
 */
export async function showProblems<TResult>(
  directory: string,
  { json = false }: CommonOptions,
  { status }: Session,
  work: () => Promise<TResult>,
): Promise<TResult> {
  try {
    return await work();
  } catch (error) {
    // Programs get it as it is.
    if (json || !ProjectError.isProjectError(error)) throw error;
    const { problems } = error;
    status.writeLine(`${problemLines(problems, directory, process.stderr)}\n\n${problemCounts(problems)}`);
    throw new CommandFailure(undefined, exitCodes.usage);
  }
}
