import type { AtomicError, Clock } from "@atomic-agents/core";
import type { DeadLetter, LetterEntry } from "../dead-letter.ts";
import { type Item, originOf, stageOfMembers } from "../item.ts";
import type { Failure, Node } from "../nodes/node.ts";
import { TeeNode } from "../nodes/tee-node.ts";
import { hasUncounted, letterBehind, recordsBehind } from "./letter-item.ts";

/** What letters say of the flow that they are of. */
export interface LetterSender {
  readonly name: string;
  /** Asked for when there is a letter. */
  readonly hash: () => string;
  /** The source's name. */
  readonly source: string;
}

/** A record that was not taken from the source. */
export interface RefusedInput {
  readonly input: unknown;
  readonly inputProblem: string | undefined;
  readonly column: number | undefined;
  readonly error: AtomicError;
}

/** Writes down what there is to say of a record that failed. */
export class LetterMaker {
  private readonly sender: LetterSender;
  /** The last one is the flow's sink. */
  private readonly nodes: readonly Node[];
  private hash: string | undefined = undefined;
  /** Set when the run begins. */
  declare run: { readonly id: string; readonly clock: Clock };

  constructor(sender: LetterSender, nodes: readonly Node[]) {
    this.sender = sender;
    this.nodes = nodes;
  }

  /**
   * Of an item that failed at a node, or that has become part of one that did.
   *
   * @param group what it is a member of, where that is what failed
   */
  ofFailure({ node, stage, agent, error, attempts }: Failure, item: Item, group?: Item): DeadLetter {
    const before = letterBehind(item);
    const earlier = before?.stage === stage ? before.attempts : 0;
    return {
      ...this.ofItem(item, before),
      stage,
      agent,
      entry: group === undefined ? this.entryOf(node) : { kind: "stage", id: stageOfMembers(group) },
      input: item.value,
      inputProblem: hasUncounted(item)
        ? "it stands for records of which only their number was kept"
        : undefined,
      error,
      attempts: attempts + earlier,
    };
  }

  ofRefusal(item: Item, { input, inputProblem, column, error }: RefusedInput): DeadLetter {
    const before = letterBehind(item);
    const source = before?.source ?? this.sender.source;
    return {
      ...this.ofItem(item, before),
      column,
      stage: source,
      entry: { kind: "source", id: source },
      input,
      inputProblem,
      error,
      attempts: 0,
    };
  }

  private ofItem(
    item: Item,
    before: DeadLetter | undefined,
  ): Omit<DeadLetter, "stage" | "entry" | "input" | "error" | "attempts"> {
    const { sender, run } = this;
    this.hash ??= sender.hash();
    const ofRun = {
      timestamp: run.clock.timestamp(),
      flow: sender.name,
      flowHash: this.hash,
      runId: run.id,
    };
    const records = recordsBehind(item);
    if (before !== undefined) {
      const { record, source, file, line, byteOffset, runId: redriveOf } = before;
      return { record, records, source, file, line, byteOffset, ...ofRun, redriveOf };
    }
    const { number, file, line, byteOffset, offsets } = originOf(item);
    const offset = offsets === undefined ? byteOffset : offsets.offsetOf(line);
    return {
      record: number,
      records,
      source: sender.source,
      file,
      line: line === 0 ? undefined : line,
      byteOffset: offset < 0 ? undefined : offset,
      ...ofRun,
    };
  }

  private entryOf(node: Node): LetterEntry {
    const { nodes } = this;
    if (node === nodes.at(-1)) return { kind: "sink", id: node.id };
    const tee = nodes.find((one) => one instanceof TeeNode && one.side === node);
    return tee === undefined ? { kind: "stage", id: node.id } : { kind: "tee", id: tee.id };
  }
}
