import type { Schemas } from "@veneer/sdk"
import { BrokenPromise } from "./broken-promise.ts"
import type { SourceChoice } from "./options.ts"
import { environmentSubject } from "./subjects.ts"
import type { Take } from "./take.ts"
import type { Value } from "./world.ts"

/** Finds what the host holds, and chooses what is linked. */
export async function discover<S extends Schemas>(take: Take, choice: SourceChoice<S>): Promise<void> {
  const { world } = take.kit
  const repositories = await listed(take, "discovery.repositories", {})
  const found: { repository: Value; sourceConfigs: Value[] }[] = []
  for (const repository of repositories) found.push({ repository, sourceConfigs: await listed(take, "discovery.sourceConfigs", { repository }) })
  const { repository, sourceConfigs } = chosenRepository(found, choice)
  Object.assign(world, { repository, sourceConfigs, sourceConfig: chosenConfig(sourceConfigs, choice) })
}

async function listed(take: Take, operation: string, input: Value): Promise<Value[]> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each was held against its schema, which is one of an object
  return (await take.call(environmentSubject, operation, "discover", input)) as Value[]
}

function chosenRepository<S extends Schemas>(found: readonly { repository: Value; sourceConfigs: Value[] }[], { repository: isMeant = () => true }: SourceChoice<S>) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was held against the schema that this type stands for
  const meant = found.filter(({ repository }) => isMeant(repository as Parameters<typeof isMeant>[0]))
  const one = meant.find(({ sourceConfigs }) => sourceConfigs.length > 0) ?? meant[0]
  if (one) return one
  throw nothing("discovery.repositories", `${found.length} repositories, none of them the one that the test means`)
}

function chosenConfig<S extends Schemas>(found: readonly Value[], { sourceConfig: isMeant = () => true }: SourceChoice<S>): Value {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const one = found.find((sourceConfig) => isMeant(sourceConfig as Parameters<typeof isMeant>[0]))
  if (one) return one
  throw nothing("discovery.sourceConfigs", `${found.length} source configs, none of them the one that the test means`)
}

const nothing = (operation: string, what: string) => new BrokenPromise({
  found: `${operation} found ${what}.`,
  promise: "Discovery finds what the host holds.",
  action: "See what the operation's scripts look for, what the test has put there, and what `source` in its options asks for.",
})
