import { AtomicError, toAtomicError } from "@atomic-agents/core";
import type { Item } from "../item.ts";
import { type KeyValue, nameOfKeys, type ReadKey } from "../keys.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** By what items are alike, with the options filled in. */
export interface DeduplicateSettings {
  readonly by: readonly ReadKey[];
  readonly maxKeys: number;
  readonly onError: RecordPolicy;
}

/** Gives the first of the items that are alike, and leaves out the others. */
export class DeduplicateNode extends Node {
  private readonly settings: DeduplicateSettings;
  /** One value as it is, several as one text. */
  private readonly seen = new Set<KeyValue>();

  constructor(id: string, settings: DeduplicateSettings) {
    super(id);
    this.settings = settings;
  }

  override get isFree(): boolean {
    return this.next.isFree;
  }

  override take(item: Item): void {
    this.taken++;
    const { by, maxKeys, onError } = this.settings;
    let key: KeyValue;
    try {
      const [read] = by;
      key =
        by.length === 1 && read !== undefined
          ? read(item.value)
          : nameOfKeys(by.map((read) => read(item.value)));
    } catch (thrown) {
      this.dispose(item, toAtomicError(thrown, { stage: this.id, agent: this.id }), onError);
      return;
    }
    if (this.seen.has(key)) this.leaveOut(item);
    else if (this.seen.size >= maxKeys) this.host.fail(tooManyKeys(this.id, maxKeys));
    else {
      this.seen.add(key);
      this.give(item);
    }
  }
}

function tooManyKeys(stage: string, maxKeys: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `Stage "${stage}" has more than ${maxKeys} different records`, {
    stage,
    details: { thrown: "too many keys" },
    retryable: false,
    hint: "Tell records apart by keys with fewer values, or raise maxKeys, if there is memory for it.",
  });
}
