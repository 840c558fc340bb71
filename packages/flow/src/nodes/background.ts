import type { Host } from "./node.ts";

/** What a node waits for outside of the process, one thing at a time. */
export class Background {
  private work: Promise<void> | undefined = undefined;

  get isBusy(): boolean {
    return this.work !== undefined;
  }

  /** Begins something; when it has ended the flow is moved on. `failed` is told what it throws. */
  begin(host: Host, work: () => Promise<void>, failed: (thrown: unknown) => void): void {
    this.work = work().then(
      () => {
        this.work = undefined;
        host.wake();
      },
      (thrown: unknown) => {
        this.work = undefined;
        failed(thrown);
        host.wake();
      },
    );
  }

  /** Waits until nothing is going on. */
  async ended(): Promise<void> {
    await this.work;
  }
}
