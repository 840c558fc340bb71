import { AtomicError } from "@atomic-agents/core";
import { withoutStack } from "../without-stack.ts";
import { isoTime } from "./window-record.ts";

/** Of a record whose windows are closed. */
export function tooLate(
  stage: string,
  timeMs: number,
  windowEndMs: number,
  watermarkMs: number,
  allowedLatenessMs: number,
): AtomicError<"EVENT_TIME"> {
  const [time, windowEnd, watermark] = [timeMs, windowEndMs, watermarkMs].map(isoTime);
  const lateness = allowedLatenessMs === 0 ? "" : `, of which ${allowedLatenessMs} ms are allowed`;
  return withoutStack(
    () =>
      new AtomicError(
        "EVENT_TIME",
        `A record of ${time} came too late: its window ended at ${windowEnd}, ${watermarkMs - windowEndMs} ms before the watermark${lateness}`,
        {
          stage,
          agent: stage,
          details: {
            problem: "late",
            time: time ?? "",
            watermark: watermark ?? "",
            windowEnd: windowEnd ?? "",
          },
          hint: "Raise `outOfOrderMs` or `allowedLatenessMs`; records that are all there, such as those of a file, can be sorted by time before.",
        },
      ),
  );
}

/** Of a record from the future. */
export function tooFarAhead(
  stage: string,
  timeMs: number,
  aheadMs: number,
  maxAheadMs: number,
): AtomicError<"EVENT_TIME"> {
  const time = isoTime(timeMs);
  return withoutStack(
    () =>
      new AtomicError(
        "EVENT_TIME",
        `A record of ${time} is from the future: ${aheadMs} ms ahead of the clock, and ${maxAheadMs} ms are allowed`,
        { stage, agent: stage, details: { problem: "ahead", time } },
      ),
  );
}
