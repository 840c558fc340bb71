import type { AtomicError, Clock } from "@atomic-agents/core";
import type { DeadLetter, LetterEntry } from "../dead-letter.ts";
import { type Item, originOf, stageOfMembers } from "../item.ts";
import type { Failure, Node } from "../nodes/node.ts";
import { OperatorNode } from "../nodes/operator-node.ts";
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

/** Something that a letter is written of, and the group that it was a member of when it went in. */
export interface LetterPart {
  readonly part: Item;
  readonly group: Item | undefined;
}

/** Writes down what there is to say of a record that failed. */
export class LetterMaker {
  private readonly sender: LetterSender;
  /** The last one is the flow's sink. */
  private readonly nodes: readonly Node[];
  private hash: string | undefined = undefined;
  private count = 0;
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
  ofFailure(failure: Failure, item: Item, group?: Item): DeadLetter {
    const { node, stage, agent, error, attempts, inputProblem } = failure;
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
        : inputProblem,
      error,
      attempts: attempts + earlier,
    };
  }

  /**
   * What letters are written of when a group fails: its members, each as it was when it went in; or the group as it is,
   * where members that go in again would do again what was done: give a tee what it has got, or have an operator make of
   * them what it has made of them already.
   */
  partsOf({ node, item }: Failure): Iterable<LetterPart> {
    const at = this.indexOf(node);
    return this.open(item, undefined, at, this.nodes[at] === node ? at : at + 1);
  }

  /**
   * @param at the index of the node where it failed, or where the group around it was made
   * @param end the index before which a tee would get the members again
   */
  private *open(item: Item, group: Item | undefined, at: number, end: number): Generator<LetterPart> {
    if (item.members === undefined) {
      yield { part: item, group };
      return;
    }
    const { nodes } = this;
    const made = nodes.findIndex(({ id }) => id === stageOfMembers(item));
    const maker = nodes[made];
    const isTeed = nodes.slice(made + 1, end).some((one) => one instanceof TeeNode);
    const isRemade = maker instanceof OperatorNode && !maker.needsAll && made !== at;
    // Of a group of groups that only count their records nothing is left that could go in by itself.
    const isCounted = item.members.some(({ members, wholeCount }) => members !== undefined && wholeCount > 0);
    if ((made !== -1 && (isTeed || isRemade)) || isCounted) {
      yield { part: item, group };
      return;
    }
    for (const member of item.members) yield* this.open(member, item, made, made);
  }

  /** The place of a node, or of the tee that it is the sink of. */
  private indexOf(node: Node): number {
    return this.nodes.findIndex((one) => one === node || (one instanceof TeeNode && one.side === node));
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

  /** Counts a letter that nobody would see. */
  leaveOut(): void {
    this.count++;
  }

  private ofItem(
    item: Item,
    before: DeadLetter | undefined,
  ): Omit<DeadLetter, "stage" | "entry" | "input" | "error" | "attempts"> {
    const { sender, run } = this;
    this.hash ??= sender.hash();
    this.count++;
    const ofRun = {
      letter: this.count,
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
