import { createHash, randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { chmod, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { holds, Validator } from "@veneer/sdk/values"
import { SDK_VERSION } from "@veneer/sdk/version"
import semver from "semver"
import { EngineError } from "../errors.ts"
import { readArchive } from "./archive.ts"
import { manifestSchema } from "./manifest.ts"
import type { InstalledPlugin, Manifest } from "./port.ts"

/** An artifact's folder, or one that is being written. */
const unpacked = /^\.?[0-9a-f]{64}(?:\..*)?$/

const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex")

const invalid = (what: string, detail: { action?: string; cause?: unknown } = {}) => new EngineError("artifact_invalid", `The artifact ${what}.`, detail)

/** Unpacked artifacts, each in a folder named by its digest and never changed. Every OS user may read them. */
export class Store {
  readonly #directory: string
  readonly #validator = new Validator()

  constructor(directory: string) {
    this.#directory = directory
  }

  folder(artifact: string): string {
    return join(this.#directory, artifact)
  }

  /**
   * Checks an artifact without running any of it, and unpacks it; one that is there already is left as it is.
   * @throws EngineError `artifact_invalid`
   */
  async add(packed: Buffer): Promise<InstalledPlugin & { isNew: boolean }> {
    const files = await readArchive(packed)
    const manifest = this.#manifestOf(files)
    checkSums(files, manifest)
    checkSdk(manifest)
    const artifact = sha256(packed)
    return { manifest, artifact, isNew: await this.#unpack(artifact, files) }
  }

  async remove(artifact: string): Promise<void> {
    await rm(this.folder(artifact), { recursive: true, force: true })
  }

  /** Removes every artifact but those named, whole and half ones. */
  async sweep(artifacts: readonly string[]): Promise<void> {
    if (!existsSync(this.#directory)) return
    const left = (await readdir(this.#directory)).filter((name) => unpacked.test(name) && !artifacts.includes(name))
    for (const name of left) await this.remove(name)
  }

  #manifestOf(files: ReadonlyMap<string, Buffer>): Manifest {
    const file = files.get("manifest.json")
    if (!file) throw invalid("has no manifest.json")
    let manifest: unknown
    try {
      manifest = JSON.parse(file.toString("utf8"))
    } catch (cause) {
      throw invalid("has a manifest.json that is not JSON", { cause })
    }
    const faults = this.#validator.faults(manifestSchema, manifest)
    if (holds<Manifest>(manifest, faults)) return manifest
    const what = faults.map(({ pointer, message }) => `${pointer || "it"} ${message}`).join("; ")
    throw new EngineError("artifact_invalid", `The artifact's manifest.json is wrong: ${what}.`, { faults })
  }

  /** Under its own name only when whole, and on the disk before the catalog may say that it is here. False when it was there. */
  async #unpack(artifact: string, files: ReadonlyMap<string, Buffer>): Promise<boolean> {
    const folder = this.folder(artifact)
    if (existsSync(folder)) return false
    await this.#prepare()
    const half = join(this.#directory, `.${artifact}.${randomUUID()}`)
    try {
      for (const [path, content] of files) await this.#write(half, path, content)
      await rename(half, folder)
      await flush(this.#directory)
      return true
    } catch (error) {
      if (existsSync(folder)) return false // another upload of the same was faster
      throw error
    } finally {
      await rm(half, { recursive: true, force: true })
    }
  }

  /** Modes are set apart from creation, so that a strict umask doesn't hide scripts from the users who run them. */
  async #write(half: string, path: string, content: Buffer): Promise<void> {
    const file = join(half, path)
    for (let directory = dirname(path); ; directory = dirname(directory)) {
      await mkdir(join(half, directory), { recursive: true })
      await chmod(join(half, directory), 0o755)
      if (directory === ".") break
    }
    await writeFile(file, content, { flush: true })
    await chmod(file, 0o644)
  }

  /** The plugins' code is in ES modules; Node asks the nearest package file. */
  async #prepare(): Promise<void> {
    await mkdir(this.#directory, { recursive: true })
    await chmod(this.#directory, 0o755)
    const file = join(this.#directory, "package.json")
    await writeFile(file, `{ "type": "module" }\n`)
    await chmod(file, 0o644)
  }
}

/** A directory's own entries reach the disk apart from the files they name. */
async function flush(directory: string): Promise<void> {
  const handle = await open(directory)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function checkSums(files: ReadonlyMap<string, Buffer>, { checksums }: Manifest): void {
  const missing = ["plugin.js", ...Object.keys(checksums)].find((path) => !files.has(path))
  if (missing !== undefined) throw invalid(`has no ${missing}`)
  for (const [path, content] of files) {
    if (path === "manifest.json") continue
    const sum = Object.hasOwn(checksums, path) ? checksums[path] : undefined
    if (sum === undefined) throw invalid(`holds ${path}, which its manifest does not name`)
    if (sum !== sha256(content)) throw invalid(`holds a ${path} that is not the one its manifest names: the checksum differs`)
  }
}

function checkSdk({ id, sdk }: Manifest): void {
  if (semver.validRange(sdk) === null) throw invalid(`asks for the SDK ${JSON.stringify(sdk)}, which is no range of versions`)
  if (semver.satisfies(SDK_VERSION, sdk)) return
  throw invalid(`of ${id} asks for the SDK ${sdk}; this engine has ${SDK_VERSION}`, { action: "Upgrade the engine, or build the plugin with the SDK the engine has." })
}
