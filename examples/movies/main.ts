/**
 * Runs `movies.flow.yaml`, which cleans a list of films that many hands typed in, and holds what comes out against a loop
 * written by hand. The same from the command line, in this folder: `atomic check`, then `atomic run movies`.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkProject, formatProblem, loadFlow, openProject } from "@atomic-agents/project";
import { type Genre, genresByHand } from "./genres-by-hand.ts";

const directory = import.meta.dirname;
const list = new URL("../data/movies.json", import.meta.resolve("vega-datasets"));
mkdirSync(join(directory, "data"), { recursive: true });
copyFileSync(list, join(directory, "data/movies.json"));
rmSync(join(directory, "out"), { recursive: true, force: true });

const project = await openProject({ directory });
const problems = await checkProject(project, { strict: true });
console.log(problems.length === 0 ? "nothing to complain of" : problems.map(formatProblem).join("\n"));
// => nothing to complain of

const loaded = await loadFlow(project, "movies");
const { status, read, delivered, deadLettered } = await loaded.start().summary;
console.log(`${status}: ${read} films read, ${delivered} written, ${deadLettered} refused`);
// => partial: 3201 films read, 3200 written, 1 refused

for (const { line, error } of readRecords("out/movies.dead-letters.jsonl")) {
  console.log(`line ${String(line)}: ${(error as Error).message}`);
}
// => line 3055: data/movies.json:3055: Title: must be string or number

const mended = readRecords("out/films.jsonl").filter((film) => film["yearWasMended"] === true);
console.log(`${mended.length} films of the future, such as ${String(mended[0]?.["title"])}`);
console.log(`${String(mended[0]?.["title"])} came out on ${String(mended[0]?.["released"])}`);
// => 22 films of the future, such as Duel in the Sun
// => Duel in the Sun came out on 1946-12-31

console.log(readFileSync(join(directory, "out/genres.csv"), "utf8").trim());
// => genre,films,rating,best,grossMillions
// => Documentary,34,7.05,8.4,648
// => Western,35,6.84,8.8,1300
// => Black Comedy,32,6.82,8.2,770
// => Drama,729,6.79,9.2,37036
// => Unknown,228,6.56,9.2,3162
// => Musical,49,6.45,8.3,3516
// => Thriller/Suspense,225,6.37,9.1,18665
// => Adventure,247,6.34,8.9,59091
// => Concert/Performance,4,6.33,8.3,82
// => Action,387,6.13,8.9,57673
// => Romantic Comedy,128,5.88,8.4,11258
// => Comedy,628,5.86,8.5,48280
// => Horror,208,5.67,8.5,12934

const wanted = genresByHand(JSON.parse(readFileSync(list, "utf8")) as readonly Record<string, unknown>[]);
const given = readGenres();
console.log(JSON.stringify(given) === JSON.stringify(wanted) ? "as counted by hand" : { given, wanted });
// => as counted by hand

function readRecords(name: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = readFileSync(join(directory, name), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

function readGenres(): readonly Genre[] {
  const [, ...lines] = readFileSync(join(directory, "out/genres.csv"), "utf8").trim().split("\n");
  return lines.map((line) => {
    const [genre = "", films, rating, best, grossMillions] = line.split(",");
    return {
      genre,
      films: Number(films),
      rating: Number(rating),
      best: Number(best),
      grossMillions: Number(grossMillions),
    };
  });
}
