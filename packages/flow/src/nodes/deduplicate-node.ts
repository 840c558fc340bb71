import { AtomicError, toAtomicError } from "@atomic-agents/core";
import { Horizon, type HorizonSettings } from "../deduplicate/horizon.ts";
import type { Memory } from "../deduplicate/memory.ts";
import type { Item } from "../item.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** By what items are alike, with the options filled in. */
export interface DeduplicateSettings {
  readonly makeMemory: () => Memory<unknown>;
  /** Undefined where nothing is forgotten. */
  readonly within: HorizonSettings | undefined;
  readonly maxKeys: number;
  readonly onError: RecordPolicy;
}

/** Gives the first of the items that are alike, and leaves out the others. */
export class DeduplicateNode extends Node {
  private readonly settings: DeduplicateSettings;
  private readonly memory: Memory<unknown>;
  /** Made when the first item comes: the clock is that of the run. */
  private horizon: Horizon<unknown> | undefined = undefined;

  constructor(id: string, settings: DeduplicateSettings) {
    super(id);
    this.settings = settings;
    this.memory = settings.makeMemory();
  }

  override get isFree(): boolean {
    return this.next.isFree;
  }

  override take(item: Item): void {
    this.taken++;
    const { memory } = this;
    const { within, maxKeys, onError } = this.settings;
    let mark: unknown;
    try {
      mark = memory.markOf(item.value);
      if (within !== undefined) this.moveTo(item.value, within);
    } catch (thrown) {
      this.dispose(item, toAtomicError(thrown, { stage: this.id, agent: this.id }), onError);
      return;
    }
    if (memory.has(mark)) this.leaveOut(item);
    else if (memory.size >= maxKeys) this.host.fail(tooManyKeys(this.id, maxKeys));
    else {
      memory.add(mark);
      this.horizon?.remember(mark);
      this.give(item);
    }
  }

  private readonly forget = (mark: unknown): void => {
    this.memory.forget(mark);
  };

  /** Forgets what the record is too far from. */
  private moveTo(record: unknown, within: HorizonSettings): void {
    const horizon = (this.horizon ??= new Horizon(within, this.host.ctx.clock));
    horizon.moveTo(record);
    horizon.passOver(this.forget);
  }
}

function tooManyKeys(stage: string, maxKeys: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `Stage "${stage}" has more than ${maxKeys} different records`, {
    stage,
    details: { thrown: "too many keys" },
    retryable: false,
    hint: "Tell records apart by keys with fewer values, forget them with `within`, or raise maxKeys, if there is memory for it.",
  });
}
