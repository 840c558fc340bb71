import type { AtomicError } from "@atomic-agents/core";

/** The error of a record with its stage as a run of the agent by itself would have it. */
export function asOwnRun(error: AtomicError, stageId: string): AtomicError {
  const { stage } = error;
  if (stage === stageId) return error.with({ stage: undefined });
  return stage?.startsWith(`${stageId}/`) === true
    ? error.with({ stage: stage.slice(stageId.length + 1) })
    : error;
}

/** A text that begins with where it was, with the stage as a run of the agent by itself would have it. */
export function asOwnText(text: string, { agent, stage }: AtomicError, own: AtomicError): string {
  const where = `Agent "${agent}" at stage "${stage}"`;
  if (stage === own.stage || !text.startsWith(where)) return text;
  const ownWhere = own.stage === undefined ? `Agent "${agent}"` : `Agent "${agent}" at stage "${own.stage}"`;
  return `${ownWhere}${text.slice(where.length)}`;
}
