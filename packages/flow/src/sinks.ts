import { type AtomicError, type Context, toAtomicError } from "@atomic-agents/core";
import type { DeadLetter } from "./dead-letter.ts";
import { fate } from "./item.ts";
import type { Host, Node } from "./nodes/node.ts";
import { SinkNode } from "./nodes/sink-node.ts";
import { TeeNode } from "./nodes/tee-node.ts";
import type { Sink, SinkWriter } from "./sink.ts";
import type { FlowSinkSummary } from "./summary.ts";
import { withinLimit } from "./within-limit.ts";

/** The most that one step of closing may take. */
const closeTimeoutMs = 30_000;

/** Where what a flow gives goes: all of it is made safe before any of it is shown. */
export class Sinks {
  /** In the order in which they publish. */
  readonly all: readonly SinkNode[];
  readonly sides: readonly SinkNode[];
  readonly last: SinkNode;
  readonly letters: SinkNode | undefined;

  /** @param nodes of the flow, whose last one is a sink */
  constructor(nodes: readonly Node[], letters: Sink<DeadLetter> | undefined) {
    this.last = nodes.at(-1) as SinkNode;
    this.sides = nodes.filter((node) => node instanceof TeeNode).map(({ side }) => side);
    this.letters = letters === undefined ? undefined : new SinkNode(letters, fate.deadLettered);
    this.all = [...this.sides, this.last, ...(this.letters === undefined ? [] : [this.letters])];
  }

  get arePublished(): boolean {
    return this.all.every(({ isPublished }) => isPublished);
  }

  /** Those that are not nodes of the flow join it as well. */
  join(host: Host): void {
    for (const side of this.sides) side.join(host, undefined);
    this.letters?.join(host, undefined);
  }

  joinRun(runId: string): void {
    for (const sink of this.all) sink.joinRun(runId);
  }

  /** Opens them, as long as the flow goes on; gives why one cannot be. */
  async open({ runId, signal, clock, log, random }: Context, host: Host): Promise<AtomicError | undefined> {
    this.joinRun(runId);
    for (const sink of this.all) {
      let writer: SinkWriter<never>;
      try {
        writer = await sink.open({ runId, signal, clock, log, random });
      } catch (thrown) {
        return sink.failureOf(thrown);
      }
      sink.use(writer);
      if (host.hasEnded) {
        // Whoever closes the sinks came too early to see this one.
        await withinLimit(clock, closeTimeoutMs, async () => writer.discard?.()).catch(() => {});
        return undefined;
      }
    }
    return undefined;
  }

  /** Makes everything safe, then shows it, as long as the flow goes on; gives why that cannot be. */
  async publish({ clock }: Context, host: Host): Promise<AtomicError | undefined> {
    let at = this.last;
    try {
      for (const sink of this.all) {
        at = sink;
        const what = `Making ${JSON.stringify(sink.name)} safe`;
        await withinLimit(clock, closeTimeoutMs, async () => sink.writer.prepare?.(), what);
        if (host.hasEnded) return undefined;
      }
      for (const sink of this.all) {
        at = sink;
        const what = `Publishing ${JSON.stringify(sink.name)}`;
        await withinLimit(clock, closeTimeoutMs, async () => sink.writer.publish?.(), what);
        sink.isPublished = true;
        if (host.hasEnded) return undefined;
      }
    } catch (thrown) {
      const published = this.all.filter(({ isPublished }) => isPublished).map(({ name }) => name);
      return at.failureOf(thrown, published);
    }
    return undefined;
  }

  /** Lets go of what has been written and not shown; of dead letters only where they cannot be kept. Never rejects. */
  async discard(ctx: Context): Promise<void> {
    const { clock, log } = ctx;
    for (const sink of this.all) {
      if (sink.writing !== undefined) {
        const { writing } = sink;
        await withinLimit(clock, closeTimeoutMs, async () => writing).catch(() => {});
      }
      if (sink === this.letters) await keep(sink, ctx);
      // One that was not opened has nothing to discard.
      if (!sink.isPublished && sink.writer !== undefined) {
        await withinLimit(clock, closeTimeoutMs, async () => sink.writer.discard?.()).catch(
          (thrown: unknown) => {
            log.error(`Could not discard what was written to "${sink.name}"`, {
              error: toAtomicError(thrown).message,
            });
          },
        );
      }
    }
  }

  stopTimers(): void {
    for (const sink of this.all) sink.stopTimer();
  }

  summaries(): readonly FlowSinkSummary[] {
    return this.all.map(({ name, written, isPublished }) => ({ name, written, published: isPublished }));
  }
}

/** What failed until then is worth knowing, where its sink can keep it; never rejects. */
async function keep(sink: SinkNode, { clock, log }: Context): Promise<void> {
  if (sink.writer?.keep === undefined || sink.isPublished || sink.isBroken) return;
  try {
    if (sink.isWaiting) sink.flush();
    await withinLimit(clock, closeTimeoutMs, async () => sink.writing);
    if (sink.isBroken) return;
    const keepIt = async (): Promise<boolean> => (await sink.writer.keep?.()) === true;
    sink.isPublished = await withinLimit(clock, closeTimeoutMs, keepIt);
  } catch (thrown) {
    log.error("Could not keep the dead letters", { error: toAtomicError(thrown).message });
  }
}
