import { lazyLoad } from "./lazy.ts";

/** What this package asks of the language detector. */
export interface LanguageDetector {
  readonly detect: (text: string) => {
    readonly getScores: () => Readonly<Record<string, number>>;
    readonly isReliable: () => boolean;
  };
}

/** Loads `eld` with its small database on first use (some 0.4 s and 45 MB of heap); shared by all callers. */
export const loadLanguageDetector: () => Promise<LanguageDetector> = lazyLoad(async () => {
  const { eld } = await import("eld/small");
  // An instance of our own: whatever else uses eld in this process may restrict the shared one to a few languages.
  return eld.newInstance();
});
