import { closest } from "../closest.ts";
import type { ProblemParts } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import type { ModelsOfFile } from "../schemas/project-file.ts";
import { missingSecret, type SecretSources } from "../project/read-secret.ts";
import { urlProblem } from "../project/url-problem.ts";

/** A model as it is named at a place. */
export interface NamedModel {
  readonly id: string;
  readonly path: TextPath;
}

/** What models are looked at with. */
export interface ModelsToCheck {
  readonly models: ModelsOfFile;
  /** Where agents name models besides. */
  readonly named: readonly NamedModel[];
  readonly sources: SecretSources;
  readonly report: (path: TextPath, parts: ProblemParts) => void;
}

/** Looks at the models of a project's file: names that nobody has, addresses, and keys that are missing. */
export async function checkModels({ models, named, sources, report }: ModelsToCheck): Promise<void> {
  const { aliases = {}, endpoints = {}, override } = models;
  const { keyVariables } = await import("@atomic-agents/llm");
  const providers: ReadonlyMap<string, string> = new Map(Object.entries(keyVariables));

  for (const [name, { baseUrl }] of Object.entries(endpoints)) {
    const path = ["models", "endpoints", name];
    if (name === "simulated") {
      const message = `An endpoint cannot have the name "simulated": that is the model that answers offline`;
      report(path, { code: "wrong-value", message, hint: "Give it another name.", of: "key" });
    }
    const wrong = baseUrl === undefined ? undefined : urlProblem(baseUrl);
    if (wrong !== undefined) report([...path, "baseUrl"], wrong);
    if (baseUrl === undefined && !providers.has(name)) {
      report(path, {
        code: "missing-key",
        message: `The endpoint ${JSON.stringify(name)} has no baseUrl`,
        hint: "Say where it is, such as baseUrl: http://localhost:11434/v1.",
        of: "key",
      });
    }
  }

  const inAliases = Object.entries(aliases).flatMap(([name, choice]) =>
    placesOf(choice, ["models", "aliases", name]),
  );
  const inOverride = override === undefined ? [] : [{ id: override, path: ["models", "override"] }];
  const isAlias = (id: string): boolean => Object.hasOwn(aliases, id);
  const isUsed = override === undefined;
  for (const { id, path, mayBeAlias } of [
    ...inAliases.map((place) => ({ ...place, mayBeAlias: false })),
    ...[...inOverride, ...named].map((place) => ({ ...place, mayBeAlias: true })),
  ]) {
    if (mayBeAlias && (isAlias(id) || id === "default")) continue;
    const [place = "", rest = ""] = splitOnce(id);
    if (place === "simulated") continue;
    if (rest === "" || !(providers.has(place) || Object.hasOwn(endpoints, place))) {
      report(
        path,
        unknownModel(id, {
          aliases: mayBeAlias ? Object.keys(aliases) : [],
          places: [...providers.keys(), ...Object.keys(endpoints)],
        }),
      );
      continue;
    }
    const variable = providers.get(place);
    const hasOwnKey = Object.hasOwn(endpoints, place) && endpoints[place]?.apiKey !== undefined;
    // Of an endpoint's own key it is said where that stands; what is overridden is not asked.
    if (variable === undefined || hasOwnKey || (!isUsed && path[1] !== "override")) continue;
    const missing = missingSecret({ env: variable }, sources);
    if (missing !== undefined) report(path, { ...missing, severity: "warning" });
  }
}

/** The models of a choice, each with its place. */
export function placesOf(choice: string | readonly string[], path: TextPath): readonly NamedModel[] {
  if (typeof choice === "string") return [{ id: choice, path }];
  return choice.map((id, index) => ({ id, path: [...path, index] }));
}

function splitOnce(id: string): readonly string[] {
  const slash = id.indexOf("/");
  return slash < 0 ? [id] : [id.slice(0, slash), id.slice(slash + 1)];
}

function unknownModel(
  id: string,
  { aliases, places }: { readonly aliases: readonly string[]; readonly places: readonly string[] },
): ProblemParts {
  const [place = "", rest = ""] = splitOnce(id);
  const known = [...new Set(places)];
  const near = closest(place, rest === "" ? [...aliases, "simulated"] : known);
  const forms = [...known.map((name) => `${name}/…`), "simulated", ...aliases];
  return {
    code: "unknown-name",
    message: `There is no model ${JSON.stringify(id)}`,
    hint:
      near === undefined
        ? `Models are called ${forms.join(", ")}; a server of your own stands under models.endpoints.`
        : `Did you mean ${JSON.stringify(rest === "" ? near : `${near}/${rest}`)}?`,
  };
}
