import { flow, type Flow } from "@atomic-agents/flow";
import { statSync } from "node:fs";
import type { Problem } from "../files/problem.ts";
import type { TextDocument } from "../files/text-document.ts";
import type { Project } from "../project/project.ts";
import type { FlowFile, FlowStage } from "../schemas/flow-file.ts";
import { checkOutputs } from "./check-outputs.ts";
import { checkSecrets } from "./check-secrets.ts";
import { designOf } from "./design-of.ts";
import { type DocumentPath, FlowReport, type GivenOptions } from "./flow-report.ts";
import { limitedSource } from "./limited-source.ts";
import { loadAhead } from "./load-ahead.ts";
import { planAgent } from "./plan-agent.ts";
import { planBatch } from "./plan-batch.ts";
import { planFilter, planMap, planSplit } from "./plan-function.ts";
import { planJoin } from "./plan-join.ts";
import { planLookup } from "./plan-lookup.ts";
import { planDeduplicate } from "./plan-deduplicate.ts";
import { planAggregate, planSort } from "./plan-operator.ts";
import { reportOwnFile } from "./own-file.ts";
import { type OutputPlan, planOutput } from "./plan-output.ts";
import { planSource, type SourcePlan } from "./plan-source.ts";
import type { PlanContext, SinkOf, StagePlan } from "./plan-stage.ts";
import { planProfile } from "./plan-profile.ts";
import { planSql } from "./plan-sql.ts";
import { planRedact } from "./plan-redact.ts";
import { planTransform } from "./plan-transform.ts";
import { planValidate } from "./plan-validate.ts";
import { planWindow } from "./plan-window.ts";
import { brokenRecords, documentOf, type RecordType } from "./record-type.ts";

/** How a flow file is looked at. */
export interface PlanOptions extends Omit<PlanContext, "report"> {
  /** The flow's name, where the file gives none. */
  readonly name: string;
  /** Whether what cannot be proved is an error. */
  readonly isStrict: boolean;
  /** In the place of what the file says: absolute paths, or "-" for the standard streams. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly deadLetters?: string | undefined;
  /** Files that need not be there yet, because other flows write them: absolute paths. */
  readonly madeElsewhere: ReadonlySet<string>;
  /** The ways to keys that are not known, which have been told. */
  readonly misspelt?: readonly DocumentPath[] | undefined;
}

/** A flow file, looked at: what is wrong with it, and what it makes where nothing is. */
export interface FlowPlan {
  readonly name: string;
  readonly description: string | undefined;
  /** Errors and warnings. */
  readonly problems: readonly Problem[];
  readonly source: SourcePlan | undefined;
  /** What the tees give to, then the sink. */
  readonly outputs: readonly OutputPlan[];
  /** The file that it names for its dead letters: an absolute path. */
  readonly deadLetters: string | undefined;
  /** The flow without its sink; undefined where a problem is an error. */
  readonly make: ((sinkOf: SinkOf, limit: number | undefined) => Flow<unknown>) | undefined;
}

/** Looks at a flow file whose shape has been checked: loads what it names, and types each stage by those before it. */
export async function planFlow(document: TextDocument, options: PlanOptions): Promise<FlowPlan> {
  // Its shape has been checked.
  const file = document.value as FlowFile;
  const { name = options.name, description } = file;
  const report = new FlowReport(document, options.isStrict, givenOf(options));
  const context: PlanContext = { ...options, report };
  const named = (file.stages ?? []).filter((stage) => !isProfile(options.project, stage));
  const agents = named.flatMap((stage) => agentOf(stage) ?? []);
  await loadAhead(options.project, agents, options.moduleOptions);
  await checkSecrets(context, agents);

  const source = await planSource(context, file.source, options);
  const stages: StagePlan[] = [];
  let records = source?.records ?? brokenRecords;
  for (const [index, stage] of (file.stages ?? []).entries()) {
    const path = ["stages", index];
    const planned = hasMisspelt(options, path)
      ? { records: brokenRecords }
      : await planStage(context, stage, path, records, options);
    stages.push(planned);
    records = planned.records;
  }
  const sink = await planOutput(context, file.sink, ["sink"], records, options.output);
  const outputs = [...stages.map(({ output }) => output), sink].filter((output) => output !== undefined);
  const deadLetters = planDeadLetters(context, file, options);
  const letters =
    deadLetters === undefined
      ? undefined
      : { file: deadLetters, label: options.deadLetters ?? file.deadLetters ?? deadLetters };
  const reads = [source, ...stages.map((stage) => stage.reads)].filter((each) => each !== undefined);
  checkOutputs(report, reads, outputs, letters);
  for (const { path } of reads.filter(({ isStdin }) => isStdin === true).slice(1)) {
    report.error(path ?? [], {
      code: "wrong-value",
      message: "Standard input is what another source of the flow reads already",
      hint: "It can be read once: have one of them read a file.",
    });
  }

  const { problems } = report;
  const isSound = !problems.some(({ severity }) => severity === "error");
  const loaded = stages.map((stage) => stage.design);
  const design = designOf(file, source && documentOf(source.declared ?? source.records), loaded);
  const make = (sinkOf: SinkOf, limit: number | undefined): Flow<unknown> => {
    if (source === undefined) throw new Error("unreachable: a sound flow has a source");
    const records = source.make();
    const begun = flow(limit === undefined ? records : limitedSource(records, limit), {
      name,
      design,
      onError: source.onError,
    });
    return stages.reduce<Flow<unknown>>(
      (made, { add }) => add?.(made, sinkOf) ?? made,
      // Stages check their records themselves.
      begun as Flow<unknown>,
    );
  };
  return { name, description, problems, source, outputs, deadLetters, make: isSound ? make : undefined };
}

