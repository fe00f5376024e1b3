/** For each state, the states that may follow it. */
export type Transitions<S extends string> = Readonly<Record<S, readonly S[]>>

/** The states from which one may come to `to`: what an update's `where` clause holds the database to. */
export function sourcesOf<S extends string>(transitions: Transitions<S>, to: S): S[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record are its key type
  return (Object.keys(transitions) as S[]).filter((from) => transitions[from].includes(to))
}
