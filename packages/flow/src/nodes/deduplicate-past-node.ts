import { toAtomicError } from "@atomic-agents/core";
import { Deque } from "../deque.ts";
import type { Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import type { Overflow, OverflowKeys } from "../overflow/overflow.ts";
import { textOfKeys } from "../overflow/stored-values.ts";
import { Background } from "./background.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** By what items are alike, and where keys go for which there is no room in memory. */
export interface DeduplicatePastSettings {
  readonly keysOf: (record: unknown) => readonly KeyValue[];
  readonly maxKeys: number;
  readonly past: Overflow;
  readonly onError: RecordPolicy;
}

/** As many wait at most to be asked after; each time all keys there are looked through. */
const maxWaiting = 32_768;

/**
 * Gives the first of the items that are alike, and leaves out the others. What memory has no room for is asked after elsewhere: as
 * much at a time as has come meanwhile, so that nobody waits for more to come.
 */
export class DeduplicatePastNode extends Node {
  private readonly settings: DeduplicatePastSettings;
  private readonly near = new Set<string>();
  private far: OverflowKeys | undefined = undefined;
  private waiting: { readonly items: Item[]; readonly keys: string[] } = { items: [], keys: [] };
  /** Those that may go on. */
  private readonly line = new Deque<Item>();
  private readonly background = new Background();

  constructor(id: string, settings: DeduplicatePastSettings) {
    super(id);
    this.settings = settings;
  }

  override get isFree(): boolean {
    return this.next.isFree && this.line.length === 0 && this.waiting.items.length < maxWaiting;
  }

  override get isEmpty(): boolean {
    return this.line.length === 0 && this.waiting.items.length === 0 && !this.background.isBusy;
  }

  override take(item: Item): void {
    this.taken++;
    let key: string;
    try {
      key = textOfKeys(this.settings.keysOf(item.value));
    } catch (thrown) {
      const error = toAtomicError(thrown, { stage: this.id, agent: this.id });
      this.dispose(item, error, this.settings.onError);
      return;
    }
    if (this.near.has(key)) this.leaveOut(item);
    else if (this.near.size < this.settings.maxKeys) {
      this.near.add(key);
      this.give(item);
    } else {
      this.waiting.items.push(item);
      this.waiting.keys.push(key);
      this.ask();
    }
  }

  override resume(): boolean {
    let moved = false;
    while (this.line.length > 0 && this.next.isFree && !this.host.hasEnded && this.host.takesTurn()) {
      const item = this.line.shift();
      if (item !== undefined) this.give(item);
      moved = true;
    }
    this.ask();
    return moved;
  }

  override async close(): Promise<void> {
    await this.far?.close();
    await this.background.ended();
  }

  /** Asks after all that wait, unless something is asked already or has not gone on. */
  private ask(): void {
    const { host, id, waiting } = this;
    if (this.background.isBusy || this.line.length > 0 || waiting.items.length === 0 || host.hasEnded) return;
    const { clock, signal } = host.ctx;
    const what = `flow.deduplicate, stage "${id}"`;
    const far = (this.far ??= this.settings.past["~overflow"].openKeys({ what, clock, signal }));
    this.waiting = { items: [], keys: [] };
    const work = async (): Promise<void> => this.letThrough(waiting.items, await far.see(waiting.keys));
    this.background.begin(host, work, (thrown) => {
      if (!host.hasEnded) host.fail(toAtomicError(thrown, { stage: id, agent: id }));
    });
  }

  /** @param places of the first of each kind, in order */
  private letThrough(items: readonly Item[], places: readonly number[]): void {
    if (this.host.hasEnded) return;
    let at = 0;
    for (const [index, item] of items.entries()) {
      if (places[at] === index) {
        this.line.push(item);
        at++;
      } else this.leaveOut(item);
    }
  }
}
