import { deletePool, insertPool, listPools, type PoolRecord } from "../catalog/pools.ts"
import { EngineError } from "../errors.ts"
import type { PoolSettings } from "../storage/port.ts"
import type { Engine } from "./engine.ts"

/** What a person asks for; the best driver this machine offers unless one is named. */
export interface PoolRequest {
  name: string
  driver?: string | undefined
  device?: string | undefined
  sizeBytes?: number | undefined
}

/** Makes a pool and opens it. A pool that can't be opened is not kept. */
export async function addPool(engine: Engine, { name, driver, device, sizeBytes }: PoolRequest): Promise<PoolRecord> {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    throw new EngineError("invalid_request", `"${name}" can't be a pool's name.`, { action: "Use lower-case letters, digits and dashes, 32 at most.", faults: [{ pointer: "/name", message: "lower-case letters, digits and dashes, 32 at most" }] })
  }
  const settings: PoolSettings = { driver: await chooseDriver(engine, driver), ...(device !== undefined && { device }), ...(sizeBytes !== undefined && { sizeBytes }) }
  if (!(await insertPool(engine.catalog, name, settings))) throw new EngineError("name_taken", `There is a pool called "${name}".`)
  try {
    await engine.pools.open(name, settings)
  } catch (thrown) {
    await deletePool(engine.catalog, name)
    throw thrown
  }
  return thePool(engine, name)
}

export async function thePool(engine: Engine, name: string): Promise<PoolRecord> {
  const found = (await listPools(engine.catalog)).find((pool) => pool.name === name)
  if (!found) throw new EngineError("not_found", `There is no pool "${name}".`)
  return found
}

/** The pool named, else the only one, else `default`. */
export async function choosePool(engine: Engine, name: string | undefined): Promise<string> {
  if (name !== undefined) return (await thePool(engine, name)).name
  const pools = await listPools(engine.catalog)
  const chosen = pools.length === 1 ? pools[0] : pools.find((pool) => pool.name === "default")
  if (!chosen) throw new EngineError("not_found", pools.length === 0 ? "The engine has no pool." : "The engine has several pools and none is called \"default\".", { action: "Make one with `veneer pool create default`, or name one with --pool." })
  return chosen.name
}

async function chooseDriver(engine: Engine, wanted: string | undefined): Promise<string> {
  const offers = await engine.pools.probe()
  const offer = wanted === undefined ? offers.find(({ lacks }) => lacks === undefined) : offers.find(({ driver }) => driver === wanted)
  if (offer && offer.lacks === undefined) return offer.driver
  const said = offers.map(({ driver, lacks }) => `${driver}: ${lacks ?? "usable"}`).join("\n")
  throw new EngineError("driver_unavailable", wanted === undefined ? "No storage driver can be used on this machine." : `The driver "${wanted}" can't be used on this machine${offer ? `: ${offer.lacks}` : ""}.`, { output: said })
}
