import { AtomicError } from "@atomic-agents/core";
import { UsageError } from "../usage-error.ts";

const unreadable = "the user that runs the service may not read it";

/** Why a file cannot be opened, by the system's word for it. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: unreadable,
  EPERM: unreadable,
};

/**
 * Why the tokens of a service cannot be used, as a command line says it; never what they are.
 *
 * @param file what `--token-file` was given
 */
export function tokenFailure(error: unknown, file: string | undefined): unknown {
  if (!AtomicError.isInstance(error, "CONFIG")) return error;
  const { path, expected } = error.details;
  const isOwnVariable = error.message.includes("the environment variable ATOMIC_TOKEN");
  const where =
    file !== undefined ? "--token-file" : isOwnVariable ? "ATOMIC_TOKEN" : "settings.serve.tokens";
  const parts = { where, expected, got: unquoted(error.details.got), hint: hintOf(error), cause: error };
  const code = codeOf(error.cause);
  if (expected === "a readable file") {
    const isMissing = reasons[code] === reasons["ENOENT"];
    return new UsageError(`The tokens in ${path} cannot be read: ${reasons[code] ?? parts.got}`, {
      ...parts,
      expected: "a text file of tokens, or of a JSON list of them",
      got: undefined,
      hint: isMissing ? "Make one: (umask 077; openssl rand -hex 32 > token)" : undefined,
    });
  }
  const [, source, index, member = "value"] =
    /^(the .*?)(?:\[(\d+)\](?:\.(\w+)(?:\[\d+\])?)?)?$/.exec(path) ?? [];
  // Of a key that no token has the message says where it is.
  if (source === undefined) return new UsageError(error.message.replace(/^\w+: /, ""), parts);
  const what = index === undefined ? `T${source.slice(1)}` : `Token ${Number(index) + 1} in ${source}`;
  return new UsageError(`${what}${member === "value" ? "" : `: ${member}`} must be ${expected}`, parts);
}

/** What speaks to who writes a program is left out. */
function hintOf({ hint }: AtomicError): string | undefined {
  return hint?.includes("openssl") === true ? hint : undefined;
}

function unquoted(got: string): string {
  // What `configError` has made of a text.
  return got.startsWith('"') ? String(JSON.parse(got)) : got;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
