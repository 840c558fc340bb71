import { UsageError } from "../usage-error.ts";

/** What an agent can begin as. Each is a folder in `templates/create/agent`. */
export const agentTypes = {
  function: { what: "its work is a function", settings: [] },
  class: { what: "a class, for work that keeps something from run to run", settings: [] },
  text: { what: "text in, text out", settings: [] },
  llm: { what: "a language model, whose answers are checked", settings: ["model", "temperature"] },
} as const satisfies Readonly<Record<string, AgentType>>;
export type AgentTypeName = keyof typeof agentTypes;

interface AgentType {
  readonly what: string;
  /** Which options of `create agent` it has. */
  readonly settings: readonly AgentSetting[];
}

/** What some types of agents are told when they are created. */
export type AgentSetting = "model" | "temperature";

/** The types as lines of help. */
export function agentTypeLines(): readonly string[] {
  const width = Math.max(...Object.keys(agentTypes).map((name) => name.length));
  return Object.entries(agentTypes).map(([name, { what }]) => `  ${name.padEnd(width)}  ${what}`);
}

/** @throws UsageError for a type that there is not, and for settings that it does not have */
export function checkAgentType(
  name: string | undefined,
  settings: Readonly<Partial<Record<AgentSetting, string | undefined>>>,
): asserts name is AgentTypeName {
  const names = Object.keys(agentTypes);
  const type: AgentType | undefined = Object.entries(agentTypes).find(([one]) => one === name)?.[1];
  if (type === undefined) {
    throw new UsageError(
      name === undefined ? "The agent needs a type" : `There is no agent type ${JSON.stringify(name)}`,
      {
        where: "--type",
        expected: `one of ${names.join(", ")}`,
        got: name ?? "none",
        hint: "atomic create agent --help says what each is.",
      },
    );
  }
  for (const setting of ["model", "temperature"] as const) {
    if (settings[setting] === undefined || type.settings.includes(setting)) continue;
    const having = Object.entries<AgentType>(agentTypes)
      .filter(([, other]) => other.settings.includes(setting))
      .map(([one]) => one);
    throw new UsageError(`An agent of type ${name} has no ${setting}`, {
      where: `--${setting}`,
      expected:
        having.length === 0
          ? `no --${setting}: none of the types (${names.join(", ")}) asks a model`
          : `--type ${having.join(" or ")}`,
      got: `--${setting} ${settings[setting]}`,
    });
  }
}
