import type { FindReference } from "@veneer/sdk/contract"
import type { WantedReference } from "@veneer/sdk/values"
import type { Catalog } from "../catalog/catalog.ts"
import { listDsources } from "../catalog/dsources.ts"
import { findEnvironment, type EnvironmentRecord } from "../catalog/environments.ts"
import { listVdbs } from "../catalog/vdbs.ts"
import { userOf as osUserOf } from "../environments/port.ts"
import type { Engine } from "./engine.ts"

/** So many objects are looked at in one go. */
const PAGE = 1_000

/** Finds what a plugin's parameters refer to, by name or id. */
export function referencesOf(catalog: Catalog): FindReference {
  return async (wanted) => {
    if (wanted.referenceType === "environment") return environmentOf(catalog, wanted)
    return wanted.referenceType === "environmentUser" ? userOf(catalog, wanted) : { problem: `refers to a ${wanted.referenceType}, which this engine does not know` }
  }
}

async function environmentOf(catalog: Catalog, { text, matches }: WantedReference): ReturnType<FindReference> {
  const environment = await findEnvironment(catalog, text)
  if (!environment) return { problem: `names no environment: ${JSON.stringify(text)}` }
  const problem = typeProblem(environment, matches)
  return problem === undefined ? { id: environment.id } : { problem }
}

/** `user` where the environment is told by another property, else `user@environment`; its id is `<environment's id>/<user>`. */
async function userOf(catalog: Catalog, { text, matches }: WantedReference): ReturnType<FindReference> {
  const { user, environment: name = matches["environment"] } = partsOf(text)
  if (name === undefined) return { problem: "does not say of which environment: write user@environment" }
  const environment = await findEnvironment(catalog, name)
  if (!environment) return { problem: `is a user of no environment that there is: ${JSON.stringify(name)}` }
  const wanted = matches["environment"]
  if (wanted !== undefined && (await findEnvironment(catalog, wanted))?.id !== environment.id) return { problem: `must be a user of the environment ${JSON.stringify(wanted)}` }
  const own = osUserOf(environment)
  if (own !== user) return { problem: `names no user of the environment "${environment.name}"; ${own === undefined ? "it has none but the engine's own" : `it has ${own}`}` }
  const problem = typeProblem(environment, matches)
  return problem === undefined ? { id: `${environment.id}/${user}` } : { problem }
}

function partsOf(text: string): { user: string; environment?: string } {
  const [environment = "", user] = text.split("/")
  if (user !== undefined) return { user, environment }
  const at = text.indexOf("@")
  return at === -1 ? { user: text } : { user: text.slice(0, at), environment: text.slice(at + 1) }
}

function typeProblem({ name, kind }: EnvironmentRecord, { hostType }: WantedReference["matches"]): string | undefined {
  const own = hostTypes[kind]
  return hostType === undefined || hostType === own ? undefined : `must be of a ${hostType} host; "${name}" is ${own}`
}

/** What kind of host stands behind each kind of environment. */
const hostTypes: Record<EnvironmentRecord["kind"], string> = { local: "unix", ssh: "unix" }

/** Names of the dSources and VDBs whose parameters refer to an environment or a user of it. */
export async function referringTo(engine: Pick<Engine, "catalog" | "plugins">, environmentId: string): Promise<string[]> {
  const refers = (id: string) => id === environmentId || id.startsWith(`${environmentId}/`)
  const dsources = await everything((page) => listDsources(engine.catalog, page))
  const vdbs = await everything((page) => listVdbs(engine.catalog, page))
  return [
    ...dsources.filter(({ pluginId, parameters }) => engine.plugins.references(pluginId, "linkedSource", parameters).some(refers)),
    ...vdbs.filter(({ pluginId, parameters }) => engine.plugins.references(pluginId, "virtualSource", parameters).some(refers)),
  ].map(({ name }) => name)
}

async function everything<T extends { id: string }>(list: (page: { after?: string | undefined; limit: number }) => Promise<T[]>): Promise<T[]> {
  const items: T[] = []
  for (;;) {
    const page = await list({ after: items.at(-1)?.id, limit: PAGE })
    items.push(...page)
    if (page.length < PAGE) return items
  }
}
