import { AtomicError, type Context } from "@atomic-agents/core";
import type { FlowRun } from "../flow-run.ts";
import { close, fate, fixPlace, Item } from "../item.ts";
import { faithfulJson } from "../json-text.ts";
import { Node } from "../nodes/node.ts";
import { showPlace } from "../place.ts";
import { defineSink, type Sink } from "../sink.ts";
import { ItemShelf } from "../sort/item-shelf.ts";
import { temporaryFailure } from "../sort/temporary-failure.ts";
import { TemporaryFile } from "../sort/temporary-file.ts";
import type { FlowSummary } from "../summary.ts";
import type { JoinSettings } from "./join-options.ts";
import type { JoinKeyValue, MatchTable } from "./match-table.ts";
import { keyOf, type OtherRecord, OtherSide, type Portion } from "./other-side.ts";

/** Begins to run the flow of the other side, as part of a run. */
export type StartOther = (sink: Sink<unknown>, ctx: Context) => FlowRun;

/**
 * Reads the other side, then joins each item to what it has there. Where the other side is too large for memory, both
 * sides go to files in parts, and these are joined one after the other when all items have come.
 */
export class JoinNode extends Node {
  private readonly settings: JoinSettings;
  private readonly startOther: StartOther;
  private state: "idle" | "reading" | "joining" | "parting" | "in-parts" | "over" = "idle";
  private other: OtherSide | undefined = undefined;
  private run: FlowRun | undefined = undefined;
  private table: MatchTable | undefined = undefined;
  /** What is read or written. */
  private work: Promise<void> | undefined = undefined;
  /** An item with several matches, which go on one after the other. */
  private several: { readonly item: Item; readonly records: readonly unknown[]; at: number } | undefined =
    undefined;
  private readonly shelf = new ItemShelf();
  private portions: Portion[] = [];
  private blocks: AsyncGenerator<readonly string[]> | undefined = undefined;
  private lines: readonly string[] = [];
  private lineAt = 0;

  constructor(id: string, settings: JoinSettings, startOther: StartOther) {
    super(id);
    this.settings = settings;
    this.startOther = startOther;
  }

  override get isFree(): boolean {
    const takes = this.state === "joining" || this.state === "parting";
    return takes && this.work === undefined && this.several === undefined && this.next.isFree;
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
    if (this.state === "joining" || key === undefined) this.match(item, key);
    else this.putAside(key, item);
  }

  override resume(): boolean {
    if (this.work !== undefined || this.host.hasEnded) return false;
    if (this.state === "idle") {
      this.state = "reading";
      this.begin(() => this.readOther());
      return true;
    }
    let moved = this.goOn();
    if (this.several !== undefined || !this.inputEnded) return moved;
    if (this.state === "parting") {
      this.state = "in-parts";
      this.begin(async () => {
        this.portions = [...((await this.other?.portions()) ?? [])];
      });
      return true;
    }
    if (this.state !== "in-parts") return moved;
    while (this.several === undefined && this.next.isFree && !this.host.hasEnded && this.host.takesTurn()) {
      const line = this.lines[this.lineAt];
      if (line === undefined) {
        if (this.blocks === undefined && this.portions.length === 0) this.state = "over";
        else this.begin(() => this.readOn());
        return true;
      }
      this.lineAt++;
      moved = true;
      this.matchLine(line);
    }
    return moved;
  }

  override async close(): Promise<void> {
    const { run } = this;
    run?.cancel("the flow has ended");
    await run?.summary;
    await this.other?.close();
    await this.work;
  }

  /** Has something be read or written, and goes on when it has been. */
  private begin(work: () => Promise<void>): void {
    const { host } = this;
    this.work = work().then(
      () => {
        this.work = undefined;
        host.wake();
      },
      (thrown: unknown) => {
        this.work = undefined;
        host.fail(this.errorOf(thrown));
      },
    );
  }

  private async readOther(): Promise<void> {
    const { ctx } = this.host;
    const { directory } = this.settings;
    const openFile = () => TemporaryFile.open(directory, `atomic-join-${ctx.runId}`, ctx.clock);
    const other = new OtherSide(this.settings, openFile);
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
    this.state = other.left === undefined ? "joining" : "parting";
  }

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

  /** Has an item wait in a file until its part is joined. */
  private putAside(key: JoinKeyValue, item: Item): void {
    let text: string;
    try {
      text = faithfulJson(item.value);
    } catch (thrown) {
      this.refuse(item, thrown);
      return;
    }
    fixPlace(item);
    const writing = this.other?.addLeft(key, `${this.shelf.pack(item)}\t${text}`);
    if (writing !== undefined) this.begin(() => writing);
  }

  /** Reads the next lines, of the next part where this one has no more. */
  private async readOn(): Promise<void> {
    const { other } = this;
    const portion = this.blocks === undefined ? this.portions.pop() : undefined;
    if (portion !== undefined && other !== undefined) {
      const loaded = await other.load(portion);
      if ("length" in loaded) {
        this.portions.push(...loaded);
        return;
      }
      this.table = loaded;
      this.blocks = portion.left.read(portion.index);
    }
    const next = await this.blocks?.next();
    this.lineAt = 0;
    this.lines = next?.done === false ? next.value : [];
    if (next?.done !== false) this.blocks = undefined;
  }

  private matchLine(line: string): void {
    const { key, rest } = keyOf(line);
    const valueAt = rest.indexOf("\t") + 1;
    const item = this.shelf.unpack(rest.slice(0, valueAt - 1), JSON.parse(rest.slice(valueAt)));
    this.match(item, key);
  }

  private match(item: Item, key: JoinKeyValue): void {
    const { type, maxMatches } = this.settings;
    const found = this.table?.find(key);
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
