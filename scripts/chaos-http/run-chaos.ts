/** Attacks on a service in a process of its own, over real sockets, and what has to hold under all of them. */
import type { ServeOptions } from "@atomic-agents/http";
import { access } from "./attacks/access.ts";
import { heads } from "./attacks/heads.ts";
import { largeBodies } from "./attacks/large-bodies.ts";
import { malformedJson } from "./attacks/malformed-json.ts";
import { oddStrings } from "./attacks/odd-strings.ts";
import { overload } from "./attacks/overload.ts";
import { secrets } from "./attacks/secrets.ts";
import { slowConnections } from "./attacks/slow-connections.ts";
import { slowRecords } from "./attacks/slow-records.ts";
import { smuggling } from "./attacks/smuggling.ts";
import { stop } from "./attacks/stop.ts";
import { streams } from "./attacks/streams.ts";
import {
  type AttackReport,
  canaries,
  Field,
  inEnvironment,
  knownToAgents,
  pause,
  tokens,
  usualOptions,
} from "./field.ts";
import type { Mutant } from "./mutants.ts";
import { exchange } from "./raw.ts";
import { Target, type TargetSettings } from "./target.ts";

export const attacks = {
  "malformed-json": malformedJson,
  "odd-strings": oddStrings,
  smuggling,
  "large-bodies": largeBodies,
  access,
  heads,
  streams,
  secrets,
  "slow-connections": slowConnections,
  "slow-records": slowRecords,
  overload,
  stop,
} as const;
export type AttackName = keyof typeof attacks;

/** The attack that finds out about a mutant. */
export const foundBy: Readonly<Record<Mutant, AttackName>> = {
  "takes-any-length": "large-bodies",
  "takes-any-depth": "large-bodies",
  "lenient-json": "malformed-json",
  "normalises-text": "odd-strings",
  "lenient-http": "smuggling",
  "waits-for-ever": "slow-connections",
  "no-tokens": "access",
  "any-origin": "access",
  "no-shedding": "overload",
  "shows-errors": "secrets",
  "logs-headers": "access",
  crashes: "heads",
  "forgets-keys": "heads",
  "holds-for-non-readers": "streams",
  "records-hold-places": "slow-records",
  "waits-for-lines": "slow-records",
  "any-number-of-records": "slow-records",
  "keeps-half-lines": "slow-records",
  "drops-on-stop": "stop",
  "no-drain-delay": "stop",
  "keeps-alive-while-draining": "stop",
};

export interface ChaosOptions {
  /** Which attacks; all when absent. */
  readonly only?: readonly AttackName[] | undefined;
  readonly mutant?: Mutant | undefined;
  readonly seed: number;
  /** As many of everything as are promised, rather than a few of each. */
  readonly isFull: boolean;
  /** Told when an attack is over. */
  readonly onAttack?: ((name: AttackName, report: AttackReport, tookMs: number) => void) | undefined;
}

export interface Verdict {
  readonly ok: boolean;
  readonly broken: readonly string[];
  readonly mutant: Mutant | null;
  readonly seed: number;
  readonly planned: number;
  readonly applied: number;
  readonly answered: number;
  /** Processes that ended by themselves. */
  readonly crashes: number;
  readonly serverErrors: number;
  /** Connections and requests that were left when an attack was over. */
  readonly leaks: number;
  /** Secrets and stacks that were seen, of so many. */
  readonly sightings: number;
  readonly canaries: number;
  readonly logLines: number;
  /** The worst that others waited for an answer during an attack, of a hundred. */
  readonly p99Ms: number;
  readonly attacks: Readonly<Partial<Record<AttackName, AttackReport>>>;
}

