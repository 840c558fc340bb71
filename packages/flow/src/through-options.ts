import { type Agent, bindStage, type OnError, type PassPolicy, type Policy } from "@atomic-agents/core";
import { batchAgent, noTimeoutMs } from "./batch/batch-agent.ts";
import { type BatchLimits, checkLimits, limitKeys } from "./batch/batch-options.ts";
import { checkCount, checkKeys, configError } from "./config-error.ts";
import { identityOf } from "./flow-hash.ts";
import { type BatchMapping, BatchThroughNode } from "./nodes/batch-through-node.ts";
import type { Node } from "./nodes/node.ts";
import { OrderedNode, UnorderedNode } from "./nodes/through-node.ts";
import { checkName } from "./source.ts";

/** How an agent is run over records, besides the policy of the stage. */
export interface ThroughSettings {
  /** The stage's id; the agent's name. */
  readonly id?: string | undefined;
  /** How many records are worked on at a time; 16. */
  readonly concurrency?: number | undefined;
  /** Whether outputs come in the order of the records; true. */
  readonly ordered?: boolean | undefined;
}

/** How an agent is run over records. */
export interface ThroughOptions extends Policy, ThroughSettings {}

/** How an agent is run over records, where one that fails goes on as it was. */
export interface PassThroughOptions extends PassPolicy, ThroughSettings {}

/** How an agent is run over batches of records, each of which ends by itself. */
export interface ThroughBatchOptions<TOnError extends OnError = OnError>
  extends Policy<TOnError>,
    ThroughSettings,
    BatchLimits {
  /** How many batches are worked on at a time; 4. */
  readonly concurrency?: number | undefined;
  /** Whether the agent gives an outcome for each record, `{ ok: true, output }` or `{ ok: false, error }`; false. */
  readonly settled?: boolean | undefined;
}

/** What goes on of records that failed. */
export type Passed<TRecord, TOnError> = "pass" extends TOnError ? TRecord : never;

/** What makes a stage with an agent. */
export interface ThroughPart {
  readonly part: {
    readonly id: string;
    readonly kind: "through";
    readonly agent: string;
    readonly design: unknown;
  };
  readonly makeNode: (id: string) => Node;
}

const defaultConcurrency = 16;
const defaultBatchConcurrency = 4;
const ownKeys = ["id", "concurrency", "ordered"];
const policyKeys = ["timeoutMs", "retry", "onError"];

/** What makes a stage that runs an agent over records. @throws AtomicError `CONFIG` */
export function throughPart(
  what: string,
  agent: Agent<never, unknown>,
  options: ThroughOptions,
): ThroughPart {
  checkKeys(what, options, [...ownKeys, ...policyKeys]);
  const { id, concurrency = defaultConcurrency, ordered = true, ...policy } = options;
  checkOwn(what, id, concurrency, ordered);
  // Checks the agent and its policy now rather than when the flow runs.
  const { agent: name } = bindStage(agent, id ?? agent.name, policy);
  return {
    part: { id: id ?? name, kind: "through", agent: name, design: identityOf(agent) },
    makeNode: (unique) => {
      // What comes is checked by the agent's input schema.
      const stage = bindStage(agent as Agent<unknown, unknown>, unique, policy);
      return ordered ? new OrderedNode(stage, concurrency) : new UnorderedNode(stage, concurrency);
    },
  };
}

/** What makes a stage that runs an agent over batches of records. @throws AtomicError `CONFIG` */
export function throughBatchPart(
  what: string,
  agent: Agent<never, unknown>,
  options: ThroughBatchOptions,
  mapping: BatchMapping<never, unknown, never, unknown>,
): ThroughPart {
  checkKeys(what, options, [...ownKeys, "settled", ...limitKeys, ...policyKeys]);
  const { id, concurrency = defaultBatchConcurrency, ordered = true, settled = false } = options;
  const { timeoutMs = noTimeoutMs, retry, onError = "stop" } = options;
  checkOwn(what, id, concurrency, ordered);
  if (typeof settled !== "boolean") throw configError(what, "settled", "true or false", settled);
  const limits = checkLimits(what, options);
  // Checks the agent and its policy now rather than when the flow runs.
  const { agent: name } = bindStage(agent, id ?? agent.name, { timeoutMs, retry, onError });
  const settings = {
    limits,
    concurrency,
    ordered,
    settled,
    onError,
    // It is given what the flow's type says there is.
    mapping: mapping as BatchMapping<unknown, unknown, unknown, unknown>,
  };
  return {
    part: { id: id ?? name, kind: "through", agent: name, design: ["batch", identityOf(agent)] },
    makeNode: (unique) => {
      // What becomes of failed records is decided record by record.
      const stage = bindStage(batchAgent(agent), unique, { timeoutMs, retry });
      return new BatchThroughNode(stage, settings);
    },
  };
}

function checkOwn(what: string, id: unknown, concurrency: number, ordered: unknown): void {
  if (id !== undefined) checkName(what, id);
  checkCount(what, "concurrency", concurrency);
  if (typeof ordered !== "boolean") throw configError(what, "ordered", "true or false", ordered);
}
