import type { Command } from "commander";

/** What an argument that is missing would have been, as help describes it; or the values of an option, where they are few. */
export function missingValue(called: Command, { code, message }: Missing): string | undefined {
  const name = /'(?<name>.+)'/.exec(message)?.groups?.["name"];
  if (code === "commander.missingArgument") {
    return textOf(called.registeredArguments.find((one) => one.name() === name)?.description);
  }
  if (code !== "commander.optionMissingArgument" && code !== "commander.missingMandatoryOptionValue") {
    return undefined;
  }
  for (let one: Command | null = called; one !== null; one = one.parent) {
    const option = one.options.find(({ flags }) => flags === name);
    if (option?.argChoices !== undefined) return `one of ${option.argChoices.join(", ")}`;
  }
  return undefined;
}

/** What Commander says. */
interface Missing {
  readonly code: string;
  readonly message: string;
}

function textOf(description: string | undefined): string | undefined {
  return description === "" ? undefined : description;
}
