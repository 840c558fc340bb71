import { AtomicError } from "@atomic-agents/core";
import type { Project } from "@atomic-agents/project";
import { UsageError } from "../usage-error.ts";

/** What an agent that is a language model begins with. */
export interface LlmSettings {
  readonly model: string;
  /** Undefined where the provider's own is kept. */
  readonly temperature: number | undefined;
}

/** The settings that a user gave, or what the project has. @throws UsageError for a model that nobody knows, and no temperature */
export async function llmSettings(
  project: Project,
  { model, temperature }: { readonly model?: string | undefined; readonly temperature?: string | undefined },
): Promise<LlmSettings> {
  if (model !== undefined) await checkKnown(project, model);
  return { model: model ?? (await defaultOf(project)), temperature: temperatureOf(temperature) };
}

/** The template's text with the settings in it. */
export function withSettings(text: string, { temperature }: LlmSettings): string {
  const line = "  settings: { temperature: 0.7 },\n";
  return text.replace(line, temperature === undefined ? "" : line.replace("0.7", String(temperature)));
}

/** A model whose key is missing here may well be there where it is run. */
async function checkKnown(project: Project, model: string): Promise<void> {
  try {
    await project.models().resolve(model);
  } catch (error) {
    if (!AtomicError.isInstance(error, "CONFIG") || error.details.path !== "its id") return;
    throw new UsageError(`There is no model ${JSON.stringify(model)}`, {
      where: "--model",
      expected: error.details.expected,
      got: model,
      hint: "A server of your own stands under models.endpoints in the project's file.",
    });
  }
}

async function defaultOf(project: Project): Promise<string> {
  try {
    await project.models().resolve("default");
    return "default";
  } catch (error) {
    // It is said which, but it cannot be asked from here.
    const isNamed =
      !AtomicError.isInstance(error, "CONFIG") || error.details.path !== "models.aliases.default";
    return isNamed ? "default" : "simulated";
  }
}

function temperatureOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const number = /^\d+(?:\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
  if (number >= 0 && number <= 2) return number;
  throw new UsageError("The temperature is a number", {
    where: "--temperature",
    expected: "a number from 0 to 2",
    got: given,
  });
}
