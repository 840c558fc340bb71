import type { Figures, GroupFigures } from "../aggregation/figures.ts";
import { Gathering } from "../gathering.ts";
import { groupOf } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import { KeyTree } from "./key-tree.ts";
import { MinHeap } from "./min-heap.ts";
import type { WindowRecord } from "./window-record.ts";
import type { Closed, WindowPlace, WindowStore } from "./window-store.ts";

/** Records of one group that follow one another without a gap. */
interface Session {
  readonly keys: readonly KeyValue[];
  /** In which order sessions have appeared; of merged ones that of the first. */
  readonly number: number;
  startMs: number;
  endMs: number;
  /** Its end when it was put on the heap. */
  heapEndMs: number;
  /** Part of another one. */
  isMerged: boolean;
  readonly figures: GroupFigures;
  readonly gathering: Gathering;
}

/** Those of one group, in order; no two touch. */
interface Sessions {
  readonly open: Session[];
}

/** Keeps sessions, which end when no record of their group comes for as long as a gap. */
export class SessionWindows implements WindowStore {
  private readonly stage: string;
  private readonly gapMs: number;
  private readonly figures: Figures;
  private readonly recordOf: WindowRecord;
  private readonly groups = new KeyTree<Sessions>();
  /** Ends may be later than those by which sessions are in order here: they are looked at when they come out. */
  private readonly heap = new MinHeap<Session>(
    (first, second) =>
      first.heapEndMs < second.heapEndMs ||
      (first.heapEndMs === second.heapEndMs && first.number < second.number),
  );
  private openCount = 0;
  private number = 0;

  constructor(stage: string, gapMs: number, figures: Figures, recordOf: WindowRecord) {
    this.stage = stage;
    this.gapMs = gapMs;
    this.figures = figures;
    this.recordOf = recordOf;
  }

  get size(): number {
    return this.openCount;
  }

  get nextEndMs(): number {
    return this.heap.first?.heapEndMs ?? Number.POSITIVE_INFINITY;
  }

  lastEndOf(timeMs: number): number {
    return timeMs + this.gapMs;
  }

  placeFor(timeMs: number, keys: readonly KeyValue[], closedMs: number): WindowPlace | undefined {
    const endMs = timeMs + this.gapMs;
    let sessions = this.groups.get(keys);
    const at = sessions === undefined ? 0 : indexOfEndAfter(sessions.open, timeMs);
    let session = sessions?.open[at];
    if (sessions === undefined || session === undefined || session.startMs >= endMs) {
      if (endMs <= closedMs) return undefined;
      if (sessions === undefined) {
        sessions = { open: [] };
        this.groups.set([...keys], sessions);
      }
      session = this.begin(keys, timeMs, endMs);
      sessions.open.splice(at, 0, session);
    } else {
      if (timeMs < session.startMs) session.startMs = timeMs;
      if (endMs > session.endMs) session.endMs = endMs;
      const next = sessions.open[at + 1];
      if (next !== undefined && next.startMs < session.endMs) {
        session = this.merge(session, next);
        sessions.open.splice(at, 2, session);
      }
    }
    return session;
  }

  private begin(keys: readonly KeyValue[], startMs: number, endMs: number): Session {
    const session: Session = {
      keys: [...keys],
      number: this.number++,
      startMs,
      endMs,
      heapEndMs: endMs,
      isMerged: false,
      figures: this.figures.createGroup(),
      gathering: new Gathering(),
    };
    this.openCount++;
    this.heap.add(session);
    return session;
  }

  /** One session of two that touch, in the place of that which appeared first. */
  private merge(one: Session, other: Session): Session {
    const [into, from] = one.number < other.number ? [one, other] : [other, one];
    into.startMs = Math.min(one.startMs, other.startMs);
    into.endMs = Math.max(one.endMs, other.endMs);
    into.figures.merge(from.figures);
    into.gathering.merge(from.gathering, this.stage);
    from.isMerged = true;
    this.openCount--;
    // Those that are merged would stay until their time has come.
    if (this.heap.size > 2 * this.openCount + 64) this.heap.keep(({ isMerged }) => !isMerged);
    return into;
  }

  takeNext(closedMs: number): readonly Closed[] {
    const { heap } = this;
    for (;;) {
      const session = heap.first;
      if (session === undefined || session.heapEndMs > closedMs) return [];
      heap.take();
      if (session.isMerged) continue;
      if (session.endMs > session.heapEndMs) {
        session.heapEndMs = session.endMs;
        heap.add(session);
        continue;
      }
      return [this.close(session)];
    }
  }

  private close(session: Session): Closed {
    this.openCount--;
    const { keys } = session;
    // A session that is open is among those of its group.
    const { open } = this.groups.get(keys) as Sessions;
    open.splice(open.indexOf(session), 1);
    if (open.length === 0) this.groups.delete(keys);
    return {
      toItem: () => {
        const { startMs, endMs, figures, gathering } = session;
        return groupOf(gathering.toItem(this.recordOf(keys, startMs, endMs, figures)), this.stage);
      },
    };
  }
}

/** The index of the first that ends after a time: as many as there are where none does. */
function indexOfEndAfter(open: readonly Session[], timeMs: number): number {
  let low = 0;
  let high = open.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    // Below its length there is one at each place.
    if ((open[middle] as Session).endMs > timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
