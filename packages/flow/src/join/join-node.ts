import { AtomicError, type Context } from "@atomic-agents/core";
import type { FlowRun } from "../flow-run.ts";
import { close, fate, fixPlace, Item } from "../item.ts";
import { faithfulJson } from "../json-text.ts";
import { Background } from "../nodes/background.ts";
import { Node } from "../nodes/node.ts";
import { showPlace } from "../place.ts";
import { defineSink, type Sink } from "../sink.ts";
import { ItemShelf } from "../sort/item-shelf.ts";
import { temporaryFailure } from "../sort/temporary-failure.ts";
import { TemporaryFile } from "../sort/temporary-file.ts";
import type { FlowSummary } from "../summary.ts";
import type { Matched } from "./aside.ts";
import type { JoinSettings } from "./join-options.ts";
import type { JoinKeyValue, MatchTable } from "./match-table.ts";
import { type OpenAside, type OtherRecord, OtherSide } from "./other-side.ts";
import { OverflowAside } from "./overflow-aside.ts";
import { PartedAside } from "./parted-aside.ts";

/** Begins to run the flow of the other side, as part of a run. */
export type StartOther = (sink: Sink<unknown>, ctx: Context) => FlowRun;

/**
 * Reads the other side, then joins each item to what it has there. Where the other side is too large for memory, both
 * sides are put aside, and joined when all items have come.
 */
export class JoinNode extends Node {
  private readonly settings: JoinSettings;
  private readonly startOther: StartOther;
  private state: "idle" | "reading" | "joining" | "putting-aside" | "reading-back" | "over" = "idle";
  private other: OtherSide | undefined = undefined;
  private run: FlowRun | undefined = undefined;
  private table: MatchTable | undefined = undefined;
  /** What is read or written. */
  private readonly background = new Background();
  /** An item with several matches, which go on one after the other. */
  private several: { readonly item: Item; readonly records: readonly unknown[]; at: number } | undefined =
    undefined;
  private readonly shelf = new ItemShelf();
  /** What has come back. */
  private page: readonly Matched[] = [];
  private at = 0;

  constructor(id: string, settings: JoinSettings, startOther: StartOther) {
    super(id);
    this.settings = settings;
    this.startOther = startOther;
  }

  override get isFree(): boolean {
    const takes = this.state === "joining" || this.state === "putting-aside";
    return takes && !this.background.isBusy && this.several === undefined && this.next.isFree;
  }

  override get isEmpty(): boolean {
    if (this.several !== undefined) return false;
    return this.state === "joining" || this.state === "over";
  }

  override take(item: Item): void {
    this.taken++;
    let key: JoinKeyValue;
    try {
      key = this.settings.leftKey(item.value);
    } catch (thrown) {
      this.refuse(item, thrown);
      return;
    }
    if (this.state === "joining") this.match(item, key, this.table?.find(key));
    else if (key === undefined && this.other?.aside?.keepsOrder !== true) this.match(item, key, undefined);
    else this.putAside(key, item);
  }

  override resume(): boolean {
    if (this.background.isBusy || this.host.hasEnded) return false;
    if (this.state === "idle") {
      this.state = "reading";
      this.begin(() => this.readOther());
      return true;
    }
    let moved = this.goOn();
    if (this.several !== undefined || !this.inputEnded) return moved;
    if (this.state === "putting-aside") this.state = "reading-back";
    if (this.state !== "reading-back") return moved;
    while (this.several === undefined && this.next.isFree && !this.host.hasEnded && this.host.takesTurn()) {
      const matched = this.page[this.at];
      moved = true;
      if (matched === undefined) {
        this.begin(() => this.readBack());
        return true;
      }
      this.at++;
      const { key, rest, found } = matched;
      this.match(this.itemOf(rest), key, found);
    }
    return moved;
  }

  override async close(): Promise<void> {
    const { run } = this;
    run?.cancel("the flow has ended");
    await run?.summary;
    await this.other?.close();
    await this.background.ended();
  }

  /** Has something be read or written, and goes on when it has been. */
  private begin(work: () => Promise<void>): void {
    const { host } = this;
    this.background.begin(host, work, (thrown) => host.fail(this.errorOf(thrown)));
  }

  private async readOther(): Promise<void> {
    const { ctx } = this.host;
    const other = new OtherSide(this.settings, this.openAside);
    this.other = other;
    let failure: AtomicError | undefined;
    const write = async (entries: readonly OtherRecord[]): Promise<void> => {
      try {
        await other.add(entries);
      } catch (thrown) {
        failure = this.errorOf(thrown instanceof TypeError ? notKept(thrown) : thrown);
        throw failure;
      }
    };
    const sink = defineSink<unknown, OtherRecord>({
      name: this.id,
      encode: other.entryOf,
      open: () => ({ write }),
    });
    this.run = this.startOther(sink, ctx);
    const summary = await this.run.summary;
    const error = failure ?? this.problemOf(summary);
    if (error !== undefined) throw error;
    await other.finish();
    const { read, delivered, filtered } = summary;
    ctx.log.info(`Stage "${this.id}" has read the other side`, { read, delivered, filtered });
    this.table = other.table;
    this.state = other.aside === undefined ? "joining" : "putting-aside";
  }

  private readonly openAside: OpenAside = async ({ maxKept, isTooLarge }) => {
    const { runId, clock, signal } = this.host.ctx;
    const { past, directory } = this.settings;
    if (past !== undefined) {
      const what = `flow.join, stage "${this.id}"`;
      const sides = past["~overflow"].openSides({ what, clock, signal }, maxKept - 1);
      return new OverflowAside(sides, maxKept);
    }
    const openFile = () => TemporaryFile.open(directory, `atomic-join-${runId}`, clock);
    const aside = new PartedAside({ openFile, maxKept, isTooLarge });
    await aside.open();
    return aside;
  };

