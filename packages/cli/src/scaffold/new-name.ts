import type { Project } from "@atomic-agents/project";
import { UsageError } from "../usage-error.ts";

/** What can be created. */
export type NewKind = "agent" | "pipeline" | "flow";

const pattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const maxLength = 64;
/** What YAML, objects or Windows take for something else. */
const reserved =
  /^(true|false|null|yes|no|on|off|y|n|constructor|prototype|con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/**
 * Checks the name of something new: its form, and that nothing in the project or among the built-in agents has it.
 *
 * @throws UsageError
 */
export function checkNewName(
  kind: NewKind,
  name: string,
  project: Pick<Project, "agents" | "pipelines" | "flows">,
  builtIn: readonly string[],
): void {
  if (!pattern.test(name) || name.length > maxLength) {
    const near = suggestion(name);
    throw new UsageError(`${JSON.stringify(name)} is no name for ${article(kind)}`, {
      where: "name",
      expected: `small letters and digits, with hyphens between words, at most ${maxLength}, the first a letter`,
      got: name,
      hint: near === undefined ? undefined : `Did you mean ${near}?`,
    });
  }
  if (reserved.test(name)) {
    throw new UsageError(`The name ${name} means something else to YAML, to JavaScript or to Windows`, {
      where: "name",
      expected: "another name",
      got: name,
      hint: `Did you mean ${name}-${kind}?`,
    });
  }
  const owner = ownerOf(name, project, builtIn);
  if (owner === undefined) return;
  throw new UsageError(`There is ${owner} ${name} already`, {
    where: "name",
    expected: "a name that nothing in the project has, nor a built-in agent",
    got: name,
    hint: "atomic list shows the names that there are.",
  });
}

function ownerOf(
  name: string,
  { agents, pipelines, flows }: Pick<Project, "agents" | "pipelines" | "flows">,
  builtIn: readonly string[],
): string | undefined {
  if (agents.has(name)) return "an agent";
  if (pipelines.has(name)) return "a pipeline";
  if (flows.has(name)) return "a flow";
  return builtIn.includes(name) ? "a built-in agent" : undefined;
}

function article(kind: NewKind): string {
  return kind === "agent" ? "an agent" : `a ${kind}`;
}

/** `FindLinks` and `find links` were meant as `find-links`. */
function suggestion(name: string): string | undefined {
  const near = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/(?<small>[a-z0-9])(?<large>[A-Z])/g, "$<small>-$<large>")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[-0-9]+|-+$/g, "")
    .slice(0, maxLength);
  return pattern.test(near) && !reserved.test(near) ? near : undefined;
}
