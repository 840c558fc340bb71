import { configError } from "@atomic-agents/core";
import { checkText } from "../check-text.ts";
import type { EstimateTokens } from "../tokens/estimate.ts";
import { tokensOfTurn } from "../tokens/tokens-of-messages.ts";
import { checkMessages } from "./check-messages.ts";
import { dumpContent } from "./dump-content.ts";
import type { History } from "./history.ts";
import type { HistoryDump, TurnDump } from "./history-dump.ts";
import type { Message, Turn } from "./message.ts";
import { turnOf } from "./snapshot.ts";

/** What a history is bounded by, and how it counts. */
export interface HistorySettings {
  readonly maxTurns: number | undefined;
  readonly maxTokens: number | undefined;
  readonly estimate: EstimateTokens;
  readonly newId: () => string;
}

const what = "History";

/** The history that `createHistory` makes. */
export class TurnHistory implements History {
  readonly #settings: HistorySettings;
  readonly #initial: readonly Turn[];
  #turns: readonly Turn[];

  constructor(settings: HistorySettings, initial: readonly Turn[], turns: readonly Turn[] = initial) {
    this.#settings = settings;
    this.#initial = initial;
    this.#turns = turns;
    this.#keepLimits();
  }

  get turns(): readonly Turn[] {
    return this.#turns;
  }

  get messages(): readonly Message[] {
    return this.#turns.flatMap(({ messages }) => messages);
  }

  readonly add = (messages: readonly Message[], id: string = this.#settings.newId()): Turn => {
    checkMessages(what, messages);
    checkText(what, "id", id);
    if (this.#turns.some((turn) => turn.id === id)) {
      throw configError(what, "id", "another than those of its turns", id);
    }
    const turn = turnOf(id, messages);
    this.#set([...this.#turns, turn]);
    return turn;
  };

  readonly append = (messages: readonly Message[]): Turn => {
    const last = this.#turns.at(-1);
    if (last === undefined) return this.add(messages);
    checkMessages(what, messages);
    const turn = turnOf(last.id, [...last.messages, ...messages]);
    this.#set([...this.#turns.slice(0, -1), turn]);
    return turn;
  };

  readonly deleteTurn = (id: string): void => {
    if (!this.#turns.some((turn) => turn.id === id)) throw unknownTurn(id, this.#turns);
    this.#turns = Object.freeze(this.#turns.filter((turn) => turn.id !== id));
  };

  readonly reset = (): void => this.#set(this.#initial);

  readonly copy = (): History => new TurnHistory(this.#settings, this.#initial, this.#turns);

  readonly dump = (): HistoryDump => {
    const { maxTurns, maxTokens } = this.#settings;
    return {
      format: "atomic-agents-history-1",
      turns: this.#turns.map(dumpOf),
      initial: this.#initial.map(dumpOf),
      ...(maxTurns !== undefined && { maxTurns }),
      ...(maxTokens !== undefined && { maxTokens }),
    };
  };

  #set(turns: readonly Turn[]): void {
    this.#turns = turns;
    this.#keepLimits();
  }

  /** Drops the oldest turns, whole, until the limits hold. */
  #keepLimits(): void {
    const { maxTurns = Number.POSITIVE_INFINITY, maxTokens, estimate } = this.#settings;
    let first = Math.max(0, this.#turns.length - maxTurns);
    if (maxTokens !== undefined) {
      let tokens = 0;
      for (let index = this.#turns.length - 1; index >= first; index--) {
        const turn = this.#turns[index];
        if (turn !== undefined) tokens += tokensOfTurn(turn, estimate);
        if (tokens > maxTokens) first = index + 1;
      }
    }
    this.#turns = Object.freeze(this.#turns.slice(first));
  }
}

function dumpOf({ id, messages }: Turn): TurnDump {
  return { id, messages: messages.map(dumpOfMessage) };
}

function dumpOfMessage(message: Message): Readonly<Record<string, unknown>> {
  const { content, ...others } = message;
  const dumped = dumpContent(content);
  const calls = message.role === "assistant" ? message.toolCalls : undefined;
  return {
    ...withoutUndefined(others),
    ...(dumped !== undefined && { content: dumped }),
    ...(calls !== undefined && {
      toolCalls: calls.map(({ id, name, input }) => ({ id, name, input: dumpContent(input) ?? null })),
    }),
  };
}

function withoutUndefined(value: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

function unknownTurn(id: string, turns: readonly Turn[]): Error {
  const ids = turns.map((turn) => turn.id);
  const shown = ids.length > 20 ? [...ids.slice(0, 20), `… (${ids.length} in all)`] : ids;
  const expected = ids.length === 0 ? "that of a turn, and there is none" : `one of ${shown.join(", ")}`;
  return configError(what, "id", expected, id);
}