  /** Why the other side is not whole; undefined when it is. */
  private problemOf({ status, error, deadLettered, deadLetters }: FlowSummary): AtomicError | undefined {
    if (status === "success") return undefined;
    const side = `the other side of stage "${this.id}"`;
    if (error !== undefined) {
      return AtomicError.isInstance(error, "CANCELLED")
        ? error
        : new AtomicError("EXECUTION", `Could not read ${side}: ${error.message}`, {
            details: { thrown: error.message },
            cause: error,
            hint: error.hint,
            retryable: error.retryable,
          });
    }
    const [first] = deadLetters;
    const message = first?.error.message ?? "";
    const place = first === undefined ? "" : showPlace(first);
    // What cannot be read says itself where it is.
    const placed = first?.file === undefined || message.startsWith(place) ? message : `${place}: ${message}`;
    const records = deadLettered === 1 ? "1 record" : `${deadLettered} records`;
    return new AtomicError("EXECUTION", `${records} of ${side} failed: ${placed}`, {
      details: { thrown: "dead letters of the other side" },
      cause: first?.error,
      retryable: false,
      hint: 'Correct them, or have the other side leave them out: onError: "drop" there.',
    });
  }

  /** Has an item wait elsewhere until it is joined. */
  private putAside(key: JoinKeyValue, item: Item): void {
    let text: string;
    try {
      text = faithfulJson(item.value);
    } catch (thrown) {
      this.refuse(item, thrown);
      return;
    }
    fixPlace(item);
    const writing = this.other?.aside?.addLeft(key, `${this.shelf.pack(item)}\t${text}`);
    if (writing !== undefined) this.begin(() => writing);
  }

  /** Has what was put aside come back, a page at a time. */
  private async readBack(): Promise<void> {
    const page = await this.other?.aside?.read();
    this.at = 0;
    this.page = page ?? [];
    if (page === undefined) this.state = "over";
  }

  private itemOf(rest: string): Item {
    const valueAt = rest.indexOf("\t") + 1;
    return this.shelf.unpack(rest.slice(0, valueAt - 1), JSON.parse(rest.slice(valueAt)));
  }

  private match(item: Item, key: JoinKeyValue, found: readonly unknown[] | undefined): void {
    const { type, maxMatches } = this.settings;
    if (type === "semi" || type === "anti") {
      if ((found !== undefined) === (type === "semi")) this.give(item);
      else this.leaveOut(item);
      return;
    }
    if (found === undefined && type === "inner") {
      this.leaveOut(item);
      return;
    }
    const problem = this.problemOfRecord(item.value);
    if (problem !== undefined) this.refuse(item, problem);
    else if (found === undefined) {
      item.value = this.merged(item.value, null);
      this.give(item);
    } else if (found.length > maxMatches) this.refuse(item, this.tooMany(String(key)));
    else if (found.length === 1) {
      item.value = this.merged(item.value, found[0]);
      this.give(item);
    } else {
      this.several = { item, records: found, at: 0 };
      this.goOn();
    }
  }

  /** Gives matches of an item as long as there is room; true when something moved. */
  private goOn(): boolean {
    let moved = false;
    while (this.several !== undefined && this.next.isFree && !this.host.hasEnded && this.host.takesTurn()) {
      const { several } = this;
      const { item, records } = several;
      item.open++;
      const part = new Item(this.merged(item.value, records[several.at]), item);
      several.at++;
      // Before the last goes on: that may bring the next item.
      if (several.at === records.length) this.several = undefined;
      this.give(part);
      if (several.at === records.length) close(item, fate.filtered, this.host);
      moved = true;
    }
    return moved;
  }

  private merged(record: unknown, found: unknown): unknown {
    // It has been looked at before.
    return { ...(record as object), [this.settings.as]: found };
  }

  private problemOfRecord(record: unknown): TypeError | undefined {
    const { as, replace } = this.settings;
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      return new TypeError("it is no object, so that nothing can be put under a key of it");
    }
    if (replace || !Object.hasOwn(record, as)) return undefined;
    return new TypeError(`it has a key ${JSON.stringify(as)} already: give as another name, or say replace`);
  }

  private tooMany(key: string): AtomicError<"EXECUTION"> {
    const { maxMatches } = this.settings;
    const shown = JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}…` : key);
    return new AtomicError("EXECUTION", `The key ${shown} has more than ${maxMatches} matches`, {
      stage: this.id,
      agent: this.id,
      details: { thrown: "too many matches" },
      retryable: false,
      hint: "Is the other side unique by this key? Deduplicate or aggregate it before, or raise maxMatches.",
    });
  }

  private refuse(item: Item, thrown: unknown): void {
    this.dispose(item, this.errorOf(thrown), this.settings.onError);
  }

  private errorOf(thrown: unknown): AtomicError {
    return temporaryFailure(thrown, this.id, this.settings.directory);
  }
}

/** @param thrown why a record of the other side cannot be written down */
function notKept({ message }: TypeError): AtomicError<"EXECUTION"> {
  return new AtomicError(
    "EXECUTION",
    `A record of the other side cannot go to a temporary file: ${message}`,
    {
      details: { thrown: message },
      retryable: false,
      hint: "Make JSON of it before, or raise maxInMemory, if there is memory for it.",
    },
  );
}
