import { checkProject, formatOfName, openProject, type Problem, withEntry } from "@atomic-agents/project";
import { existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
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
import { UsageError } from "../usage-error.ts";

/** Options of `atomic create flow`. */
export interface CreateFlowOptions extends CommonOptions {
  readonly config?: string;
  readonly source?: string;
  readonly sink?: string;
  /** JSON. */
  readonly example?: string;
  /** Milliseconds. */
  readonly loadTimeout?: number;
}

/** `atomic create flow`: writes a flow file, its test, and unless a source is named a record to try it on. */
export async function createFlowCommand(
  name: string,
  agentNames: readonly string[],
  options: CreateFlowOptions,
  session: Session,
): Promise<void> {
  checkSource(options);
  checkSink(options);
  const writable = await openForWriting("flow", name, options.config);
  const { project, file } = writable;
  const loading = { moduleTimeoutMs: options.loadTimeout, signal: session.interruption.signal };
  const agents = await knownAgents(agentNames, writable, { ...loading, timeoutMs: options.loadTimeout });
  const warnings = checkFit(agents);

  const { directory } = project;
  const source = options.source === undefined ? undefined : pathIn(directory, options.source);
  const sink = options.sink === undefined ? `out/${name}.jsonl` : sinkOf(directory, options.sink);
  const example = source === undefined ? await exampleFor(agents, options.example) : undefined;
  const ownSource = `data/${name}.jsonl`;
  const stages = stageEntries(agentNames).map((stage) => ({
    ...(typeof stage === "string" ? { agent: stage } : stage),
    // What an agent cannot take shall not end the whole flow.
    onError: "dead-letter",
  }));

  const flowFile = `flows/${name}.flow.yaml`;
  const files = new Map(
    [...templateFiles("create/flow", { "my-flow": name })].map(([path, text]) => [`flows/${path}`, text]),
  );
  const design = Object.entries({ source: source ?? ownSource, stages, sink });
  files.set(
    flowFile,
    design.reduce((text, [key, value]) => withEntry(text, [key], value, "yaml"), files.get(flowFile) ?? ""),
  );
  if (example !== undefined) files.set(ownSource, `${toJsonText(example)}\n`);

  await writeSound({
    directory,
    files,
    check: async () => {
      const problems = await checkProject(await openProject({ directory, config: file }), {
        flow: name,
        ...loading,
      });
      return source !== undefined && /\.[ct]sv(?:\.gz)?$/i.test(source) ? problems.map(ofTexts) : problems;
    },
  });
  const paths = [...files.keys()].map((path) => join(directory, path));
  const test = paths.find((path) => path.endsWith(".test.ts")) ?? "";
  await tellCreated(
    {
      kind: "flow",
      name,
      files: paths,
      warnings,
      next: [
        `node --test ${shellWord(shownPath(test))}`,
        `npx atomic run ${shellWord(shownPath(join(directory, flowFile)))}`,
      ],
    },
    options,
    session,
  );
}

/** An agent that takes none of the rows mostly asks for numbers: the flow file can say so, the options cannot. */
function ofTexts(problem: Problem): Problem {
  if (problem.code !== "fit") return problem;
  const hint =
    "The fields of CSV are texts unless the flow file says `types`. Nothing was written: leave --source out, and write the source and its types into the flow file afterwards.";
  return { ...problem, hint };
}

function checkSource({ source, example }: CreateFlowOptions): void {
  if (source !== undefined && example !== undefined) {
    throw new UsageError("The records were given twice: with --source, and with --example", {
      expected: "one of them; an example becomes the first record of a new file",
      got: "both",
    });
  }
  if (source === undefined) return;
  if (source !== "-" && !/^[a-z][a-z0-9+.-]+:/i.test(source)) {
    // What a pattern finds is for the check to judge.
    if (existsSync(source) || /[*?[{(]/.test(source)) return;
    throw new UsageError(`There is no file ${JSON.stringify(source)}`, {
      where: "--source",
      expected: "the path of a file, or a pattern of paths such as 'data/*.jsonl'",
      got: source,
      hint: `Nothing was written. It is looked for in ${resolve(dirname(source))}.`,
    });
  }
  throw new UsageError("A new flow reads a file", {
    where: "--source",
    expected: "the path of a file, or a pattern of paths such as 'data/*.jsonl'",
    got: source,
    hint: "Leave --source out, and change the source in the flow file afterwards.",
  });
}

function checkSink({ sink }: CreateFlowOptions): void {
  if (sink === undefined || sink === "-" || /\.parquet$/i.test(sink)) return;
  const isFolder = existsSync(sink) && statSync(sink).isDirectory();
  if (!isFolder && formatOfName(sink) !== undefined) return;
  throw new UsageError(
    `${JSON.stringify(sink)} ${isFolder ? "is a folder" : "does not say how records are to stand in it"}`,
    {
      where: "--sink",
      expected: "a path that ends in .jsonl, .json, .csv, .tsv, .txt or .parquet, or - for standard output",
      got: sink,
      hint: "Nothing was written. Any other name goes with a format in the flow file, afterwards.",
    },
  );
}

function sinkOf(directory: string, sink: string): string | { readonly stdout: true } {
  return sink === "-" ? { stdout: true } : pathIn(directory, sink);
}

/** A path as flow files have it: relative to the project's folder, with slashes. One outside stays for the check to judge. */
function pathIn(directory: string, path: string): string {
  const absolute = resolve(path);
  const way = relative(directory, absolute);
  const isInside = way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  return isInside ? way.replaceAll(sep, "/") : absolute;
}
