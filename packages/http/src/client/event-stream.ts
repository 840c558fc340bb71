/** An event of a stream of server-sent events. */
export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** A stream that is not what it says. */
export class EventStreamError extends Error {}

/**
 * Reads server-sent events (HTML Living Standard, section 9.2.6) from bytes as they come, cut anywhere. An event is given
 * when the empty line after it has come; one that is cut off at the end is none.
 */
export class EventStreamReader {
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  /** The beginning of a line whose end has not come. */
  #line = "";
  /** The last character was a carriage return: a line feed after it ends no other line. */
  #isAfterReturn = false;
  #name = "";
  #data: string[] = [];
  #length = 0;

  /** @param maxBytes the most that one event may hold, as text */
  constructor(maxBytes: number, onEvent: (event: ServerEvent) => void) {
    this.#maxBytes = maxBytes;
    this.#onEvent = onEvent;
  }

  /** @throws EventStreamError */
  read(bytes: Uint8Array): void {
    let text: string;
    try {
      text = this.#decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw new EventStreamError("the stream is not UTF-8", { cause });
    }
    let from = 0;
    if (this.#isAfterReturn && text.startsWith("\n")) from = 1;
    if (text !== "") this.#isAfterReturn = false;
    for (let at = from; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char !== 10 && char !== 13) continue;
      this.#endLine(this.#line + text.slice(from, at));
      this.#line = "";
      if (char === 13) {
        if (at + 1 === text.length) this.#isAfterReturn = true;
        else if (text.charCodeAt(at + 1) === 10) at++;
      }
      from = at + 1;
    }
    this.#line += text.slice(from);
    if (this.#length + this.#line.length > this.#maxBytes) {
      throw new EventStreamError(`an event is longer than ${this.#maxBytes} characters`);
    }
  }

  #endLine(line: string): void {
    if (line === "") {
      this.#endEvent();
      return;
    }
    const colon = line.indexOf(":");
    // A comment, which keeps the connection open.
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.#name = value;
    if (field !== "data") return;
    this.#data.push(value);
    this.#length += value.length + 1;
    if (this.#length > this.#maxBytes) {
      throw new EventStreamError(`an event is longer than ${this.#maxBytes} characters`);
    }
  }

  #endEvent(): void {
    const name = this.#name;
    const data = this.#data;
    this.#name = "";
    this.#data = [];
    this.#length = 0;
    if (data.length > 0) this.#onEvent({ name: name === "" ? "message" : name, data: data.join("\n") });
  }
}
