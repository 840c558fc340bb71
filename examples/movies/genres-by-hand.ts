/** What the flow says of a genre. */
export interface Genre {
  readonly genre: string;
  readonly films: number;
  readonly rating: number;
  readonly best: number;
  readonly grossMillions: number;
}

/** The same as `movies.flow.yaml` counts, in a loop. */
export function genresByHand(movies: readonly Readonly<Record<string, unknown>>[]): readonly Genre[] {
  const groups = new Map<string, { readonly ratings: number[]; gross: number }>();
  for (const movie of movies) {
    const { Title: title, "IMDB Rating": rating, "IMDB Votes": votes, "Worldwide Gross": gross } = movie;
    if (title === null || typeof rating !== "number" || typeof gross !== "number") continue;
    if (typeof votes !== "number" || votes < 100) continue;
    const genre = typeof movie["Major Genre"] === "string" ? movie["Major Genre"] : "Unknown";
    const group = groups.get(genre) ?? { ratings: [], gross: 0 };
    group.ratings.push(rating);
    group.gross += gross;
    groups.set(genre, group);
  }
  const genres = [...groups].map(([genre, { ratings, gross }]) => ({
    genre,
    films: ratings.length,
    rating: Number((ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length).toFixed(2)),
    best: Math.max(...ratings),
    grossMillions: Math.round(gross / 1_000_000),
  }));
  return genres.sort((a, b) => b.rating - a.rating);
}