/** Runs the attacks one after the other; never rejects for what the service does. */
export async function runChaos({ only, mutant, seed, isFull, onAttack }: ChaosOptions): Promise<Verdict> {
  const names = only ?? (Object.keys(attacks) as AttackName[]);
  const reports: Partial<Record<AttackName, AttackReport>> = {};
  const broken: string[] = [];
  let crashes = 0;
  let leaks = 0;
  let logLines = 0;
  const startFor = async (
    field: Field | undefined,
    options: ServeOptions,
    more: Partial<TargetSettings> = {},
  ): Promise<Target> => {
    const early: string[] = [];
    const onLine = (line: string): void => {
      logLines++;
      if (current === undefined) early.push(line);
      else current.look(line, "the log");
    };
    let current = field;
    const target = await Target.start({
      serve: options,
      mutant,
      env: { ...knownToAgents, ...inEnvironment },
      onLine,
      ...more,
    });
    started.push(target);
    seenBy.push((next) => {
      current = next;
      for (const line of early.splice(0)) next.look(line, "the log");
    });
    return target;
  };
  const started: Target[] = [];
  const seenBy: ((field: Field) => void)[] = [];
  let target: Target | undefined;
  try {
    for (const [index, name] of names.entries()) {
      const beganMs = performance.now();
      // Those that stop or fill a service have their own.
      target = target === undefined || target.hasExited ? await startFor(undefined, usualOptions) : target;
      const field = new Field(target, isFull, randomOf(seed + index), startFor);
      for (const see of seenBy) see(field);
      const own = started.length;
      try {
        await attacks[name](field);
      } catch (thrown) {
        field.hold(false, `the attack comes to its end: ${String(thrown)}`);
      }
      // What the process has written comes a moment later.
      await pause(50);
      if (target.hasExited) {
        crashes++;
        field.hold(false, "the service is alive afterwards");
      } else {
        const left = await leftBehind(target);
        leaks += left;
        field.hold(left === 0, `nothing is left behind: ${left}`);
      }
      await Promise.all(started.splice(own).map((one) => one.stop()));
      const report = field.report();
      reports[name] = report;
      broken.push(...report.broken.map((what) => `${name}: ${what}`));
      onAttack?.(name, report, performance.now() - beganMs);
    }
  } finally {
    await Promise.all(started.map((one) => one.stop()));
  }
  const all = Object.values(reports);
  const sum = (count: (report: AttackReport) => number): number =>
    all.reduce((total, one) => total + count(one), 0);
  const p99s = all.flatMap(({ figures }) => [figures["othersP99Ms"] ?? 0, figures["healthP99Ms"] ?? 0]);
  return {
    ok: broken.length === 0 && crashes === 0 && leaks === 0,
    broken,
    mutant: mutant ?? null,
    seed,
    planned: sum(({ planned }) => planned),
    applied: sum(({ applied }) => applied),
    answered: sum(({ answered }) => answered),
    crashes,
    serverErrors: sum(({ serverErrors }) => serverErrors),
    leaks,
    sightings: sum(({ sightings }) => sightings),
    canaries: canaries.length,
    logLines,
    p99Ms: Math.max(0, ...p99s),
    attacks: reports,
  };
}

/** Connections and requests that are still there when nobody has any; they may take a moment to end. */
async function leftBehind(target: Target): Promise<number> {
  for (let look = 0; ; look++) {
    const probe = await target.probe();
    if (probe === undefined) return 0;
    const left = probe.openSockets + (await requestsLeft(target));
    if (left === 0 || look === 40) return left;
    await pause(100);
  }
}

async function requestsLeft({ port }: Target): Promise<number> {
  const head = `GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${tokens.user}\r\n`;
  const { answers } = await exchange(port, `${head}connection: close\r\n\r\n`);
  const text = answers[0]?.body.toString() ?? "";
  const gauges = [
    ...text.matchAll(/^atomic_re(?:quests|cords|cord_requests)(?:_in_flight|_queued)?(?:\{[^}]*\})? (\d+)/gm),
  ];
  return gauges.length === 5 ? gauges.reduce((sum, [, count]) => sum + Number(count), 0) : 1;
}

/** Numbers from 0 up to 1, the same ones for the same seed; mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
