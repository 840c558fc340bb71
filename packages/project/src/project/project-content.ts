import type { TextDocument } from "../files/text-document.ts";
import type {
  AgentOfFile,
  ModelsOfFile,
  PipelineOfFile,
  ProjectFile,
  ResourceOfFile,
  SettingsOfFile,
  StageOfFile,
} from "../schemas/project-file.ts";
import type { LocatedProblem } from "../files/located.ts";
import type { TextPath } from "../files/text-node.ts";
import { isObject } from "../schemas/show.ts";

/** One thing of a section: what of it has the right shape, in its long form. */
export interface Named<TValue> {
  readonly name: string;
  readonly path: TextPath;
  /** Undefined where its shape is wrong. */
  readonly value: TValue | undefined;
}

/** A stage in its long form, and where the name of its agent stands. */
interface ReadStage extends StageOfFile {
  readonly path: TextPath;
  readonly agentPath: TextPath;
}

export interface ReadPipeline extends Omit<PipelineOfFile, "stages"> {
  readonly stages: readonly ReadStage[];
}

export interface ReadAgent extends AgentOfFile {
  /** Where the module or built-in agent is named. */
  readonly usePath: TextPath;
}

/** What a project's file says, as far as its shape is right. */
export interface ProjectContent {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly agents: readonly Named<ReadAgent>[];
  readonly pipelines: readonly Named<ReadPipeline>[];
  readonly resources: readonly Named<ResourceOfFile>[];
  /** Undefined where its shape is wrong. */
  readonly models: ModelsOfFile | undefined;
  readonly flows: readonly Named<string>[];
  readonly settings: SettingsOfFile;
  readonly profiles: readonly string[];
}

/** Reads what has the right shape; `wrong` is what has not. */
export function readContent(
  document: TextDocument | undefined,
  wrong: readonly LocatedProblem[],
): ProjectContent {
  const isWrong = (path: TextPath): boolean =>
    wrong.some((each) => path.every((step, index) => each.path[index] === step));
  const root = isObject(document?.value) ? document.value : {};
  // What is not wrong has the type that the schema says.
  const file = root as ProjectFile;

  const section = <TGiven, TValue>(
    key: "agents" | "pipelines" | "resources" | "flows",
    read: (given: TGiven, path: TextPath) => TValue,
  ): readonly Named<TValue>[] => {
    const members = isObject(root[key]) ? root[key] : {};
    return Object.entries(members).map(([name, given]) => {
      const path = [key, name];
      return { name, path, value: isWrong(path) ? undefined : read(given as TGiven, path) };
    });
  };

  return {
    name: isWrong(["name"]) ? undefined : file.name,
    description: isWrong(["description"]) ? undefined : file.description,
    agents: section("agents", readAgent),
    pipelines: section("pipelines", readPipeline),
    resources: section("resources", (given: ResourceOfFile) => given),
    models: isWrong(["models"]) ? undefined : (file.models ?? {}),
    flows: section("flows", (given: string) => given),
    settings: isWrong(["settings"]) ? {} : (file.settings ?? {}),
    profiles: isObject(root["profiles"]) ? Object.keys(root["profiles"]) : [],
  };
}

function readAgent(given: string | AgentOfFile, path: TextPath): ReadAgent {
  return typeof given === "string" ? { use: given, usePath: path } : { ...given, usePath: [...path, "use"] };
}

function readPipeline(given: PipelineOfFile, path: TextPath): ReadPipeline {
  const stages = given.stages.map((stage, index): ReadStage => {
    const at = [...path, "stages", index];
    return typeof stage === "string"
      ? { agent: stage, path: at, agentPath: at }
      : { ...stage, path: at, agentPath: [...at, "agent"] };
  });
  return { ...given, stages };
}
