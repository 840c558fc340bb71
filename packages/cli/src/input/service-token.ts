import { Secret } from "@atomic-agents/core";
import { UsageError } from "../usage-error.ts";
import { readTextFile } from "./read-bytes.ts";

/** The variable of the environment that holds a token. */
const variable = "ATOMIC_TOKEN";

/**
 * The token for a service: of a file, or else of the environment; undefined when there is none. On a command line it
 * would be seen by everybody who lists processes, and kept by the shell.
 *
 * @throws UsageError when the file cannot be read, or holds no token
 */
export async function serviceToken(
  file: string | undefined,
  signal: AbortSignal,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Secret | undefined> {
  const isFile = file !== undefined;
  const text = isFile ? await readTextFile(file, signal) : (env[variable] ?? "");
  const token = text.trim();
  if (token === "" && !isFile) return undefined;
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(`${isFile ? file : variable} holds no token`, {
      where: isFile ? "--token-file" : variable,
      expected: "one token, of visible ASCII characters",
      got: token === "" ? "nothing" : "something else",
    });
  }
  return new Secret(token, "token of a service");
}
