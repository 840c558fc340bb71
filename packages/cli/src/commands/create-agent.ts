import { addEntry } from "@atomic-agents/project";
import { join } from "node:path";
import { shellWord } from "../output/shell-word.ts";
import { shownPath } from "../output/shown-path.ts";
import { checkAgentType } from "../scaffold/agent-types.ts";
import { classNameOf, identifierOf } from "../scaffold/identifier.ts";
import { llmSettings, withSettings } from "../scaffold/llm-settings.ts";
import { openForWriting } from "../scaffold/open-for-writing.ts";
import { tellCreated } from "../scaffold/tell-created.ts";
import { templateFiles } from "../scaffold/template-files.ts";
import { writeSound } from "../scaffold/write-sound.ts";
import type { CommonOptions, Session } from "../terminal/session.ts";

/** Options of `atomic create agent`. */
export interface CreateAgentOptions extends CommonOptions {
  readonly config?: string;
  readonly type?: string;
  readonly model?: string;
  readonly temperature?: string;
}

/** `atomic create agent`: writes a module with an agent, its test, and the entry in the project's file. */
export async function createAgentCommand(
  name: string,
  options: CreateAgentOptions,
  session: Session,
): Promise<void> {
  const { type, model, temperature, config } = options;
  checkAgentType(type, { model, temperature });
  const { project, file } = await openForWriting("agent", name, config);
  const identifier = identifierOf(name);
  const settings = type === "llm" ? await llmSettings(project, { model, temperature }) : undefined;
  const files = new Map(
    [
      ...templateFiles(`create/agent/${type}`, {
        // Within quotes.
        ...(settings !== undefined && { "my-model": JSON.stringify(settings.model).slice(1, -1) }),
        "my-agent": name,
        myAgent: identifier,
        MyAgent: classNameOf(name),
      }),
    ].map(([path, text]) => [`agents/${path}`, settings === undefined ? text : withSettings(text, settings)]),
  );
  await writeSound({
    directory: project.directory,
    files,
    addEntry: () => addEntry(file, ["agents", name], `./agents/${name}.ts#${identifier}`),
  });
  const paths = [...files.keys()].map((path) => join(project.directory, path));
  const test = paths.find((path) => path.endsWith(".test.ts")) ?? "";
  await tellCreated(
    {
      kind: "agent",
      name,
      files: paths,
      entryIn: file,
      next: [
        `node --test ${shellWord(shownPath(test))}`,
        `npx atomic describe ${name}`,
        `npx atomic create flow <name> ${name}`,
      ],
    },
    options,
    session,
  );
}
