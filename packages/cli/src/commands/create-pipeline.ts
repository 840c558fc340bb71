import { addEntry } from "@atomic-agents/project";
import { join } from "node:path";
import { toJsonText } from "../output/json.ts";
import { shellWord } from "../output/shell-word.ts";
import { shownPath } from "../output/shown-path.ts";
import { checkFit } from "../scaffold/check-fit.ts";
import { exampleFor } from "../scaffold/example-for.ts";
import { knownAgents } from "../scaffold/known-agents.ts";
import { openForWriting } from "../scaffold/open-for-writing.ts";
import { stageEntries } from "../scaffold/stage-entries.ts";
import { tellCreated } from "../scaffold/tell-created.ts";
import { templateFiles } from "../scaffold/template-files.ts";
import { writeSound } from "../scaffold/write-sound.ts";
import type { CommonOptions, Session } from "../terminal/session.ts";

/** Options of `atomic create pipeline`. */
export interface CreatePipelineOptions extends CommonOptions {
  readonly config?: string;
  /** JSON. */
  readonly example?: string;
  /** Milliseconds. */
  readonly loadTimeout?: number;
}

/** `atomic create pipeline`: writes an entry into the project's file, a test, and an input to try it on. */
export async function createPipelineCommand(
  name: string,
  agentNames: readonly string[],
  options: CreatePipelineOptions,
  session: Session,
): Promise<void> {
  const writable = await openForWriting("pipeline", name, options.config);
  const { project, file } = writable;
  const loading = { timeoutMs: options.loadTimeout, signal: session.interruption.signal };
  const agents = await knownAgents(agentNames, writable, loading);
  const warnings = checkFit(agents);
  const example = await exampleFor(agents, options.example);

  const files = new Map(
    [
      ...templateFiles("create/pipeline", { "my-pipeline": name }),
      [`${name}.examples.jsonl`, `${toJsonText(example)}\n`] as const,
    ].map(([path, text]) => [`pipelines/${path}`, text]),
  );
  await writeSound({
    directory: project.directory,
    files,
    addEntry: () => addEntry(file, ["pipelines", name], { stages: stageEntries(agentNames) }),
  });
  const paths = [...files.keys()].map((path) => join(project.directory, path));
  const test = paths.find((path) => path.endsWith(".test.ts")) ?? "";
  await tellCreated(
    {
      kind: "pipeline",
      name,
      files: paths,
      entryIn: file,
      warnings,
      next: [
        `node --test ${shellWord(shownPath(test))}`,
        `npx atomic run ${name} --input ${shellWord(toJsonText(example))}`,
      ],
    },
    options,
    session,
  );
}
