import { resolve } from "node:path";
import { type ServiceToken, tokensFromEnvironment, tokensFromFile } from "@atomic-agents/http";
import type { Project } from "@atomic-agents/project";

/** The variable that callers have their token in, too. */
const variable = "ATOMIC_TOKEN";

/**
 * The tokens that a service asks for: of a file, or else of the environment, or else of where the project's settings
 * say; undefined when there are none. On a command line they would be seen by everybody who lists processes.
 *
 * @throws AtomicError `CONFIG` where they cannot be read, or are none that a service takes; never says what they are
 */
export function tokensOfService(
  file: string | undefined,
  { directory, settings }: Pick<Project, "directory" | "settings">,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly ServiceToken[] | undefined {
  if (file !== undefined) return tokensFromFile(file);
  if ((environment[variable] ?? "").trim() !== "") return tokensFromEnvironment(variable, { environment });
  const { tokens } = settings.serve;
  if (tokens === undefined) return undefined;
  return "env" in tokens
    ? tokensFromEnvironment(tokens.env, { environment })
    : tokensFromFile(resolve(directory, tokens.secretFile));
}
