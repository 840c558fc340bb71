import { checkKeys, configError } from "@atomic-agents/core";
import {
  type PromptProvider,
  promptProvider,
  providerKeys,
  type ProviderOptions,
} from "./prompt-provider.ts";

/** What `currentTime` is told. */
export interface CurrentTimeOptions extends ProviderOptions {
  /** A zone of the IANA database such as `Europe/Prague`; `UTC` unless said otherwise. */
  readonly timeZone?: string | undefined;
  /**
   * The finest unit that is told; `minute` unless said otherwise. Providers of models keep prompts that stay the same in
   * their caches, so the coarser it is the cheaper.
   */
  readonly precision?: "day" | "minute" | "second" | undefined;
}

/** How much of `YYYY-MM-DD HH:MM:SS` is told. */
const lengths = { day: 10, minute: 16, second: 19 } as const;

/**
 * Tells the model the time by the run's clock, with the day of the week and the zone.
 *
 * @throws AtomicError `CONFIG` for a zone that there is not, and for wrong options
 * @example
 * ```ts
 * const provider = currentTime({ timeZone: "Europe/Prague", precision: "day" });
 * console.log(provider.name, provider.title); // => current-time Current time
 * ```
 */
export function currentTime(options: CurrentTimeOptions = {}): PromptProvider {
  const what = "currentTime";
  checkKeys(what, options, [...providerKeys, "timeZone", "precision"]);
  const {
    timeZone = "UTC",
    precision = "minute",
    name = "current-time",
    title = "Current time",
    ...others
  } = options;
  if (!Object.hasOwn(lengths, precision)) {
    throw configError(what, "precision", `one of ${Object.keys(lengths).join(", ")}`, precision);
  }
  const format = formatOf(what, timeZone);
  const info: PromptProvider["info"] = ({ clock }) => {
    const parts = new Map(format.formatToParts(clock.timestamp()).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? "";
    const date = `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
    const time = `${part("hour")}:${part("minute")}:${part("second")}`;
    const shown = `${date} ${time}`.slice(0, lengths[precision]);
    const offset = part("timeZoneName").replace("GMT", "UTC");
    return `${part("weekday")}, ${shown}, ${timeZone === "UTC" ? timeZone : `${timeZone} (${offset})`}`;
  };
  return promptProvider({ ...others, name, title, info });
}

function formatOf(what: string, timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "long",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      timeZoneName: "longOffset",
    });
  } catch {
    throw configError(what, "timeZone", "a zone such as Europe/Prague", timeZone);
  }
}