/** What was given in the place of what the file says, by the file's keys. */
function givenOf({ input, output, deadLetters }: PlanOptions): GivenOptions {
  return {
    source: input === undefined ? undefined : "input",
    sink: output === undefined ? undefined : "output",
    deadLetters: deadLetters === undefined ? undefined : "deadLetters",
  };
}

/** Whether a stage is the short form of `{ profile: true }`: a project's own agent of the name goes before it. */
function isProfile({ agents, pipelines }: Project, stage: AnyStage): stage is "profile" {
  return stage === "profile" && !agents.has(stage) && !pipelines.has(stage);
}

function agentOf(stage: AnyStage): string | undefined {
  if (typeof stage === "string") return stage;
  return "agent" in stage ? stage.agent : undefined;
}

/** Whether a key is misspelt in what is said of a stage: without it nothing is known of the stage. Beside its kind it does no harm. */
function hasMisspelt({ misspelt = [] }: PlanOptions, path: DocumentPath): boolean {
  return misspelt.some(
    (way) => way.length > path.length + 1 && path.every((step, index) => way[index] === step),
  );
}

/** A stage as it is written: an agent's name is one. */
type AnyStage = string | FlowStage;

async function planStage(
  context: PlanContext,
  stage: AnyStage,
  path: DocumentPath,
  before: RecordType,
  options: PlanOptions,
): Promise<StagePlan> {
  const { report } = context;
  if (isProfile(context.project, stage)) return planProfile(report, { profile: true }, path, before);
  if (typeof stage === "string") {
    return planAgent(context, { agent: stage }, { stage: path, name: path }, before);
  }
  if ("agent" in stage) {
    return planAgent(context, stage, { stage: path, name: [...path, "agent"] }, before);
  }
  if ("filter" in stage) return planFilter(report, stage, path, before);
  if ("map" in stage) return planMap(report, stage, path, before);
  if ("split" in stage) return planSplit(report, stage, path, before);
  if ("batch" in stage) return planBatch(stage, before);
  if ("sort" in stage) return planSort(context, stage, path, before);
  if ("aggregate" in stage) return planAggregate(context, stage, path, before);
  if ("window" in stage) return planWindow(report, stage, path, before);
  if ("deduplicate" in stage) return planDeduplicate(context, stage, path, before);
  if ("lookup" in stage) return planLookup(context, stage, path, before, options);
  if ("join" in stage) return planJoin(context, stage, path, before, options);
  if ("sql" in stage) return planSql(context, stage, path, before);
  if ("transform" in stage) return planTransform(report, stage, path, before);
  if ("redact" in stage) return planRedact(context, stage, path, before);
  if ("validate" in stage) return planValidate(context, stage, path, before);
  if ("profile" in stage) return planProfile(report, stage, path, before);
  // A misspelt kind has been told.
  if (!("tee" in stage)) return { records: brokenRecords };
  const output = await planOutput(context, stage.tee, [...path, "tee"], before, undefined);
  if (output === undefined) return { records: before };
  return { records: before, output, add: (made, sinkOf) => made.tee(sinkOf(output)) };
}

function planDeadLetters(context: PlanContext, file: FlowFile, options: PlanOptions): string | undefined {
  const { deadLetters } = options;
  const path = ["deadLetters"];
  const label = deadLetters ?? file.deadLetters;
  if (label === undefined) return undefined;
  try {
    const target = deadLetters ?? context.project.pathOf(label, "output");
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) {
      context.report.error(path, {
        code: "path",
        message: `${JSON.stringify(label)} is a folder, not a file`,
        hint: `Name a file in it, such as ${JSON.stringify(`${label}/${options.name}.jsonl`)}.`,
      });
      return undefined;
    }
    return reportOwnFile(context, target, { label, path }) ? undefined : target;
  } catch (thrown) {
    context.report.thrown(path, thrown, "path");
    return undefined;
  }
}
