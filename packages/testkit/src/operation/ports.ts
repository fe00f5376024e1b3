import type { PortRequest } from "@veneer/sdk"
import { coded } from "../hosts/local/user.ts"
import { listeningPorts } from "./listening.ts"

/** Where a free port is looked for unless told: not where engines do, and test processes side by side each in a place of their own. */
const FIRST = 26_000 + (process.pid % 100) * 100
const RANGE = [FIRST, FIRST + 99] as const

/** Hands out TCP ports as the engine does: asked again with the same label, an owner gets the same port. */
export class PortBook {
  readonly #isHere: boolean
  readonly #promised = new Map<string, Map<string, number>>()
  readonly #taken = new Set<number>()
  /** Promised to owners that are gone. */
  readonly released: number[] = []

  /** @param isHere whether ports are of this machine: then one that somebody listens on is not free */
  constructor({ isHere }: { isHere: boolean }) {
    this.#isHere = isHere
  }

  /** @throws with code `port_taken` or `no_free_port` */
  async reserve(owner: string, { label, port, range = RANGE }: PortRequest): Promise<number> {
    const own = this.#promised.get(owner) ?? new Map<string, number>()
    this.#promised.set(owner, own)
    const promised = own.get(label)
    if (promised !== undefined && (port === undefined || port === promised)) return promised
    const found = port === undefined ? await this.#firstFree(range) : await this.#thisVery(port)
    this.#taken.add(found)
    if (this.released.includes(found)) this.released.splice(this.released.indexOf(found), 1)
    own.set(label, found)
    return found
  }

  /** What an owner was promised, by label. */
  of(owner: string): ReadonlyMap<string, number> {
    return this.#promised.get(owner) ?? new Map()
  }

  /** Forgets an owner that is gone. */
  release(owner: string): void {
    for (const port of this.of(owner).values()) {
      this.#taken.delete(port)
      this.released.push(port)
    }
    this.#promised.delete(owner)
  }

  async #thisVery(port: number): Promise<number> {
    if (!(await this.#used()).has(port)) return port
    throw coded("port_taken", `Port ${port} is taken.`, "Choose another port, or leave the parameter out to have one chosen.")
  }

  async #firstFree([from, to]: readonly [number, number]): Promise<number> {
    const used = await this.#used()
    for (let port = from; port <= to; port++) if (!used.has(port)) return port
    throw coded("no_free_port", `No port from ${from} to ${to} is free.`, "Free one, or give a wider range.")
  }

  async #used(): Promise<Set<number>> {
    return new Set([...this.#taken, ...(this.#isHere ? await listeningPorts() : [])])
  }
}
