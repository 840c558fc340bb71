/** One of the events that a server sends. */
export interface StreamedEvent {
  readonly name: string;
  readonly data: string;
}

/** Reads `text/event-stream` as it comes, cut anywhere (WHATWG HTML, 9.2.6). */
export class EventStreamParser {
  #rest = "";
  #name = "";
  #data: string[] = [];

  /** The events that are complete with this piece. */
  push(piece: string): readonly StreamedEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#take(line));
  }

  #take(line: string): readonly StreamedEvent[] {
    if (line === "") {
      const event = { name: this.#name || "message", data: this.#data.join("\n") };
      const isOne = this.#data.length > 0;
      this.#name = "";
      this.#data = [];
      return isOne ? [event] : [];
    }
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
    return [];
  }
}
