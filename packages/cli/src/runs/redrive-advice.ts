import type { FlowStage, FlowStageSummary } from "@atomic-agents/flow";
import { shellWord } from "../output/shell-word.ts";

/** What decides how a run's dead letters can be done again. */
export interface RedriveFacts {
  readonly runId: string;
  readonly stages: readonly FlowStageSummary[];
  /** The flow's own stages, where they are known. */
  readonly design?: readonly FlowStage[] | undefined;
  /** The first letters. */
  readonly letters: readonly { readonly inputProblem?: string | undefined }[];
}

/**
 * The commands that do dead letters again: one for all, or one for each stage of which they can be done, where others
 * cannot. Those that the source could not read cannot, nor those of stages after one that needs all records.
 */
export function redriveCommands({ runId, stages, design = [], letters }: RedriveFacts): readonly string[] {
  const all = `atomic redrive ${runId}`;
  const firstOfAll = design.findIndex(({ needsAll }) => needsAll);
  const beyond = new Set(firstOfAll < 0 ? [] : design.slice(firstOfAll).map(({ id }) => id));
  const failing = stages.filter(({ deadLettered }) => deadLettered > 0).map(({ id }) => id);
  const possible = failing.filter((id) => !beyond.has(id));
  const isMixed = letters.some(({ inputProblem }) => inputProblem !== undefined);
  // What failed elsewhere, such as at the sink, stands after the operator, too.
  if (!isMixed && firstOfAll < 0) return [all];
  if (!isMixed && possible.length === 0) return [];
  return possible.map((id) => `${all} --stage ${shellWord(id)}`);
}
