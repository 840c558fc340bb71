import { type DeadLetter, maxShownLetters } from "../dead-letter.ts";
import { close, fate, Item } from "../item.ts";
import type { Failure, Host } from "../nodes/node.ts";
import type { SinkNode } from "../nodes/sink-node.ts";
import type { LetterMaker } from "./letter-maker.ts";

/** Where dead letters of one run of a flow go: to their sink if there is one, and the first ones into the summary. */
export class LetterBox {
  /** Of all that there were. */
  count = 0;
  readonly shown: DeadLetter[] = [];
  private readonly host: Host;
  private readonly maker: LetterMaker;
  private readonly sink: SinkNode | undefined;

  constructor(host: Host, maker: LetterMaker, sink: SinkNode | undefined) {
    this.host = host;
    this.maker = maker;
    this.sink = sink;
  }

  /** Keeps apart what has failed; of a group each of its members. */
  take(failure: Failure): void {
    const { host, maker } = this;
    const { item } = failure;
    if (item.members === undefined) {
      if (this.sink === undefined && !isTold(this.count + 1)) {
        this.count++;
        maker.leaveOut();
        close(item, fate.deadLettered, host);
      } else this.put(item, maker.ofFailure(failure, item));
      return;
    }
    if (item.members.length === 0 && item.wholeCount === 0) {
      // It was made of no records: there is none to keep apart, and nobody would hear of it.
      host.fail(failure.error);
      return;
    }
    const parts = [...maker.partsOf(failure)];
    for (const { part, group } of parts) {
      this.putPart(item, maker.ofFailure(failure, part, group));
    }
    if (item.wholeCount > 0 && parts[0]?.part !== item) {
      // Nothing is left of the other members but the group: one letter tells of all.
      const others = new Item(item.value, undefined, []);
      others.number = item.number;
      others.wholeCount = item.wholeCount;
      this.putPart(item, maker.ofFailure(failure, others));
    }
    close(item, fate.deadLettered, host);
  }

  /** Puts a letter away, with which the item ends. */
  put(item: Item, letter: DeadLetter): void {
    this.count++;
    const { count, shown, sink, host } = this;
    if (count <= maxShownLetters) shown.push(letter);
    if (isTold(count)) {
      const { record, stage, error } = letter;
      host.ctx.emit("dead-letter", { record, stage, code: error.code, message: error.message });
    }
    if (sink === undefined) close(item, fate.deadLettered, host);
    else sink.put(item, letter);
  }

  /** Of a group, which ends when all its letters are put away, and what else it has become has ended. */
  private putPart(group: Item, letter: DeadLetter): void {
    group.open++;
    this.put(new Item(undefined, group), letter);
  }
}

/** All would be too many for a run's events: the first ones, then ever fewer. */
function isTold(count: number): boolean {
  return count <= maxShownLetters || (count & (count - 1)) === 0;
}
