import { toAtomicError } from "@atomic-agents/core";
import type { Item } from "../item.ts";
import { promised } from "../promised.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** A node that calls a function of the user's for each item, which has to answer at once. */
export abstract class FunctionNode<TResult> extends Node {
  private readonly call: (record: unknown) => TResult;
  private readonly policy: RecordPolicy;

  constructor(id: string, call: (record: unknown) => TResult, policy: RecordPolicy) {
    super(id);
    this.call = call;
    this.policy = policy;
  }

  override get isFree(): boolean {
    return this.next.isFree;
  }

  override take(item: Item): void {
    this.taken++;
    let result: TResult;
    try {
      result = this.call(item.value);
      if (result instanceof Promise) throw promised(result);
    } catch (thrown) {
      this.refuse(item, thrown);
      return;
    }
    this.goOn(item, result);
  }

  protected abstract goOn(item: Item, result: TResult): void;

  protected refuse(item: Item, thrown: unknown, inputProblem?: string): void {
    const error = toAtomicError(thrown, { stage: this.id, agent: this.id });
    this.dispose(item, error, this.policy, 1, undefined, inputProblem);
  }
}
