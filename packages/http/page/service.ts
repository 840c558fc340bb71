import type { OpenApiDocument } from "../src/openapi/build-open-api.ts";

type AgentExtension = NonNullable<OpenApiDocument["tags"][number]["x-atomic-agent"]>;

/** An agent as the page shows it. */
export interface ShownAgent extends AgentExtension {
  readonly name: string;
  readonly description: string;
}

/** The service that this page is a part of. The token is here, and goes with the page. */
export class Service {
  #token = "";

  get hasToken(): boolean {
    return this.#token !== "";
  }

  setToken(token: string): void {
    this.#token = token.trim();
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.hasToken) headers.set("authorization", `Bearer ${this.#token}`);
    // No cookies, and no way elsewhere: the page knows this one service.
    return fetch(urlOf(path), {
      ...init,
      headers,
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
    });
  }
}

/** Relative to the page, so that it works behind a proxy that puts the service under a path. */
export function urlOf(path: string): string {
  return new URL(`.${path}`, document.baseURI).href;
}

export function agentsOf({ tags }: OpenApiDocument): readonly ShownAgent[] {
  return tags.flatMap(({ name, description = "", "x-atomic-agent": extension }) =>
    extension === undefined ? [] : [{ name, description, ...extension }],
  );
}
