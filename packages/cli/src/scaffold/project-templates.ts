import { templateFiles } from "./template-files.ts";

/** What a project can begin with, the default first. Each is a folder in `templates/init`, a project of its own. */
export const projectTemplates = {
  flow: "an agent, and a flow of records through it, from file to file",
  pipeline: "two agents one after the other, without files",
  minimal: "nothing but what every project has",
} as const;
export type ProjectTemplate = keyof typeof projectTemplates;

/** A template's files for a project of this name: their texts by their paths. */
export function readTemplate(template: ProjectTemplate, name: string): ReadonlyMap<string, string> {
  return templateFiles(`init/${template}`, { "my-project": name });
}
