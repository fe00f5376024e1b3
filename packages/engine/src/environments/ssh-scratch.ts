import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { basename, dirname, join, relative } from "node:path"
import type { Command, CommandOutcome } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import { shipped } from "../shipped.ts"

/** Runs a command on the host. */
export type RunThere = (command: Command) => Promise<CommandOutcome>

/** A file to be on the host, as bytes, by its path within its folder. */
type Files = ReadonlyMap<string, Buffer>

/** What of an artifact hosts need. */
const SCRIPTS = "scripts"

/** Where an environment's things lie on its host: a folder for each OS user that has some. */
export class Scratch {
  readonly #id: string
  readonly #run: RunThere
  readonly #roots = new Map<string, Promise<string>>()
  readonly #delivered = new Map<string, Promise<string>>()

  /** @param id of letters and digits: the folders are named by it */
  constructor(id: string, run: RunThere) {
    this.#id = id
    this.#run = run
  }

  /** Absolute path of an OS user's folder, which others can go through, but not list. */
  root(user: string): Promise<string> {
    return once(this.#roots, user, async () => (await this.#sh(user, "open")).trim())
  }

  /** Brings a file that ships with the engine to the host. @returns its path there */
  async file(user: string, path: string): Promise<string> {
    const content = await readFile(path)
    const folder = `lib-${createHash("sha256").update(content).digest("hex")}`
    const there = await once(this.#delivered, folder, () => this.#deliver(user, folder, new Map([[basename(path), content]])))
    return join(there, basename(path))
  }

  /**
   * Brings an artifact's scripts to the host, once, and removes those of artifacts that the engine has no more.
   * @param folder where it is unpacked: its name is that of the folder on the host
   */
  artifact(user: string, folder: string): Promise<string> {
    return once(this.#delivered, basename(folder), async () => {
      const there = await this.#deliver(user, basename(folder), filesBelow(folder))
      const known = await readdir(dirname(folder))
      const libraries = [...this.#delivered.keys()].filter((name) => name.startsWith("lib-"))
      await this.#sh(user, "prune", [...known, ...libraries])
      return there
    })
  }

  /** Forgets what it knows to be there: the host may be another, or have been cleaned. */
  forget(): void {
    this.#roots.clear()
    this.#delivered.clear()
  }

  async remove(user: string): Promise<void> {
    await this.#sh(user, "remove")
    this.forget()
  }

  async #deliver(user: string, folder: string, files: Files): Promise<string> {
    const sums = [...files].map(([path, content]) => `${createHash("sha256").update(content).digest("hex")}  ${path}\n`).join("")
    const isWhole = async () => (await this.#sh(user, "check", [folder], sums)).trim() === "whole"
    if (!(await isWhole())) {
      await this.#sh(user, "put", [folder], [...files].map(([path, content]) => `${path}\n${content.toString("base64")}\n`).join(""))
      if (!(await isWhole())) throw new EngineError("file_unusable", `${folder} did not arrive whole in the engine's folder on the host.`, { action: "See that the host's /var/tmp has room, then try again." })
    }
    return `${await this.root(user)}/put/${folder}`
  }

  async #sh(user: string, verb: string, more: readonly string[] = [], stdin?: string): Promise<string> {
    const outcome = await this.#run({ argv: ["bash", "-c", program(), "scratch", verb, this.#name(user), ...more], user, stdin })
    if (outcome.exitCode === 0) return outcome.stdout
    throw new EngineError("file_unusable", `The engine can't keep its folder on the host as ${user}.`, { output: outcome.stderr.trim(), action: "See that /var/tmp is a directory that this user can write, and has room." })
  }

  #name(user: string): string {
    return `veneer-${this.#id}-${user}`
  }
}

let text: string | undefined
const program = () => (text ??= readFileSync(shipped("scratch.sh", "../../../shell/scratch.sh"), "utf8"))

/** One that failed is tried again. */
function once(known: Map<string, Promise<string>>, key: string, make: () => Promise<string>): Promise<string> {
  const found = known.get(key)
  if (found) return found
  const made = make()
  known.set(key, made)
  made.catch(() => known.delete(key))
  return made
}

function filesBelow(folder: string): Files {
  const found = readdirSync(join(folder, SCRIPTS), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(found.map(({ parentPath, name }) => join(parentPath, name)).sort().map((path) => [relative(folder, path), readFileSync(path)]))
}
