import type { RunEvent } from "@atomic-agents/core";
import { streamEvent } from "../wire.ts";
import { eventText } from "./event-text.ts";
import type { OutgoingText } from "./outgoing-text.ts";

/**
 * Writes the events of a run and the drafts of its output, which come by two ways, in the order of their times: a draft
 * after the beginning of the work that has made it, and before its end.
 */
export class RunTeller {
  readonly #text: OutgoingText;
  #hasBegun = false;
  /** One that has come before the beginning of the work; the newest. */
  #draft: string | undefined = undefined;

  constructor(text: OutgoingText) {
    this.#text = text;
  }

  /** Takes an event as JSON; a promise when the caller should take some first. */
  event(type: RunEvent["type"], json: string, number: number): Promise<void> | undefined {
    const room = this.#text.write(eventText(streamEvent.run, json, number));
    if (this.#hasBegun || type === "run-start") return room;
    this.#hasBegun = true;
    const draft = this.#draft;
    this.#draft = undefined;
    return draft === undefined ? room : this.draft(draft);
  }

  /** Takes a draft as JSON; as for `event`. */
  draft(json: string): Promise<void> | undefined {
    if (this.#hasBegun) return this.#text.write(eventText(streamEvent.partial, json));
    this.#draft = json;
    return undefined;
  }
}
