import type { Answer } from "../answer.ts";
import type { Refusal } from "../refusal-of.ts";
import type { SimulatedRequest } from "../simulated-request.ts";
import type { JsonObject } from "./read-json.ts";

/** A way in which models are asked over HTTP. */
export interface Protocol {
  readonly name: "chat-completions" | "responses" | "messages";
  readonly read: (body: JsonObject) => SimulatedRequest;
  /** An answer that comes as one. */
  readonly whole: (reply: WireReply) => object;
  /** An answer in parts. The one that tells its end is marked; what comes after it says nothing new. */
  readonly events: (reply: WireReply) => Iterable<WireEvent>;
  /** The body of a refusal. */
  readonly failure: (refusal: Pick<Refusal, "words" | "code" | "type">) => object;
  /** A refusal in the middle of an answer. */
  readonly errorEvent: (refusal: Pick<Refusal, "words" | "code" | "type">) => WireEvent;
}

/** An answer, and what a protocol tells around it. */
export interface WireReply extends Answer {
  readonly id: string;
  readonly model: string;
  readonly createdAtSeconds: number;
  /** What the request asks for beside the answer. */
  readonly body: JsonObject;
}

/** An event of a stream. */
export interface WireEvent {
  readonly name?: string;
  readonly data: string;
  readonly isEnd?: boolean;
}
