import { configError } from "../config-error.ts";
import { aheadMsOf } from "./iso-time.ts";

/** Where clocks show what. */
export interface TimeZone {
  readonly name: string;
  /**
   * The moment at which clocks show a time, given as if it were of UTC. Of a time that they show twice, because they
   * were put back, the first one; undefined for a time that they skip.
   */
  readonly momentOf: (localMs: number) => number | undefined;
  /** The first moment of a day, whose midnight clocks may skip. */
  readonly startOf: (localMs: number) => number;
}

const dayMs = 86_400_000;
const maxCached = 10_000;

/** The zone of a name such as `Europe/Berlin`, or of an offset such as `+01:00`. @throws AtomicError `CONFIG` */
export function timeZoneOf(what: string, path: string, zone: unknown): TimeZone {
  const expected = "the name of a time zone such as Europe/Berlin, or an offset such as +01:00";
  if (typeof zone !== "string") throw configError(what, path, expected, zone);
  const ahead = aheadMsOf(zone);
  if (ahead !== undefined) {
    return { name: zone, momentOf: (localMs) => localMs - ahead, startOf: (localMs) => localMs - ahead };
  }
  try {
    return new NamedZone(zone);
  } catch {
    throw configError(what, path, expected, zone);
  }
}

class NamedZone implements TimeZone {
  readonly name: string;
  private readonly format: Intl.DateTimeFormat;
  /** At the beginnings of days of UTC. */
  private readonly cache = new Map<number, number>();

  /** @throws RangeError for a name that is none */
  constructor(name: string) {
    this.name = name;
    this.format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  }

  readonly momentOf = (localMs: number): number | undefined => {
    // No zone changes twice within two days.
    const before = this.aheadMsAt(localMs - dayMs);
    const after = this.aheadMsAt(localMs + dayMs);
    const first = localMs - Math.max(before, after);
    if (before === after || this.aheadMsAt(first) === localMs - first) return first;
    const second = localMs - Math.min(before, after);
    return this.aheadMsAt(second) === localMs - second ? second : undefined;
  };

  // By the offset before the change a skipped midnight is the moment of the change.
  readonly startOf = (localMs: number): number =>
    this.momentOf(localMs) ?? localMs - this.aheadMsAt(localMs - dayMs);

  private aheadMsAt(moment: number): number {
    const day = Math.floor(moment / dayMs);
    const ahead = this.aheadMsOf(day);
    // On the few days of a change that may be at any minute.
    return this.aheadMsOf(day + 1) === ahead ? ahead : this.ask(moment);
  }

  private aheadMsOf(day: number): number {
    let ahead = this.cache.get(day);
    if (ahead === undefined) {
      ahead = this.ask(day * dayMs);
      if (this.cache.size >= maxCached) this.cache.clear();
      this.cache.set(day, ahead);
    }
    return ahead;
  }

  private ask(moment: number): number {
    const shown = this.format.formatToParts(moment).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours = "0", minutes = "0", seconds = "0"] =
      /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?/.exec(shown) ?? [];
    const ahead = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    return (sign === "-" ? -ahead : ahead) * 1_000;
  }
}
