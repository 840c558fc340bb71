import { configError, type Context } from "@atomic-agents/core";
import { checkProvider, type PromptProvider, type PromptRequest } from "./prompt-provider.ts";
import { type ProviderText, providerText } from "./provider-text.ts";

const what = "PromptProviders";

/**
 * An agent's prompt providers, by name. They stand in the prompt in the order in which they were registered.
 *
 * @throws AtomicError `CONFIG` for a provider that is none
 * @example
 * ```ts
 * const providers = new PromptProviders([policies(["Refunds within 30 days."])]);
 * providers.register(currentTime());
 * console.log(providers.list().map(({ name }) => name), providers.has("weather"));
 * // => [ 'policies', 'current-time' ] false
 * ```
 */
export class PromptProviders {
  readonly #providers = new Map<string, PromptProvider>();

  constructor(initial: Iterable<PromptProvider> = []) {
    for (const provider of initial) this.register(provider);
  }

  /** Adds a provider. One that has the same name is replaced, and its place taken. @throws AtomicError `CONFIG` */
  register(provider: PromptProvider): void {
    checkProvider(what, provider);
    this.#providers.set(provider.name, provider);
  }

  /** Gives a provider. @throws AtomicError `CONFIG` for a name that is not there; says which are */
  get(name: string): PromptProvider {
    const provider = this.#providers.get(name);
    if (provider === undefined) throw this.#unknown(name);
    return provider;
  }

  /** Takes a provider away. @throws AtomicError `CONFIG` as `get` */
  unregister(name: string): void {
    if (!this.#providers.delete(name)) throw this.#unknown(name);
  }

  has(name: string): boolean {
    return this.#providers.has(name);
  }

  list(): readonly PromptProvider[] {
    return [...this.#providers.values()];
  }

  copy(): PromptProviders {
    return new PromptProviders(this.list());
  }

  /**
   * Asks all providers at the same time; their texts come in the order of the providers, marked as data.
   *
   * @throws AtomicError `EXECUTION` with the cause when one fails, `TIMEOUT` when one takes too long, `CONFIG` when one
   *   gives no text; whatever `AtomicError` a provider throws itself. All name the provider.
   */
  async texts(ctx: Context, request: PromptRequest = {}): Promise<readonly ProviderText[]> {
    return Promise.all(this.list().map((provider) => providerText(provider, ctx, request)));
  }

  #unknown(name: unknown): Error {
    const names = [...this.#providers.keys()];
    const expected =
      names.length === 0 ? "that of a provider, and there is none" : `one of ${names.join(", ")}`;
    return configError(what, "name", expected, name, "Register the provider first, or correct the name.");
  }
}
